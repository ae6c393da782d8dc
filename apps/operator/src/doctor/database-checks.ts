import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { fail, ok, warn, type Finding } from './check.js';

const OLDEST_VERSION = 150_000;
/** Order of events rests on clocks that agree; NTP keeps machines within milliseconds. */
const CLOCK_WARN_MS = 1_000;
const CLOCK_FAIL_MS = 60_000;

/** What a role can do that Boxtrail's service must not: row-level security does not hold for it. */
interface RoleFacts {
  readonly name: string;
  readonly superuser: boolean;
  readonly bypassesPolicies: boolean;
  readonly ownedTables: number;
}

/**
 * The database of DATABASE_URL; the embedded one belongs to a start and is checked by it.
 * DATABASE_MIGRATION_URL apart means that DATABASE_URL is the service's own role, which must own nothing.
 */
export async function checkDatabase(env: NodeJS.ProcessEnv, stateDir: string): Promise<Finding[]> {
  const url = env['DATABASE_URL'];
  if (url === undefined || url === '') {
    return [checkEmbedded(stateDir)];
  }
  let client: Client;
  try {
    client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    // a connection that breaks while nothing is asked is told by the next question
    client.on('error', () => undefined);
    await client.connect();
  } catch (error) {
    return [unusable(error, 'check host, port, user and password, and pg_hba.conf')];
  }
  try {
    return await checkServer(client, env['DATABASE_MIGRATION_URL'] !== undefined);
  } catch (error) {
    return [unusable(error, 'it takes connections and no questions: look at its log, and for a pooler in between')];
  } finally {
    await client.end();
  }
}

function unusable(error: unknown, advice: string): Finding {
  const { message, code } = error as NodeJS.ErrnoException;
  return fail('database', `DATABASE_URL: ${message || code || 'no answer'}`, advice);
}

function checkEmbedded(stateDir: string): Finding {
  const version = join(stateDir, 'postgres', 'data', 'PG_VERSION');
  return existsSync(version)
    ? ok('database', `embedded PostgreSQL ${readFileSync(version, 'utf8').trim()} in ${join(stateDir, 'postgres')}`)
    : ok('database', 'embedded PostgreSQL, made at the first start (DATABASE_URL is not set)');
}

async function checkServer(client: Client, separateOwner: boolean): Promise<Finding[]> {
  const asked = Date.now();
  const { rows } = await client.query<{ version: number; text: string; encoding: string; now: string }>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text,
            pg_encoding_to_char(encoding) AS encoding, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
       FROM pg_database WHERE datname = current_database()`,
  );
  const answered = Date.now();
  const [server] = rows;
  if (server === undefined) {
    return [
      fail(
        'database',
        'it does not know itself',
        'check that DATABASE_URL names PostgreSQL and no pooler of another kind',
      ),
    ];
  }
  return [
    server.version >= OLDEST_VERSION
      ? ok('database', `PostgreSQL ${server.text}`)
      : fail('database', `PostgreSQL ${server.text}`, 'upgrade to 15 or newer'),
    server.encoding === 'UTF8'
      ? ok('database encoding', 'UTF8')
      : fail('database encoding', server.encoding, `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`),
    judgeClock(Number(server.now) - (asked + answered) / 2),
    judgeRole(await roleFacts(client), separateOwner),
  ];
}

async function roleFacts(client: Client): Promise<RoleFacts> {
  const { rows } = await client.query<RoleFacts>(
    `SELECT rolname AS name, rolsuper AS superuser, rolbypassrls AS "bypassesPolicies",
            (SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            ) AS "ownedTables"
       FROM pg_roles r WHERE rolname = current_user`,
  );
  return rows[0] ?? { name: 'unknown', superuser: false, bypassesPolicies: false, ownedTables: 0 };
}

/** @param offsetMs database minus ours, at the middle of the question's round trip */
export function judgeClock(offsetMs: number): Finding {
  const found = `the database's is ${Math.abs(offsetMs).toFixed(0)} ms ${offsetMs < 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(offsetMs) > CLOCK_FAIL_MS) {
    return fail('clocks', found, 'turn on NTP on both machines');
  }
  return Math.abs(offsetMs) > CLOCK_WARN_MS
    ? warn('clocks', found, 'turn on NTP on both machines')
    : ok('clocks', found);
}

/** @param separateOwner whether migrations have an address of their own, so that this role is the service's */
export function judgeRole(role: RoleFacts, separateOwner: boolean): Finding {
  const powers = [
    role.superuser ? 'is a superuser' : '',
    role.bypassesPolicies && !role.superuser ? 'bypasses row-level security' : '',
    role.ownedTables > 0 ? `owns ${role.ownedTables} tables` : '',
  ].filter(Boolean);
  if (powers.length === 0) {
    return ok('database role', `${role.name} owns nothing and is held by row-level security`);
  }
  const found = `${role.name} ${powers.join(' and ')}`;
  return separateOwner
    ? fail(
        'database role',
        found,
        'give DATABASE_URL a role without these rights; keep the owner in DATABASE_MIGRATION_URL',
      )
    : ok('database role', `${found}: used as the owner, from which a start makes the service's own roles`);
}
