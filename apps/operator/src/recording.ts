import { mkdirSync } from 'node:fs';
import { Database, migrate, prepareRoles, startEmbeddedPostgres, type Tx } from '#libs/persistence';
import { rolePasswords } from './start/database.js';

/** Addresses of a migrated database; the owner's is null where only the recording role's was given. */
export interface Recorded {
  readonly ownerUrl: string | null;
  readonly ingestUrl: string;
}

/** Work in one transaction of the recording role, in the database of `withRecorded`. */
export async function recording<T>(env: NodeJS.ProcessEnv, stateDir: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await withRecorded(env, stateDir, async ({ ingestUrl }) => {
    const urls = { app: ingestUrl, ingest: ingestUrl };
    const database = new Database(urls, { appConnections: 1, ingestConnections: 1 });
    try {
      return await database.write(work);
    } finally {
      await database.close();
    }
  });
}

/**
 * Work on a database that is ready to be recorded in. It is that of DATABASE_MIGRATION_URL, else DATABASE_URL, else the
 * embedded one of the state folder, which is used as it runs, or started for as long as the work takes; it is migrated, and
 * gets its roles as a start would give it. DATABASE_INGEST_URL without DATABASE_MIGRATION_URL is used as it is.
 */
export async function withRecorded<T>(
  env: NodeJS.ProcessEnv,
  stateDir: string,
  work: (urls: Recorded) => Promise<T>,
): Promise<T> {
  const given = (name: string): string | null => (env[name] === undefined || env[name] === '' ? null : env[name]);
  const ingestUrl = given('DATABASE_INGEST_URL');
  const ownerUrl = given('DATABASE_MIGRATION_URL');
  if (ingestUrl !== null && ownerUrl === null) return await work({ ownerUrl, ingestUrl });
  const theirs = ownerUrl ?? given('DATABASE_URL');
  if (theirs !== null) return await withRoles(theirs, ingestUrl, stateDir, work);
  const postgres = await startEmbeddedPostgres({ stateDir });
  try {
    return await withRoles(postgres.ownerUrl, null, stateDir, work);
  } finally {
    if (!postgres.adopted) await postgres.stop();
  }
}

async function withRoles<T>(
  ownerUrl: string,
  ingestUrl: string | null,
  stateDir: string,
  work: (urls: Recorded) => Promise<T>,
): Promise<T> {
  await migrate(ownerUrl);
  mkdirSync(stateDir, { recursive: true });
  return await work({
    ownerUrl,
    ingestUrl: ingestUrl ?? (await prepareRoles(ownerUrl, rolePasswords(stateDir))).ingestUrl,
  });
}
