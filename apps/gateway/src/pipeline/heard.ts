import type { ReadingRef } from '#libs/telemetry';

/** What a device has said under its present numbering. */
export interface Heard {
  readonly boot: string;
  readonly last: number;
  /** Numbers below `last` that are still to come: lines of two connections may change places. */
  readonly missing: readonly number[];
}

/** A line that is missing for longer than this many others is taken for lost, and for a repeat should it come yet. */
const MOST_MISSING = 256;

/**
 * A device that numbers its own readings sends again what was not acknowledged, also when it was stored and only the
 * acknowledgement was lost, by a reconnection or a kill. Such a line is told by its number and gives no second reading.
 */
export function hear(
  before: Heard | undefined,
  { boot, sequence }: ReadingRef,
): { readonly isRepeat: true } | { readonly isRepeat: false; readonly heard: Heard } {
  if (before === undefined || before.boot !== boot)
    return { isRepeat: false, heard: { boot, last: sequence, missing: [] } };
  if (sequence > before.last) {
    const skipped = Math.min(sequence - before.last - 1, MOST_MISSING);
    if (skipped === 0) return { isRepeat: false, heard: { ...before, last: sequence } };
    const missing = [...before.missing, ...Array.from({ length: skipped }, (_, i) => sequence - skipped + i)];
    return { isRepeat: false, heard: { boot, last: sequence, missing: missing.slice(-MOST_MISSING) } };
  }
  if (!before.missing.includes(sequence)) return { isRepeat: true };
  return { isRepeat: false, heard: { ...before, missing: before.missing.filter((number) => number !== sequence) } };
}
