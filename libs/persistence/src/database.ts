import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { DomainError } from '#libs/kernel';
import { Pool, type PoolClient, type QueryConfig } from 'pg';
import { readerSettings, type Visibility } from './reader-seal.js';

/**
 * A transaction under way. Write methods take it first, and it is required. Statements that are asked for without waiting
 * for each other travel together and run in that order.
 */
export interface Tx {
  query<R extends object = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface DatabaseUrls {
  /** Role that answers questions, under row-level security. */
  readonly app: string;
  /** Role that records. */
  readonly ingest: string;
}

/** One reader's part of a read for several. */
export interface ReaderStatement {
  readonly visibility: Visibility;
  readonly sql: string;
  readonly values: readonly unknown[];
}

const RETRYABLE = new Set(['40001', '40P01']);

/** Another transaction recorded meanwhile what this one was about to: `Database.write` tries again, and then sees it. */
export class RecordedMeanwhile extends Error {
  readonly code = '40001';
}

const MAX_ATTEMPTS = 5;
/** Statement texts that connections keep prepared; each costs every connection some ten kB. A text beyond them is parsed each time. */
const MOST_PREPARED = 500;
/** The same of those that are planned once: the widest plan, of a shipment with all below it, takes a connection 1.2 MB. */
const MOST_PLANNED = 64;
/** Asked for the first few times a text is planned for its values: what nobody asks again takes no place. */
const PLANNED_FROM = 4;
/** Texts whose askings are counted. */
const MOST_COUNTED = 1_000;

/**
 * The two pools of the service. Every statement runs in a transaction of `read` or `write`; none keeps a session setting,
 * so a pooled connection never carries one reader's rights to the next.
 */
export class Database {
  private readonly appPool: Pool;
  private readonly ingestPool: Pool;
  private readonly nameOf = statementNames(MOST_PREPARED);
  private readonly plannedNameOf = statementNames(MOST_PLANNED, PLANNED_FROM);
  private sealKey: Promise<Buffer> | undefined;

  constructor(
    urls: DatabaseUrls,
    options: { readonly appConnections?: number; readonly ingestConnections?: number } = {},
  ) {
    this.appPool = pool(urls.app, options.appConnections ?? 10);
    // Two of them listen for good: to the outbox, and to changes of rights.
    this.ingestPool = pool(urls.ingest, options.ingestConnections ?? 7);
  }

  /**
   * A read-only transaction that sees what `visibility` allows, and nothing without one.
   * @param options.prepared keeps the statements prepared: for few texts whose plan does not hang on their values
   */
  read<T>(
    visibility: Visibility,
    work: (tx: Tx) => Promise<T>,
    { prepared = false }: { readonly prepared?: boolean } = {},
  ): Promise<T> {
    return this.readAs(visibility, prepared ? this.nameOf : unnamed, work);
  }

  /**
   * One statement that sees what `visibility` allows, in a transaction of its own: beginning, settings, statement and end leave in one
   * packet and wait for each other nowhere.
   * @param options.prepared keeps a statement that comes again prepared and planned once: for texts whose plan does not hang on their values.
   *   Planning one of ours costs milliseconds, which is several times what running it does.
   */
  async readOne<R extends object>(
    visibility: Visibility,
    sql: string,
    values: readonly unknown[],
    { prepared = false }: { readonly prepared?: boolean } = {},
  ): Promise<R[]> {
    const name = prepared ? this.plannedNameOf(sql) : undefined;
    const settings = settingsOf(await this.keyOfSeals(), visibility);
    const setReader = statement(name === undefined ? SET_READER : SET_READER_AND_PLAN_ONCE, settings, this.nameOf);
    return await onConnection(this.appPool, async (client, endBehind) => {
      const all = [BEGIN_READ, setReader, statement(sql, values, () => name)].map((one) => client.query<R>(one));
      // behind a statement that failed COMMIT rolls back
      endBehind(client.query('COMMIT'));
      const answers = await Promise.allSettled(all);
      const failed = answers.find((answer) => answer.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      const last = answers.at(-1);
      return last?.status === 'fulfilled' ? last.value.rows : [];
    });
  }

  /**
   * Statements of several readers in one transaction, each under its own reader's visibility: for those who are told of the same
   * rows. Settings and statements travel together in that order, so none runs under another's settings. Each text is planned once:
   * planning it anew for each reader took three times as long as the rest.
   * @returns the rows of each, in the order of the asks
   */
  async readEach<R extends object>(asks: readonly ReaderStatement[]): Promise<R[][]> {
    const key = await this.keyOfSeals();
    return inTransaction(this.appPool, { begin: [BEGIN_READ], readsOnly: true, nameOf: this.nameOf }, (tx) =>
      Promise.all(
        asks.map(({ visibility, sql, values }) => {
          const told = tx.query(SET_READER_AND_PLAN_ONCE, settingsOf(key, visibility));
          const rows = tx.query<R>(sql, values);
          return Promise.all([told, rows]).then(([, answer]) => answer);
        }),
      ),
    );
  }

  /** A read of what belongs to nobody: places. */
  readPublic<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return inTransaction(this.appPool, { begin: [BEGIN_READ], readsOnly: true, nameOf: unnamed }, work);
  }

