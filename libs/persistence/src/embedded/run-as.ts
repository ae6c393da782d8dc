import { execFileSync, spawnSync } from 'node:child_process';
import { DomainError } from '#libs/kernel';

/** Whose rights PostgreSQL runs with; null: our own. PostgreSQL refuses to run as root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

const CANDIDATES = ['postgres', 'boxtrail'];

export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The system user that PostgreSQL runs under when we are root: `postgres` or `boxtrail`, made when neither is there.
 * @returns null when we are not root
 * @throws DomainError UNAVAILABLE when no such user exists and none can be made
 */
export function findRunAs(): RunAs | null {
  if (!isRoot()) {
    return null;
  }
  for (const name of CANDIDATES) {
    const found = lookUp(name);
    if (found !== null) {
      return found;
    }
  }
  return createSystemUser('boxtrail');
}

/** Whether that user may enter the folder or run the program: each folder above must let them pass, access lists included. */
export function canReach(runAs: RunAs | null, path: string): boolean {
  const test = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    stdio: 'ignore',
    cwd: '/',
    ...ids(runAs),
  });
  return test.status === 0;
}

/** For `spawn`. */
export function ids(runAs: RunAs | null): { uid?: number; gid?: number } {
  return runAs === null ? {} : { uid: runAs.uid, gid: runAs.gid };
}

function lookUp(name: string): RunAs | null {
  try {
    const ask = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim());
    return { uid: ask('-u'), gid: ask('-g'), name };
  } catch {
    // id ends with 1 when there is no such user
    return null;
  }
}

/** shadow's useradd (Debian, Red Hat), else BusyBox's adduser. */
function createSystemUser(name: string): RunAs {
  const attempts: readonly (readonly [string, readonly string[]])[] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', name]],
    ['adduser', ['-S', '-D', '-H', '-s', '/bin/false', name]],
  ];
  for (const [command, args] of attempts) {
    spawnSync(command, args, { stdio: 'ignore' });
    const made = lookUp(name);
    if (made !== null) {
      return made;
    }
  }
  throw new DomainError(
    'UNAVAILABLE',
    { field: 'user', expected: 'a system user "postgres" or "boxtrail"' },
    {
      message:
        'PostgreSQL does not run as root, and no system user could be made for it. ' +
        'Run "useradd --system boxtrail", start as an ordinary user, or set DATABASE_URL.',
    },
  );
}
