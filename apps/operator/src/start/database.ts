import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isSameProcess,
  migrate,
  prepareRoles,
  processIdentity,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type ServiceRoles,
} from '#libs/persistence';

/** A migrated database with the addresses of its three roles. */
export interface OpenDatabase extends ServiceRoles {
  readonly ownerUrl: string;
  /** Whether it is the user's own, named by DATABASE_URL: nothing is seeded there unasked. */
  readonly external: boolean;
  stop(): Promise<void>;
}

const WATCH_MS = 1_000;

/**
 * The database of DATABASE_URL, or the embedded PostgreSQL, which is started again when it dies. Migrates.
 * With DATABASE_MIGRATION_URL and DATABASE_INGEST_URL the roles are the administrator's and stay as they are.
 */
export async function openDatabase(
  env: NodeJS.ProcessEnv,
  stateDir: string,
  show: (line: string) => void,
): Promise<OpenDatabase> {
  const theirs = env['DATABASE_URL'];
  if (theirs !== undefined && theirs !== '') {
    return await openExternal(theirs, env, stateDir);
  }
  const guard = new EmbeddedGuard(stateDir, await startEmbeddedPostgres({ stateDir }), show);
  try {
    const { ownerUrl } = guard.postgres;
    await migrate(ownerUrl);
    const roles = await prepareRoles(ownerUrl, rolePasswords(stateDir));
    return { ...roles, ownerUrl, external: false, stop: () => guard.stop() };
  } catch (error) {
    await guard.stop();
    throw error;
  }
}

async function openExternal(url: string, env: NodeJS.ProcessEnv, stateDir: string): Promise<OpenDatabase> {
  const ownerUrl = env['DATABASE_MIGRATION_URL'] ?? url;
  await migrate(ownerUrl);
  const ingestUrl = env['DATABASE_INGEST_URL'];
  const roles =
    ownerUrl !== url && ingestUrl !== undefined
      ? { appUrl: url, ingestUrl }
      : await prepareRoles(ownerUrl, rolePasswords(stateDir));
  return { ...roles, ownerUrl, external: true, stop: () => Promise.resolve() };
}

/** Looks once a second whether PostgreSQL lives; a new one takes the same port, so that the service's pools find it. */
class EmbeddedGuard {
  private stopped = false;
  private timer: NodeJS.Timeout;
  private healing: Promise<void> = Promise.resolve();

  constructor(
    private readonly stateDir: string,
    public postgres: EmbeddedPostgres,
    private readonly show: (line: string) => void,
  ) {
    postgres.notices.forEach(show);
    if (postgres.adopted) {
      show(`PostgreSQL of an earlier start still runs (process ${postgres.pid}) and is used again`);
    }
    this.timer = this.watch(processIdentity(postgres.pid));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.healing;
    await this.postgres.stop();
  }

  private watch(identity: string | null): NodeJS.Timeout {
    const timer = setTimeout(() => {
      if (this.stopped) {
        return;
      }
      if (isSameProcess(this.postgres.pid, identity)) {
        this.timer = this.watch(identity);
      } else {
        this.healing = this.heal();
      }
    }, WATCH_MS);
    return timer.unref();
  }

  private async heal(): Promise<void> {
    this.show('PostgreSQL ended by itself and is started again');
    try {
      this.postgres = await startEmbeddedPostgres({ stateDir: this.stateDir });
    } catch (error) {
      this.show(`PostgreSQL does not start: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.timer = this.watch(processIdentity(this.postgres.pid));
  }
}

/** Drawn once, so that a server which outlives a restart of the starter keeps its connections. */
export function rolePasswords(stateDir: string): { readonly app: string; readonly ingest: string } {
  const file = join(stateDir, 'roles.json');
  if (!existsSync(file)) {
    const draw = (): string => randomBytes(24).toString('hex');
    writeFileSync(file, `${JSON.stringify({ app: draw(), ingest: draw() })}\n`, { mode: 0o600, flag: 'wx' });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as { app: string; ingest: string };
}
