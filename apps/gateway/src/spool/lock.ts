import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { newId, DomainError } from '#libs/kernel';
import { errorCode, ignoreMissing } from './spool-files.js';

/**
 * Holds a directory for one process: the name `lock` is a hard link to a file that says who holds it.
 * Node has no flock, so a lock left by a killed process is known by its process id and start time (Linux: field 22 of
 * /proc/<pid>/stat and the machine's boot id; elsewhere by the process id alone).
 * Two containers that share the directory do not see each other's processes; give each gateway its own.
 * @returns the release
 * @throws DomainError CONFLICT when a living process holds it
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = `${directory}/lock`;
  const mine = JSON.stringify({ ...(await identityOf(process.pid)), nonce: newId() });
  const draft = `${path}.${process.pid}.${newId()}`;
  await writeFile(draft, mine, { flag: 'wx' });
  try {
    for (;;) {
      try {
        await link(draft, path);
        return async () => {
          if ((await readLock(path)) === mine) await rm(path, { force: true });
        };
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const held = await readLock(path);
      if (held === null) continue;
      if (await isAlive(held)) {
        throw new DomainError(
          'CONFLICT',
          { field: directory, value: held, expected: 'a spool directory of its own for each gateway process' },
          { message: `The spool ${directory} is in use by another process: ${held}` },
        );
      }
      await takeAway(path, held);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves a dead lock aside; one that somebody else has put there in the same moment is put back. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.dead.${newId()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    ignoreMissing(error);
    return;
  }
  if ((await readLock(aside)) !== dead) await link(aside, path);
  await rm(aside, { force: true });
}

async function readLock(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    ignoreMissing(error);
    return null;
  }
}

/** Killed, and not yet asked after by its parent: one that never asks, such as a container's first process, keeps it so for ever. */
const ENDED_STATES = new Set(['Z', 'X']);
/** The start time of no process. */
const ENDED = 'ended';

async function identityOf(pid: number): Promise<{ pid: number; startedAt: string | null; machine: string | null }> {
  const stat = await textOrNull(`/proc/${pid}/stat`);
  // The command's name stands in brackets and may hold blanks; the state is the first field behind it, the start time the 20th.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const startedAt = ENDED_STATES.has(fields[0] ?? '') ? ENDED : (fields[19] ?? null);
  return { pid, startedAt, machine: await textOrNull('/proc/sys/kernel/random/boot_id') };
}

async function isAlive(held: string): Promise<boolean> {
  const holder = parseHolder(held);
  if (holder === null) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const now = await identityOf(holder.pid);
  return now.startedAt === holder.startedAt && now.machine === holder.machine;
}

function parseHolder(held: string): { pid: number; startedAt: string | null; machine: string | null } | null {
  let value: unknown;
  try {
    value = JSON.parse(held);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return null;
  const text = (key: string): string | null => {
    const found: unknown = (value as Record<string, unknown>)[key];
    return typeof found === 'string' ? found : null;
  };
  return { pid: value.pid, startedAt: text('startedAt'), machine: text('machine') };
}

async function textOrNull(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null;
  }
}
