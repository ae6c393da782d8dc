import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/<pid>/stat on Linux. */
const TICKS_PER_S = 100;

/** Where user and system time stand behind the name, first the process's own, then that of its children that ended. */
const OWN = [11, 12] as const;
const OWN_AND_ENDED = [...OWN, 13, 14] as const;

/** Seconds of user and system time so far; 0 where there is no /proc. */
export const processorTimeOf = (pid: number | undefined): number => timeIn(pid, OWN);

function timeIn(pid: number | undefined, places: readonly number[]): number {
  try {
    // the name in parentheses may hold spaces: fields are counted from behind it
    const fields =
      readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return places.reduce((sum, place) => sum + Number(fields[place]), 0) / TICKS_PER_S;
  } catch {
    return 0; // it ended, or this is no Linux
  }
}

/** The same of a process and of its children; PostgreSQL has one for each connection, and some for single plans. */
export function processorTimeOfFamily(pid: number): number {
  return timeIn(pid, OWN_AND_ENDED) + childrenOf(pid).reduce((sum, child) => sum + processorTimeOf(child), 0);
}

function childrenOf(parent: number): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => parentOf(pid) === parent);
  } catch {
    return []; // no Linux
  }
}

function parentOf(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return null; // it ended meanwhile
  }
}
