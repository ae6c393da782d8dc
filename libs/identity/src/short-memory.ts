import type { Clock, EpochMs } from '#libs/kernel';

interface Remembered<V> {
  readonly until: EpochMs;
  readonly value: Promise<V>;
  /** Once it is here. */
  known?: V;
}

/** Answers kept for a few seconds, at most `capacity` of them, the oldest going first. A failure is not kept. */
export class ShortMemory<V> {
  private readonly entries = new Map<string, Remembered<V>>();

  constructor(
    private readonly clock: Clock,
    private readonly keepMs: number,
    private readonly capacity: number,
  ) {}

  get(key: string, load: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known !== undefined && known.until > this.clock.now()) return known.value;
    this.entries.delete(key);
    const value = load();
    const entry: Remembered<V> = { until: this.clock.now() + this.keepMs, value };
    this.entries.set(key, entry);
    value.then(
      (loaded) => (entry.known = loaded),
      () => {
        if (this.entries.get(key) === entry) this.entries.delete(key);
      },
    );
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(oldest);
    }
    return value;
  }

  /** Asks anew for what `matches`, and for what is under way: it may have been read before it changed. */
  forget(matches: (value: V) => boolean): void {
    for (const [key, { known }] of this.entries) {
      if (known === undefined || matches(known)) this.entries.delete(key);
    }
  }
}
