import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { appendEvents, announce, eventId } from '#libs/journal';
import { Identity, visibilityOf, type Principal } from '#libs/identity';
import { createLogger, DomainError } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import request from 'supertest';
import { WebSocket } from 'ws';
import { placeOf } from '../../apps/server/src/api/tracking-event/journal-pages.js';
import { Reader } from '../../apps/server/src/api/shared/reader.js';
import { LiveHub } from '../../apps/server/src/live/live-hub.js';
import { FollowedEvents } from '../../apps/server/src/live/followed-events.js';
import { Metrics } from '../../apps/server/src/operations/metrics.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { seededRandom } from '../bench/seeded-random.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { allReadable } from '../support/readable.js';
import { BOXES, buildWorld, DAY, fact, HANDOVER, tell, type Tokens } from './graphql-world.js';

let store: TestDatabase;
let database: Database;
let tokens: Tokens;
let server: BoxtrailServer;
let url: string;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database(
    { app: store.appUrl, ingest: store.ingestUrl },
    { appConnections: 10, ingestConnections: 10 },
  );
  tokens = await buildWorld(database);
  server = await BoxtrailServer.create({ database, logger: createLogger('spec', 'silent') });
  url = await server.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await server.close();
  await database.close();
  await store.drop();
});

/** What the test before told must lie behind: a cursor taken while it waits would tell it again. */
beforeEach(() => allReadable(database));

interface Told {
  readonly id: string;
  readonly journalCursor: string;
}

/** Events behind a cursor, until `enough` says so; the socket is then dropped without a word. */
async function follow(
  token: string,
  after: string,
  enough: (told: readonly Told[]) => boolean,
  filter = '',
): Promise<Told[]> {
  const told: Told[] = [];
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, caseNumber: 'SPEC-0001' },
    retryAttempts: 0,
  });
  const query = `subscription ($after: String) { eventRecorded(after: $after ${filter}) { id journalCursor } }`;
  for await (const { data, errors } of client.iterate<{ eventRecorded: Told }>({ query, variables: { after } })) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    if (data) told.push(data.eventRecorded);
    if (enough(told)) break;
  }
  client.terminate();
  return told;
}

async function ask<T>(token: string, query: string): Promise<T> {
  const answer = await request(url)
    .post('/graphql')
    .set('authorization', `Bearer ${token}`)
    .set('x-case-number', 'SPEC-0001')
    .send({ query });
  const { data, errors } = answer.body as { data?: T; errors?: unknown };
  if (data === undefined || data === null) throw new Error(JSON.stringify(errors));
  return data;
}

const journalEnd = async (token: string): Promise<string> =>
  (await ask<{ journalEnd: string }>(token, '{ journalEnd }')).journalEnd;

const uuids = (told: readonly Told[]): string[] =>
  told
    .map(({ id }) => Buffer.from(id, 'base64url').toString('utf8'))
    .map((text) => /[0-9a-f-]{36}/.exec(text)?.[0] ?? text);