  /** One statement of the recording role that changes nothing: a transaction of its own without the words for it. */
  readRecorded<R extends object>(sql: string, values: readonly unknown[]): Promise<R[]> {
    return onConnection(this.ingestPool, async (client) => {
      const { rows } = await client.query(statement(sql, values, this.nameOf));
      return rows as R[];
    });
  }

  /** A recording transaction. Serialisation failures and deadlocks are tried again, each time in a new transaction. */
  async write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTransaction(
          this.ingestPool,
          { begin: [{ text: 'BEGIN' }], readsOnly: false, nameOf: this.nameOf },
          work,
        );
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
      }
    }
  }

  /** A connection of the recording role for LISTEN, which the pool lacks until the caller releases it. */
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

  private async readAs<T>(reader: Visibility, nameOf: NameOf, work: (tx: Tx) => Promise<T>): Promise<T> {
    // As values and not in the text, which everybody of the same role reads in pg_stat_activity.
    const begin = [BEGIN_READ, statement(SET_READER, settingsOf(await this.keyOfSeals(), reader), this.nameOf)];
    return inTransaction(this.appPool, { begin, readsOnly: true, nameOf }, work);
  }

  /** Read once by the recording role: the reading one has no right to it. */
  private keyOfSeals(): Promise<Buffer> {
    if (this.sealKey === undefined) {
      const read = this.readRecorded<{ key: Buffer }>('SELECT key FROM reader_key', []).then(([row]) => {
        if (row === undefined) throw new DomainError('INTERNAL', { missing: 'the row of reader_key' });
        return row.key;
      });
      this.sealKey = read;
      read.catch(() => (this.sealKey = undefined));
    }
    return this.sealKey;
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
    pipeline: true,
    stream: oneWriteATurn,
  });
  // An idle connection that the server ends is no reason to fall: the next query gets a new one, and says so when it cannot.
  created.on('error', () => undefined);
  return created;
}

/** A socket of which all that is written in one turn leaves in one packet: a transaction of three statements is one system call. */
function oneWriteATurn(): Socket {
  const socket = new Socket();
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let isHeld = false;
  // `connect` gives the socket its usual `write` back
  socket.once('connect', () => {
    socket.write = (...args: unknown[]) => {
      if (!isHeld) {
        isHeld = true;
        socket.cork();
        process.nextTick(() => {
          isHeld = false;
          socket.uncork();
        });
      }
      return write(...args);
    };
  });
  return socket;
}

const BEGIN_READ: Statement = { text: 'BEGIN READ ONLY' };
/** In the order of `settingsOf`. */
const SET_READER = `SELECT set_config('boxtrail.scope', $1, true), set_config('boxtrail.organisation', $2, true),
  set_config('boxtrail.sites', $3, true), set_config('boxtrail.seal', $4, true)`;
const SET_READER_AND_PLAN_ONCE = `${SET_READER}, set_config('plan_cache_mode', 'force_generic_plan', true)`;

const settingsOf = (...reader: Parameters<typeof readerSettings>): string[] =>
  Object.values(readerSettings(...reader)) as string[];

