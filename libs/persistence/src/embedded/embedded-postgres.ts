import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDatabase, parsePidFile, runCluster, stopPostmaster } from './cluster.js';
import { choosePlace, chooseThrowawayPlace } from './place.js';
import { isSameProcess, processIdentity } from './process-identity.js';

const DATABASE = 'boxtrail';
const THROWAWAY = 'boxtrail-test-';

export interface EmbeddedPostgres {
  /** Superuser of the cluster, database `boxtrail`. Holds a password: never to be logged. */
  readonly ownerUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Whether it was still running from a process that was killed. */
  readonly adopted: boolean;
  /** For the terminal: where the data lies, when that is not under `stateDir`. */
  readonly notices: readonly string[];
  stop(): Promise<void>;
}

/**
 * A PostgreSQL 18 of this project's own under `<stateDir>/postgres`, on a free port of 127.0.0.1, with database `boxtrail`
 * in UTF-8. It outlives a killed process of ours, and the next call adopts it; call `stop` for an orderly end.
 * @throws DomainError UNAVAILABLE with what to do
 */
export async function startEmbeddedPostgres({ stateDir }: { readonly stateDir: string }): Promise<EmbeddedPostgres> {
  const place = choosePlace(stateDir);
  const cluster = await runCluster(place, { throwaway: false });
  await ensureDatabase(cluster, DATABASE);
  return {
    ownerUrl: cluster.url(DATABASE),
    port: cluster.port,
    pid: cluster.pid,
    adopted: cluster.adopted,
    notices: place.notices,
    stop: () => cluster.stop(),
  };
}

export interface ThrowawayPostgres {
  /** Superuser, maintenance database `postgres`. */
  readonly ownerUrl: string;
  readonly pid: number;
  readonly folder: string;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/**
 * A PostgreSQL that syncs nothing, in a temporary folder. Those of owners that were killed are removed first.
 * @param ownerPid the process with whose end it becomes rubbish
 */
export async function startThrowawayPostgres({
  ownerPid = process.pid,
}: { readonly ownerPid?: number } = {}): Promise<ThrowawayPostgres> {
  await sweepThrowaways();
  const place = chooseThrowawayPlace(`${THROWAWAY}${randomBytes(6).toString('hex')}`);
  writeFileSync(
    join(place.root, 'owner.json'),
    JSON.stringify({ pid: ownerPid, identity: processIdentity(ownerPid) } satisfies Owner),
    { mode: 0o600 },
  );
  const cluster = await runCluster(place, { throwaway: true });
  return {
    ownerUrl: cluster.url('postgres'),
    pid: cluster.pid,
    folder: place.root,
    stop: async () => {
      await cluster.stop();
      rmSync(place.root, { recursive: true, force: true });
    },
  };
}

interface Owner {
  readonly pid: number;
  readonly identity: string | null;
}

async function sweepThrowaways(): Promise<void> {
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const names = existsSync(parent) ? readdirSync(parent).filter((name) => name.startsWith(THROWAWAY)) : [];
    for (const name of names) {
      await sweep(join(parent, name));
    }
  }
}

/** Only what this user made, and whose maker has ended. */
async function sweep(folder: string): Promise<void> {
  try {
    const file = join(folder, 'owner.json');
    if (statSync(file).uid !== process.getuid?.()) {
      return;
    }
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
    if (isSameProcess(owner.pid, owner.identity)) {
      return;
    }
    const pidFile = join(folder, 'data', 'postmaster.pid');
    const left = existsSync(pidFile) ? parsePidFile(readFileSync(pidFile, 'utf8')) : null;
    const identity = left === null ? null : processIdentity(left.pid);
    if (left !== null && identity !== null && isPostgres(left.pid, folder)) {
      await stopPostmaster(left.pid, identity);
    }
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // another user's folder, or one that another run removes at this moment
    return;
  }
}

function isPostgres(pid: number, folder: string): boolean {
  if (process.platform !== 'linux') {
    return true;
  }
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
}
