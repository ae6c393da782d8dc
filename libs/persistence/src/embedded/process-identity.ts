import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Names a process so that its number, drawn again after its death or after a reboot, is not taken for it.
 * On Linux: boot id and start time in clock ticks (`/proc/<pid>/stat`, field 22); elsewhere what `ps` says of its start.
 * A zombie has ended and has no identity.
 * @returns null when no such process runs
 */
export function processIdentity(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) {
    return null;
  }
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
}

/** Whether the process that had this identity still runs. */
export function isSameProcess(pid: number, identity: string | null): boolean {
  return identity !== null && processIdentity(pid) === identity;
}

/** Waits until the process is gone. @returns false when it still runs after `timeoutMs` */
export async function waitForExit(pid: number, identity: string, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isSameProcess(pid, identity)) {
    if (performance.now() > deadline) {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function linuxIdentity(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) {
    return null;
  }
  return parseProcStat(stat, readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? '');
}

/** Field 2 is the command's name in brackets and may itself hold brackets and blanks; field 3 is the state, field 22 the start. */
export function parseProcStat(stat: string, bootId: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === undefined || startTicks === undefined || state === 'Z' || state === 'X') {
    return null;
  }
  return `${bootId}/${startTicks}`;
}

function psIdentity(pid: number): string | null {
  try {
    const [state, ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    })
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith('Z') ? null : started.join(' ');
  } catch {
    // ps ends with 1 when there is no such process
    return null;
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