describe('a subscription with a cursor', () => {
  it('first tells what came since, then what comes, in the journal’s order', async () => {
    const from = await journalEnd(tokens.customs);
    const before = await tell(database, fact('one', {}), fact('two', { occurredAt: HANDOVER + DAY }));
    const following = follow(tokens.customs, from, (told) => told.length === 3);
    const after = await tell(database, fact('three', { occurredAt: HANDOVER + 2 * DAY }));
    const told = await following;
    expect(uuids(told)).toEqual([...before, ...after]);
    // from the middle
    const rest = await follow(tokens.customs, told[0]?.journalCursor ?? '', (seen) => seen.length === 2);
    expect(rest).toEqual(told.slice(1));
  });

  it('tells a company what lies in its windows alone, and keeps to the filter', async () => {
    const from = await journalEnd(tokens.tidewell);
    const [mine] = await tell(
      database,
      fact('window', { occurredAt: HANDOVER + 3 * DAY }),
      fact('before the window', { occurredAt: HANDOVER - 3 * DAY }),
      fact('another box', { asset: { kind: 'CONTAINER', code: BOXES.northbank } }),
      fact('another kind', { kind: 'ContainerGatedOut', occurredAt: HANDOVER + 3 * DAY }),
    );
    const [last] = await tell(database, fact('window, later', { occurredAt: HANDOVER + 4 * DAY }));
    const told = await follow(
      tokens.tidewell,
      from,
      (seen) => seen.length === 2,
      ', filter: { kinds: [ContainerGatedIn] }',
    );
    expect(uuids(told)).toEqual([mine, last]);
  });

  it('refuses what is no cursor', async () => {
    for (const cursor of ['nonsense', '', 'x'.repeat(200), Buffer.from(`1.${'9'.repeat(20)}`).toString('base64url')]) {
      await expect(follow(tokens.customs, cursor, () => true)).rejects.toThrow('INVALID_CURSOR');
    }
  });

  it('passes from what is stored to what is told without a gap and without a double', async () => {
    const logger = createLogger('spec', 'silent');
    const metrics = new Metrics();
    const hub = new LiveHub(database, metrics, logger);
    await hub.start();
    const principal = await new Identity(database).principalOf(tokens.customs);
    const heard: string[] = [];
    const witness = hub.subscribe('event', visibilityOf(principal), ({ uuid }) => uuid);
    const record = async (cause: string): Promise<string> => {
      const [id = ''] = await tell(database, fact(cause, { occurredAt: HANDOVER + 5 * DAY }));
      // Whoever listens now has been told too.
      for (let last = ''; last !== id; heard.push(last))
        last = ((await witness.next()).value as string | undefined) ?? '';
      return id;
    };
    const expected: string[] = [];
    const reader = new InterruptedReader(database, principal, metrics.statements, {
      // Behind the page that seemed the last, before anybody listens; behind that, with a listener, before the last page is read,
      afterFirst: async () => expected.push(await record('between page and listener')),
      beforeSecond: async () => expected.push(await record('in the last page and told as well')),
      // and behind the last page.
      afterSecond: async () => expected.push(await record('told alone')),
    });
    const events = new FollowedEvents(hub, reader, placeOf(await journalEnd(tokens.customs)), null, ({ uuid }) => uuid);
    try {
      const told = [await events.next(), await events.next(), await events.next()].map(({ value }) => value as string);
      const [more] = await tell(database, fact('one more', { occurredAt: HANDOVER + 5 * DAY }));
      told.push((await events.next()).value as string);
      expect(told).toEqual([...expected, more]);
    } finally {
      await events.return();
      await witness.return?.();
      await hub.stop();
    }
  });

  it.each([
    ['the database fails it', () => Promise.reject(new DomainError('UNAVAILABLE')), 'UNAVAILABLE'],
    ['it is ended meanwhile', (events: () => FollowedEvents<string>) => events().return(), 'end'],
  ])('leaves nobody listening when %s while it catches up', async (_, meanwhile, outcome) => {
    const metrics = new Metrics();
    const hub = new LiveHub(database, metrics, createLogger('spec', 'silent'));
    const principal = await new Identity(database).principalOf(tokens.customs);
    const from = placeOf(await journalEnd(tokens.customs));
    const listening = async (): Promise<number> => (await metrics.subscriptions.get()).values[0]?.value ?? 0;
    const heard: number[] = [];
    const interrupted = async (): Promise<unknown> => {
      heard.push(await listening());
      return meanwhile(() => events);
    };
    const nothing = (): Promise<void> => Promise.resolve();
    const reader = new InterruptedReader(database, principal, metrics.statements, {
      afterFirst: nothing,
      beforeSecond: interrupted,
      afterSecond: nothing,
    });
    const events = new FollowedEvents(hub, reader, from, null, ({ uuid }) => uuid);
    const told = await events.next().then(
      ({ done }) => (done === true ? 'end' : 'an event'),
      (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
    );
    expect([told, ...heard, await listening()]).toEqual([outcome, 1, 0]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it.each([
    ['from now', () => Promise.resolve(null)],
    ['from a cursor', async () => placeOf(await journalEnd(tokens.customs))],
  ])('loses nothing %s while it reads nothing and thousands are told', async (from, begin) => {
    const hub = new LiveHub(database, new Metrics(), createLogger('spec', 'silent'));
    await hub.start();
    const principal = await new Identity(database).principalOf(tokens.customs);
    const open = async () =>
      new FollowedEvents(
        hub,
        new Reader(database, principal, new Metrics().statements),
        await begin(),
        null,
        ({ uuid }) => uuid,
      );
    const [slow, quick] = [await open(), await open()];
    const read = async (events: FollowedEvents<string>, count: number): Promise<string[]> => {
      const told: string[] = [];
      while (told.length < count) told.push((await events.next()).value as string);
      return told;
    };
    const burst = async (cause: string, size: number): Promise<string[]> => {
      const at = { occurredAt: HANDOVER + 6 * DAY };
      const facts = Array.from({ length: size }, (_, n) => fact(`${from}, ${cause} ${n}`, at));
      return tell(database, ...facts);
    };
    try {
      const first = [read(slow, 1), read(quick, 1)];
      const written = await burst('first', 1);
      expect(await Promise.all(first)).toEqual([written, written]);
      // More than the hub keeps for anybody, in one transaction and over several pages of the outbox; the quick one sees when all is told.
      written.push(...(await burst('many', 2_500)), ...(await burst('more', 300)));
      expect(await read(quick, 2_800)).toEqual(written.slice(1));
      expect(await read(slow, 2_800)).toEqual(written.slice(1));
      const [last] = await burst('last', 1);
      expect([await read(slow, 1), await read(quick, 1)]).toEqual([[last], [last]]);
    } finally {
      await slow.return();
      await quick.return();
      await hub.stop();
    }
  });

  it('misses nothing and doubles nothing, however often it is dropped while transactions overlap (seed 11)', async () => {
    const from = await journalEnd(tokens.customs);
    const random = seededRandom(11);
    const written: string[] = [];
    let isWriting = true;
    // Six writers whose transactions commit in another order than they began.
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 0; n < 40; n++) {
        const pauseMs = Math.floor(random() * 6);
        const facts = [0, 1].map((part) => fact(`${writer}/${n}/${part}`, { occurredAt: HANDOVER + DAY + n }));
        await database.write(async (tx) => {
          const entries = await appendEvents(tx, facts);
          await pause(pauseMs);
          await announce(tx, entries);
        });
        written.push(...facts.map(eventId));
      }
    });
    const writing = Promise.all(writers).then(() => (isWriting = false));
    const seen: Told[] = [];
    let cursor = from;
    while (isWriting || seen.length < 6 * 40 * 2) {
      const takes = 1 + Math.floor(random() * 30);
      const left = 6 * 40 * 2 - seen.length;
      if (left <= 0) break;
      const told = await follow(tokens.customs, cursor, (part) => part.length >= Math.min(takes, left));
      seen.push(...told);
      cursor = told.at(-1)?.journalCursor ?? cursor;
    }
    await writing;
    const ids = uuids(seen);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(written.toSorted());
  });
});

interface Interruptions {
  readonly afterFirst: () => Promise<unknown>;
  readonly beforeSecond: () => Promise<unknown>;
  readonly afterSecond: () => Promise<unknown>;
}

/** Something happens around its pages. */
class InterruptedReader extends Reader {
  private pages = 0;

  constructor(
    source: Database,
    principal: Principal,
    statements: Metrics['statements'],
    private readonly interruptions: Interruptions,
  ) {
    super(source, principal, statements);
  }

  override async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const page = ++this.pages;
    if (page === 2) await this.interruptions.beforeSecond();
    const rows = await super.query<Row>(sql, values);
    if (page === 1) await this.interruptions.afterFirst();
    if (page === 2) await this.interruptions.afterSecond();
    return rows;
  }
}
