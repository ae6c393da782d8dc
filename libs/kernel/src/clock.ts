/** Milliseconds since 1970-01-01T00:00:00Z. JavaScript and `timestamptz(3)` both end at the millisecond. */
export type EpochMs = number;

/** The one source of "now"; a test passes its own. */
export interface Clock {
  now(): EpochMs;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that a test moves by hand. */
export class ManualClock implements Clock {
  constructor(private at: EpochMs) {}

  now(): EpochMs {
    return this.at;
  }

  advance(ms: number): void {
    this.at += ms;
  }

  set(at: EpochMs): void {
    this.at = at;
  }
}
