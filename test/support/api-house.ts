import { createLogger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { createClient, type Client } from 'graphql-ws';
import request from 'supertest';
import { WebSocket } from 'ws';
import { BoxtrailServer, type ServerOptions } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { allReadable } from './readable.js';
import { until } from './until.js';

/** The number of the case for which everything is asked: customs and the audit want one. */
export const CASE = 'SPEC-0001';

/** Of the service's sockets: a client of the same process says who it is as soon as the machine lets it. */
export const PATIENT = { initTimeoutMs: 60_000 };

export interface Answer<T = Readonly<Record<string, unknown>>> {
  readonly data?: T | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions: { readonly code: string; readonly details: Readonly<Record<string, unknown>> };
  }[];
}

export const codesOf = ({ errors }: Answer<unknown>): string[] =>
  (errors ?? []).map(({ extensions }) => extensions.code);

/** What a subscription was told, and how it ended. */
export interface Heard<T> {
  readonly values: T[];
  readonly ends: unknown[];
  stop(): void;
}

/** The service in the spec's own process over a database of its own, and what its clients do. */
export interface ApiHouse<T> {
  readonly store: TestDatabase;
  readonly database: Database;
  /** What `fill` gave: the tokens of its people. */
  readonly tokens: T;
  readonly server: BoxtrailServer;
  readonly url: string;
  /** Where subscriptions are made. */
  readonly socketUrl: string;
  /** @param caseNumber null: none is sent */
  ask<A = Readonly<Record<string, unknown>>>(
    token: string | null,
    query: string,
    variables?: object,
    caseNumber?: string | null,
  ): Promise<Answer<A>>;
  /** @throws Error with the errors when there is no answer without them */
  data<A>(token: string, query: string, variables?: object): Promise<A>;
  /** The code of the first error; undefined when there is none. */
  codeOf(token: string | null, query: string, variables?: object): Promise<string | undefined>;
  /** One socket, closed with the house. */
  client(token: string): Client;
  /** Follows what is asked, and nothing stored before: when it resolves, the service follows for it or has refused. */
  listen<A>(token: string, query: string, client?: Client): Promise<Heard<A>>;
  close(): Promise<void>;
}

/** @param fill puts into the empty database what is there before the service starts; gives the tokens of its people */
export async function openApiHouse<T>(
  fill: (database: Database, store: TestDatabase) => Promise<T>,
  { liveLimits, ...options }: Omit<Partial<ServerOptions>, 'database'> = {},
): Promise<ApiHouse<T>> {
  const store = await createTestDatabase();
  const database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  const tokens = await fill(database, store);
  await allReadable(database);
  const server = await BoxtrailServer.create({
    database,
    logger: createLogger('spec', 'silent'),
    liveLimits: { ...PATIENT, ...liveLimits },
    ...options,
  });
  const url = await server.listen(0, '127.0.0.1');
  const socketUrl = `${url.replace('http', 'ws')}/graphql`;
  const clients: Client[] = [];

  const ask = async <A>(
    token: string | null,
    query: string,
    variables: object = {},
    caseNumber: string | null = CASE,
  ): Promise<Answer<A>> => {
    const asked = request(url).post('/graphql').send({ query, variables });
    if (token !== null) void asked.set('authorization', `Bearer ${token}`);
    if (caseNumber !== null) void asked.set('x-case-number', caseNumber);
    return (await asked).body as Answer<A>;
  };
  const client = (token: string): Client => {
    const opened = createClient({
      url: socketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}`, caseNumber: CASE },
      retryAttempts: 0,
    });
    clients.push(opened);
    return opened;
  };
  const begin = async <A>(query: string, on: Client): Promise<Heard<A>> => {
    await allReadable(database);
    const before = await total(server.metrics.subscriptionsBegun);
    const values: A[] = [];
    const ends: unknown[] = [];
    const stop = on.subscribe<A>(
      { query },
      {
        next: (value) => (value.data ? values.push(value.data) : ends.push(value.errors)),
        error: (error) => ends.push(error),
        complete: () => ends.push('complete'),
      },
    );
    const begun = async (): Promise<boolean> => (await total(server.metrics.subscriptionsBegun)) > before;
    await until('the subscription to begin', async () => (await begun()) || ends.length > 0);
    return { values, ends, stop };
  };
  let listening: Promise<unknown> = Promise.resolve();

  return {
    store,
    database,
    tokens,
    server,
    url,
    socketUrl,
    ask,
    async data<A>(token: string, query: string, variables: object = {}): Promise<A> {
      const { data, errors } = await ask<A>(token, query, variables);
      if (!data || errors !== undefined) throw new Error(JSON.stringify(errors));
      return data;
    },
    async codeOf(token, query, variables) {
      return codesOf(await ask(token, query, variables))[0];
    },
    client,
    listen<A>(token: string, query: string, on = client(token)): Promise<Heard<A>> {
      // The service's counter does not say whose subscription began: those who listen at once take turns.
      const heard = listening.then(() => begin<A>(query, on));
      listening = Promise.allSettled([heard]);
      return heard;
    },
    async close() {
      for (const opened of clients) await opened.dispose();
      await server.close();
      await database.close();
      await store.drop();
    },
  };
}

interface Metric {
  get(): Promise<{ readonly values: readonly { readonly value: number }[] }>;
}

/** Over all labels of a counter or gauge. */
export async function total(metric: Metric): Promise<number> {
  return (await metric.get()).values.reduce((sum, { value }) => sum + value, 0);
}