/** `queryMode` is the driver's, and its types do not tell of it. */
interface Statement extends QueryConfig {
  readonly queryMode?: 'extended';
}

/** The name under which a connection keeps a statement prepared; undefined for one that it does not keep. */
type NameOf = (sql: string) => string | undefined;

const unnamed: NameOf = () => undefined;

/** Names are drawn from the text, so that two processes behind one connection pooler mean the same by them. */
function statementNames(most: number, fromAsking = 1): NameOf {
  const names = new Map<string, string>();
  const askings = new Map<string, number>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= most) return known;
    const asked = (askings.get(sql) ?? 0) + 1;
    askings.delete(sql);
    if (asked < fromAsking) {
      askings.set(sql, asked);
      for (const oldest of askings.keys()) {
        if (askings.size <= MOST_COUNTED) break;
        askings.delete(oldest);
      }
      return undefined;
    }
    const name = `bt_${createHash('sha256').update(sql).digest('base64url').slice(0, 22)}`;
    names.set(sql, name);
    return name;
  };
}

/** Always by the extended protocol, which takes one statement: what was brought into its text can add none behind it. */
function statement(sql: string, values: readonly unknown[] | undefined, nameOf: NameOf): Statement {
  if (values === undefined) return { text: sql, queryMode: 'extended' };
  const name = nameOf(sql);
  return { text: sql, values: [...values], ...(name === undefined ? {} : { name }) };
}

interface TransactionKind {
  /** Travel ahead of the first statement of the work. */
  readonly begin: readonly Statement[];
  /** It is answered before its end is known: nothing hangs on it but the connection. */
  readonly readsOnly: boolean;
  readonly nameOf: NameOf;
}

function inTransaction<T>(
  from: Pool,
  { begin, readsOnly, nameOf }: TransactionKind,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return onConnection(from, async (client, endBehind) => {
    // What is asked for behind a statement that failed fails too, and only the first one says why.
    let failure: { readonly error: unknown } | undefined;
    let isOver = false;
    const ask = async (query: Statement): Promise<unknown[]> => {
      try {
        return (await client.query<Record<string, unknown>>(query)).rows;
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    };
    try {
      const tx: Tx = {
        async query<R extends object>(sql: string, values?: readonly unknown[]): Promise<R[]> {
          // What ran beside a failed part of `work` must not go on behind ROLLBACK, where it would be stored by itself.
          if (isOver) throw new Error(`The transaction has ended; refused: ${sql}`);
          return (await ask(statement(sql, values, nameOf))) as R[];
        },
      };
      // The first statement of `work` travels behind BEGIN without waiting for it: `then` runs it after `ask` has sent those.
      const [worked] = await Promise.allSettled([Promise.resolve(tx).then(work), ...begin.map(ask)]);
      isOver = true;
      if (failure !== undefined) throw failure.error;
      if (worked.status === 'rejected') throw worked.reason;
      const ended = client.query('COMMIT');
      if (readsOnly) endBehind(ended);
      else await ended;
      return worked.value;
    } catch (error) {
      endBehind(client.query('ROLLBACK'));
      throw error;
    }
  });
}

/** Lends a connection to `work`; it goes back when what `work` left to end behind it has ended, and is closed when that fails. */
async function onConnection<T>(
  from: Pool,
  work: (client: PoolClient, endBehind: (end: Promise<unknown>) => void) => Promise<T>,
): Promise<T> {
  const client = await from.connect().catch((cause: unknown) => {
    throw new DomainError('UNAVAILABLE', { part: 'database' }, { cause });
  });
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  let end: Promise<unknown> | undefined;
  const release = (): void => {
    client.off('error', onError);
    client.release(broken);
  };
  try {
    return await work(client, (last) => {
      end = last;
    });
  } catch (error) {
    throw isLostConnection(error) ? new DomainError('UNAVAILABLE', { part: 'database' }, { cause: error }) : error;
  } finally {
    if (end === undefined) release();
    else {
      void end.then(release, (error: unknown) => {
        broken ??= error instanceof Error ? error : new Error(String(error));
        release();
      });
    }
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
