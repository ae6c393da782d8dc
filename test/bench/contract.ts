/** What a bench answers; the runner prints it as a table and, as the last line, as JSON. */
export interface BenchReport {
  readonly bench: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly results: readonly BenchResult[];
  /** How many times the first of two sides is the second, by median; 'missing' when a side is. */
  readonly ratios: Readonly<Record<string, number | 'missing'>>;
  /** Sentences for people: what the data were, what was checked. */
  readonly notes: readonly string[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

/** Medians over the rounds with their spread, or a side that could not take part, and why. */
export type BenchResult =
  | {
      readonly who: string;
      readonly value: number;
      readonly unit: string;
      readonly min: number;
      readonly max: number;
      /** Name and version of a peer. */
      readonly version?: string;
    }
  | { readonly who: string; readonly value: 'missing'; readonly unit: string; readonly reason: string };

/** A file of this folder that exports `run` is a bench, called by its name without the ending. */
export interface BenchModule {
  run(): Promise<BenchReport>;
}
