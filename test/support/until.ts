import { setTimeout as pause } from 'node:timers/promises';

interface Patience {
  readonly everyMs?: number;
  /** Only keeps a broken spec from hanging. */
  readonly withinMs?: number;
  /** Said when it was in vain: the end of a log. */
  readonly log?: () => string;
}

/** What one look counts for at most: a machine that stood still for a while has let nobody bring anything about. */
const MOST_OF_A_LOOK_MS = 1_000;

/** Waits for what others bring about. @throws Error naming it */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { everyMs = 10, withinMs = 90_000, log = () => '' }: Patience = {},
): Promise<void> {
  let waitedMs = 0;
  for (let before = performance.now(); !(await holds());) {
    if (waitedMs > withinMs) throw new Error(`waited ${withinMs} ms for ${what}\n${log()}`);
    await pause(everyMs);
    const now = performance.now();
    waitedMs += Math.min(now - before, MOST_OF_A_LOOK_MS);
    before = now;
  }
}
