import { DomainError } from '#libs/kernel';
import { Client } from 'pg';
import { createDataSource } from './data-source.js';

/** One key for the whole project: two starts at once migrate one after the other. */
const MIGRATION_LOCK = 7_210_346;

/**
 * Brings a database to the newest schema; needs the owner's rights. Safe to call from several processes at once.
 * @throws DomainError INVALID_CONFIG when the database is no UTF-8 PostgreSQL ≥ 15
 */
export async function migrate(ownerUrl: string): Promise<void> {
  const guard = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await guard.connect();
  try {
    await refuseUnfitServer(guard);
    await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const source = createDataSource(ownerUrl);
    await source.initialize();
    try {
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
  } finally {
    await guard.end();
  }
}

async function refuseUnfitServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: string; encoding: string }>(
    `SELECT current_setting('server_version_num') AS version, pg_encoding_to_char(encoding) AS encoding
     FROM pg_database WHERE datname = current_database()`,
  );
  const [server] = rows;
  if (server === undefined || Number(server.version) < 150_000 || server.encoding !== 'UTF8') {
    throw new DomainError('INVALID_CONFIG', {
      field: 'DATABASE_URL',
      value: server,
      expected: 'PostgreSQL 15 or newer with encoding UTF8',
    });
  }
}

export interface ServiceRoles {
  readonly appUrl: string;
  readonly ingestUrl: string;
}

/**
 * Makes the two login roles of the service, members of `boxtrail_app` and `boxtrail_ingest`; the caller keeps the passwords.
 * Needs an owner that may create roles; a database administrator can do the same by hand (docs/OPERATING.md).
 */
export async function prepareRoles(
  ownerUrl: string,
  passwords: { readonly app: string; readonly ingest: string },
): Promise<ServiceRoles> {
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    for (const [group, password] of [
      ['boxtrail_app', passwords.app],
      ['boxtrail_ingest', passwords.ingest],
    ] as const) {
      const login = `${group}_login`;
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [login]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${login} LOGIN INHERIT IN ROLE ${group}`);
      await client.query(`ALTER ROLE ${login} PASSWORD ${client.escapeLiteral(password)}`);
    }
  } finally {
    await client.end();
  }
  return {
    appUrl: withLogin(ownerUrl, 'boxtrail_app_login', passwords.app),
    ingestUrl: withLogin(ownerUrl, 'boxtrail_ingest_login', passwords.ingest),
  };
}

function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = encodeURIComponent(password);
  return changed.href;
}
