import { issueToken, type Role } from '#libs/identity';
import { createLogger, newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { createClient } from 'graphql-ws';
import request from 'supertest';
import { WebSocket } from 'ws';
import { BoxtrailServer, type ServerOptions } from '../../apps/server/src/server.js';
import { createTestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { buildWorld, type Tokens } from './graphql-world.js';

export interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions: { readonly code: string; readonly details?: Readonly<Record<string, unknown>> };
  }[];
}

/** What a subscription was told, and how it ended. */
export interface Heard<T> {
  readonly values: T[];
  readonly ends: unknown[];
  stop(): void;
}

/** The world of graphql-world behind a service of a spec's own. */
export interface MembersHouse {
  readonly database: Database;
  readonly tokens: Tokens;
  readonly url: string;
  ask<T>(token: string, query: string, variables?: object): Promise<Answer<T>>;
  /** @throws Error with the errors when there is no answer without them */
  data<T>(token: string, query: string, variables?: object): Promise<T>;
  /** A mutation's own key is drawn here. @returns the code of its first error, or OK */
  outcome(token: string, mutation: string, variables: object): Promise<string>;
  /** Follows what is asked; it is heard from now on. */
  listen<T>(token: string, query: string): Promise<Heard<T>>;
  /** Somebody new in a role. @returns their token */
  member(organisationId: string, role: Role): Promise<string>;
  close(): Promise<void>;
}

export async function openMembersHouse(options: Partial<ServerOptions> = {}): Promise<MembersHouse> {
  const store = await createTestDatabase();
  const database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  const tokens = await buildWorld(database);
  const server = await BoxtrailServer.create({ database, logger: createLogger('spec', 'silent'), ...options });
  const url = await server.listen(0, '127.0.0.1');
  const clients: ReturnType<typeof createClient>[] = [];
  const begun = async (): Promise<number> => {
    const { values } = await server.metrics.subscriptionsBegun.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  const ask = async <T>(token: string, query: string, variables: object = {}): Promise<Answer<T>> => {
    const answer = await request(url)
      .post('/graphql')
      .set('authorization', `Bearer ${token}`)
      .set('x-case-number', 'SPEC-0001')
      .send({ query, variables });
    return answer.body as Answer<T>;
  };
  return {
    database,
    tokens,
    url,
    ask,
    async data<T>(token: string, query: string, variables: object = {}): Promise<T> {
      const { data, errors } = await ask<T>(token, query, variables);
      if (!data || errors !== undefined) throw new Error(JSON.stringify(errors));
      return data;
    },
    async outcome(token, mutation, variables) {
      const { errors } = await ask(token, mutation, { ...variables, key: newId() });
      return errors?.[0]?.extensions.code ?? 'OK';
    },
    async listen<T>(token: string, query: string): Promise<Heard<T>> {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}`, caseNumber: 'SPEC-0001' },
        retryAttempts: 0,
      });
      clients.push(client);
      const before = await begun();
      const values: T[] = [];
      const ends: unknown[] = [];
      const stop = client.subscribe<T>(
        { query },
        {
          next: (value) => (value.data ? values.push(value.data) : ends.push(value.errors)),
          error: (error) => ends.push(error),
          complete: () => ends.push('complete'),
        },
      );
      await until('the subscription to begin', async () => (await begun()) > before || ends.length > 0);
      return { values, ends, stop };
    },
    member(organisationId, role) {
      return database.write(async (tx) => {
        const personId = newId();
        await tx.query('INSERT INTO person (id, display_name) VALUES ($1, $2)', [personId, role]);
        await tx.query('INSERT INTO membership VALUES ($1, $2, $3)', [personId, organisationId, role]);
        return issueToken(tx, { personId, organisationId, role });
      });
    },
    async close() {
      for (const client of clients) await client.dispose();
      await server.close();
      await database.close();
      await store.drop();
    },
  };
}
