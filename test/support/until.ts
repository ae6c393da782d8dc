import { setTimeout as pause } from 'node:timers/promises';

interface Patience {
  readonly everyMs?: number;
  /** Only keeps a broken spec from hanging. */
  readonly withinMs?: number;
  /** Said when it was in vain: the end of a log. */
  readonly log?: () => string;
}

/** Waits for what others bring about. @throws Error naming it */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { everyMs = 10, withinMs = 30_000, log = () => '' }: Patience = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}\n${log()}`);
    await pause(everyMs);
  }
}
