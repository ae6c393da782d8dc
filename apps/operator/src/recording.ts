import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { recordWith, type AuditFact } from '#libs/audit';
import { Database, migrate, prepareRoles, startEmbeddedPostgres, type Tx } from '#libs/persistence';
import { bindVault, vaultFrom, type Vault } from '#libs/identity';
import { rolePasswords } from './start/database.js';

/** Addresses of a migrated database; the owner's is null where only the recording role's was given. */
export interface Recorded {
  readonly ownerUrl: string | null;
  readonly ingestUrl: string;
}

/** Work in one transaction of the recording role, in the database of `withRecorded`. */
export async function recording<T>(env: NodeJS.ProcessEnv, stateDir: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await withRecorded(env, stateDir, ({ ingestUrl }) => recordingIn(ingestUrl, work));
}

/** Work in one transaction of the recording role, whose last part is the command's record in the audit. */
export async function recordingIn<T>(ingestUrl: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const urls = { app: ingestUrl, ingest: ingestUrl };
  const database = new Database(urls, { appConnections: 1, ingestConnections: 1 });
  try {
    return await database.write(async (tx) => {
      const answer = await work(tx);
      await recordWith(tx, commandFact(process.argv.slice(2)));
      return answer;
    });
  } finally {
    await database.close();
  }
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

/** `recording` for what seals or opens personal data, with the installation's key. */
export function recordingSealed<T>(
  env: NodeJS.ProcessEnv,
  stateDir: string,
  work: (tx: Tx, vault: Vault) => Promise<T>,
): Promise<T> {
  return recording(env, stateDir, async (tx) => {
    const vault = vaultFrom(env, stateDir);
    await bindVault(tx, vault);
    return work(tx, vault);
  });
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

/** Whoever runs a command at the machine, for the audit: its words up to the first option, which may hold names and secrets. */
function commandFact(words: readonly string[]): AuditFact {
  const firstOption = words.findIndex((word) => word.startsWith('-'));
  const [command = '', deed = '', ...keys] = firstOption === -1 ? words : words.slice(0, firstOption);
  return {
    actor: {
      kind: 'SYSTEM',
      id: `uid ${process.getuid?.() ?? 'unknown'} at ${hostname()}`,
      organisationId: null,
      role: null,
      address: null,
      requestId: null,
    },
    operation: `Operator.${command} ${deed}`.trim(),
    subject: { type: null, keys },
    asked: null,
    rows: null,
    caseNumber: null,
    outcome: 'DONE',
  };
}
