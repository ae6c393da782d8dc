import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/<pid>/stat on Linux. */
const TICKS_PER_S = 100;

/** Seconds of user and system time so far; 0 where there is no /proc. */
export function processorTimeOf(pid: number | undefined): number {
  try {
    // the name in parentheses may hold spaces: fields are counted from behind it
    const fields =
      readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  } catch {
    return 0; // it ended, or this is no Linux
  }
}

/** The same of a process and of its children that live; PostgreSQL has one for each connection. */
export function processorTimeOfFamily(pid: number): number {
  return processorTimeOf(pid) + childrenOf(pid).reduce((sum, child) => sum + processorTimeOf(child), 0);
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
