import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DomainError } from '#libs/kernel';
import { isSameProcess, processIdentity, waitForExit } from '#libs/persistence';

/** A process by number and start, so that a number drawn again is not taken for it. */
export interface ProcessRef {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
}

/** What stands in `start.lock`. */
export interface LockContent extends ProcessRef {
  /** Of the server, once it is known. */
  readonly address: string | null;
  readonly children: readonly ProcessRef[];
}

const ORDERLY_MS = 15_000;

/** One start for a state folder. The file names what a killed start leaves, so that the next one can end it. */
export class StartLock {
  private content: LockContent;

  private constructor(private readonly file: string) {
    this.content = { ...self(), address: null, children: [] };
  }

  /**
   * Takes the lock; what a killed start left running is ended first.
   * @throws DomainError CONFLICT with pid and address when another start runs
   */
  static async acquire(file: string, show: (line: string) => void): Promise<StartLock> {
    const lock = new StartLock(file);
    for (;;) {
      if (lock.create()) {
        return lock;
      }
      const found = read(file);
      if (found !== null && isSameProcess(found.pid, found.identity)) {
        throw new DomainError(
          'CONFLICT',
          { value: found.pid, expected: 'one start for a folder' },
          {
            message: `Boxtrail runs here already: process ${found.pid}, ${found.address ?? 'still starting'}. Use that one, or end it with "kill ${found.pid}".`,
          },
        );
      }
      for (const child of found?.children ?? []) {
        await end(child, show);
      }
      lock.setAside(found);
    }
  }

  update(change: Partial<Pick<LockContent, 'address' | 'children'>>): void {
    this.content = { ...this.content, ...change };
    const partial = `${this.file}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(this.content), { mode: 0o600 });
    renameSync(partial, this.file);
  }

  release(): void {
    if (read(this.file)?.pid === process.pid) {
      rmSync(this.file, { force: true });
    }
  }

  /** link(2) gives the whole file its name at once, and to one process only. */
  private create(): boolean {
    const partial = `${this.file}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(this.content), { mode: 0o600 });
    try {
      linkSync(partial, this.file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        return false;
      }
      throw error;
    } finally {
      rmSync(partial, { force: true });
    }
  }

  /** Another start may have replaced the dead one's file since we read it; then it goes back. */
  private setAside(dead: LockContent | null): void {
    const aside = `${this.file}.dead.${process.pid}`;
    try {
      renameSync(this.file, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return;
      }
      throw error;
    }
    const moved = read(aside);
    if (moved?.pid !== dead?.pid || moved?.identity !== dead?.identity) {
      renameSync(aside, this.file);
      return;
    }
    rmSync(aside, { force: true });
  }
}

/** The address of the server that a start of this folder runs now; null: none runs, or it is not known yet. */
export function runningAddress(file: string): string | null {
  const found = read(file);
  return found !== null && isSameProcess(found.pid, found.identity) ? found.address : null;
}

function self(): ProcessRef {
  const identity = processIdentity(process.pid);
  if (identity === null) {
    throw new DomainError('INTERNAL', {}, { message: 'This system does not tell when a process started.' });
  }
  return { name: 'start', pid: process.pid, identity };
}

/** null: no file, or one that is cut off and names nobody. */
function read(file: string): LockContent | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockContent;
  } catch {
    return null;
  }
}

async function end(child: ProcessRef, show: (line: string) => void): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isSameProcess(child.pid, child.identity)) {
      return;
    }
    show(`${child.name} of a start that was killed still runs (process ${child.pid}) and is ended`);
    process.kill(child.pid, signal);
    await waitForExit(child.pid, child.identity, ORDERLY_MS);
  }
}
