import { DomainError } from '#libs/kernel';
import { Pool, type PoolClient } from 'pg';

/** What a reader may see, told to PostgreSQL at the head of each transaction. */
export type Visibility =
  | { readonly scope: 'COMPANY'; readonly organisationId: string }
  | { readonly scope: 'TERMINAL' | 'CUSTOMS'; readonly organisationId: string; readonly siteIds: readonly string[] };

/** A transaction under way. Write methods take it first, and it is required. */
export interface Tx {
  query<R extends object = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface DatabaseUrls {
  /** Role that answers questions, under row-level security. */
  readonly app: string;
  /** Role that records. */
  readonly ingest: string;
}

const RETRYABLE = new Set(['40001', '40P01']);
const MAX_ATTEMPTS = 5;

/**
 * The two pools of the service. Every statement runs in a transaction of `read` or `write`; none keeps a session setting,
 * so a pooled connection never carries one reader's rights to the next.
 */
export class Database {
  private readonly appPool: Pool;
  private readonly ingestPool: Pool;

  constructor(
    urls: DatabaseUrls,
    options: { readonly appConnections?: number; readonly ingestConnections?: number } = {},
  ) {
    this.appPool = pool(urls.app, options.appConnections ?? 10);
    this.ingestPool = pool(urls.ingest, options.ingestConnections ?? 6);
  }

  /** A read-only transaction that sees what `visibility` allows, and nothing without one. */
  read<T>(visibility: Visibility, work: (tx: Tx) => Promise<T>): Promise<T> {
    return inTransaction(this.appPool, 'BEGIN READ ONLY', async (tx) => {
      await tx.query(
        `SELECT set_config('boxtrail.scope', $1, true), set_config('boxtrail.organisation', $2, true), set_config('boxtrail.sites', $3, true)`,
        [
          visibility.scope,
          visibility.organisationId,
          visibility.scope === 'COMPANY' ? '' : visibility.siteIds.join(','),
        ],
      );
      return work(tx);
    });
  }

  /** A read of what belongs to nobody (places, tokens), before it is known who asks. */
  readPublic<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return inTransaction(this.appPool, 'BEGIN READ ONLY', work);
  }

  /** A recording transaction. Serialisation failures and deadlocks are tried again, each time in a new transaction. */
  async write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTransaction(this.ingestPool, 'BEGIN', work);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
      }
    }
  }

  /** A connection of the recording role outside any pool accounting, for LISTEN; the caller releases it. */
  listenConnection(): Promise<PoolClient> {
    return this.ingestPool.connect();
  }

  /**
   * The service refuses to start when a role of its own owns tables or goes round row-level security.
   * @throws DomainError INVALID_CONFIG naming the role and what would be right
   */
  async refuseMightyRoles(): Promise<void> {
    for (const [field, candidate] of [
      ['DATABASE_URL', this.appPool],
      ['DATABASE_INGEST_URL', this.ingestPool],
    ] as const) {
      const { rows } = await candidate.query<{ name: string; mighty: boolean; owns: boolean }>(
        `SELECT current_user AS name, r.rolsuper OR r.rolbypassrls AS mighty,
                EXISTS (SELECT 1 FROM pg_tables t WHERE t.schemaname = 'public' AND pg_has_role(t.tableowner, 'MEMBER')) AS owns
         FROM pg_roles r WHERE r.rolname = current_user`,
      );
      const role = rows[0];
      if (role === undefined || role.mighty || role.owns) {
        throw new DomainError('INVALID_CONFIG', {
          field,
          value: role?.name,
          expected:
            'a role that owns no table and has neither SUPERUSER nor BYPASSRLS; set DATABASE_MIGRATION_URL for the owner',
        });
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.appPool.end(), this.ingestPool.end()]);
  }
}

function pool(connectionString: string, max: number): Pool {
  const created = new Pool({
    connectionString,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    application_name: 'boxtrail',
  });
  // An idle connection that the server ends is no reason to fall: the next query gets a new one, and says so when it cannot.
  created.on('error', () => undefined);
  return created;
}

async function inTransaction<T>(from: Pool, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await from.connect().catch((cause: unknown) => {
    throw new DomainError('UNAVAILABLE', { part: 'database' }, { cause });
  });
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query(begin);
    const result = await work({
      async query<R extends object>(sql: string, values?: readonly unknown[]): Promise<R[]> {
        const answer = await client.query(sql, values as unknown[] | undefined);
        return answer.rows as R[];
      },
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    if (broken === undefined) {
      await client.query('ROLLBACK').catch((rollbackError: unknown) => {
        broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
      });
    }
    throw isLostConnection(error) ? new DomainError('UNAVAILABLE', { part: 'database' }, { cause: error }) : error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** The five-character SQLSTATE of a PostgreSQL error, if it is one. */
export function sqlState(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** 08: connection exception, 57P: operator intervention (shutdown), 53: insufficient resources; and sockets that fell. */
function isLostConnection(error: unknown): boolean {
  const state = sqlState(error);
  return (
    (state !== undefined && /^(08|57P0|53|ECONN|EPIPE|ETIMEDOUT)/.test(state)) ||
    (error instanceof Error && /Connection terminated|not queryable/.test(error.message))
  );
}
