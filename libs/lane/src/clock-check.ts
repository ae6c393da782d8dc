import type { EpochMs } from '#libs/kernel';
import type { Reading } from '#libs/telemetry';

/** How far a live message's own time may lie from its receipt. */
export interface ClockBounds {
  /** Behind: a receiver that comes out of a tunnel or a dead zone sends hours late, never half a day. */
  readonly maxBehindMs: number;
  /** Ahead: nothing is read before it happened; a time zone (8 h here) or a wrong day is a fault. */
  readonly maxAheadMs: number;
}

export const DEFAULT_CLOCK_BOUNDS: ClockBounds = { maxBehindMs: 12 * 3_600_000, maxAheadMs: 10 * 60_000 };

/** null: plausible. Otherwise the sentence for the person who looks at the refused reading. */
export function clockFault({ occurredAt, receivedAt }: Reading, bounds: ClockBounds): string | null {
  const aheadMs = occurredAt - receivedAt;
  if (aheadMs > bounds.maxAheadMs) return `${describe(occurredAt)} is ${aheadMs} ms ahead of its receipt`;
  if (-aheadMs > bounds.maxBehindMs) return `${describe(occurredAt)} is ${-aheadMs} ms behind its receipt`;
  return null;
}

/** A number beyond what a Date holds is shown as it is. */
function describe(at: EpochMs): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at);
}
