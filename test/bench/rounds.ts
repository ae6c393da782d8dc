import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { BenchResult, Machine } from './contract.js';

/** One side of a comparison. */
export interface Contender {
  readonly who: string;
  readonly version?: string;
  /** Does the work once and returns how many units it did. */
  readonly work: () => number | Promise<number>;
}

export function machine(): Machine {
  const [first] = cpus();
  return { cpu: first?.model.trim() ?? 'unknown', cores: cpus().length, node: process.version };
}

/**
 * Lets each side work once unmeasured, then in `rounds` rounds one after the other, every second round in reverse, so
 * that a machine that slows down or a warm cache favours nobody.
 */
export async function alternate(
  rounds: number,
  unit: string,
  contenders: readonly Contender[],
): Promise<BenchResult[]> {
  const rates = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (const contender of contenders) {
    await contender.work();
  }
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      const began = performance.now();
      const units = await contender.work();
      rates.get(contender)?.push((units / (performance.now() - began)) * 1000);
    }
  }
  return contenders.map((contender) => ({
    ...medianOf(contender.who, unit, rates.get(contender) ?? []),
    ...(contender.version === undefined ? {} : { version: contender.version }),
  }));
}

/** One side's rounds as their median with the spread. */
export function medianOf(
  who: string,
  unit: string,
  values: readonly number[],
): BenchResult & { readonly value: number } {
  const sorted = values.toSorted((a, b) => a - b);
  return { who, value: median(sorted), unit, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function ratioOf(results: readonly BenchResult[], who: string, peer: string): number | 'missing' {
  const ours = results.find((result) => result.who === who)?.value ?? 'missing';
  const theirs = results.find((result) => result.who === peer)?.value ?? 'missing';
  return ours === 'missing' || theirs === 'missing' ? 'missing' : ours / theirs;
}
