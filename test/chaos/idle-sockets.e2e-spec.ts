import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createLogger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from 'graphql-ws';
import request from 'supertest';
import { WebSocket } from 'ws';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOnce } from '../support/house.js';
import { until } from '../support/until.js';
import { BOXES, buildWorld, fact, TODAY, tell, type Tokens } from '../e2e/graphql-world.js';

/** What else a process of the test opens: pools, pipes, files of modules. */
const OTHER_FILES = 1_000;
/** Node raises its soft limit to the hard one by itself. */
const { hard } = (process.report.getReport() as { userLimits: { open_files: { hard: number | 'unlimited' } } })
  .userLimits.open_files;
const COUNT = Math.min(10_000, (hard === 'unlimited' ? Infinity : hard) - OTHER_FILES);

let store: TestDatabase;
let database: Database;
let server: BoxtrailServer;
let url: string;
let tokens: Tokens;

beforeAll(async () => {
  await buildOnce();
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  tokens = await buildWorld(database);
  server = await BoxtrailServer.create({
    database,
    logger: createLogger('spec', 'silent'),
    liveLimits: { sockets: COUNT, initTimeoutMs: 5_000 },
  });
  url = await server.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await server.close();
  await database.close();
  await store.drop();
});

async function sockets(): Promise<number> {
  const { values } = await server.metrics.sockets.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** The boxes that it hears of are pushed to `heard`. */
function subscriber(heard: string[]): Client {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${tokens.customs}`, caseNumber: 'SPEC-0001' },
    retryAttempts: 0,
  });
  client.subscribe<{ eventRecorded: { containerNumber: string } }>(
    { query: 'subscription { eventRecorded { containerNumber } }' },
    {
      next: ({ data }) => heard.push(data?.eventRecorded.containerNumber ?? ''),
      error: (error) => heard.push(`failed: ${JSON.stringify(error)}`),
      complete: () => undefined,
    },
  );
  return client;
}

async function subscriptions(): Promise<number> {
  const { values } = await server.metrics.subscriptions.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

class Idlers {
  readonly told: { opened?: number; closed?: Readonly<Record<string, number>> } = {};
  private readonly child: ChildProcess;

  constructor() {
    this.child = fork(join(import.meta.dirname, '../../dist/test/chaos/idle-sockets.child.js'), { execArgv: [] });
    this.child.on('message', (message) => Object.assign(this.told, message));
    this.child.send({ url: `${url.replace('http', 'ws')}/graphql`, count: COUNT });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}

describe(`${COUNT} WebSockets that say nothing`, () => {
  it('keep nobody out, are closed with 4408, and leave nothing behind', async () => {
    const early: string[] = [];
    const late: string[] = [];
    const first = subscriber(early);
    await until('the first subscriber to stand', async () => (await subscriptions()) === 1);
    const idlers = new Idlers();
    let most = 0;
    try {
      await until('all to be opened', async () => {
        most = Math.max(most, await sockets());
        return idlers.told.opened !== undefined;
      });
      const second = subscriber(late);
      await until('the second subscriber to stand', async () => (await subscriptions()) === 2);
      expect((await request(url).get('/health/ready')).status).toBe(200);
      const asked = await request(url)
        .post('/graphql')
        .set('authorization', `Bearer ${tokens.customs}`)
        .set('x-case-number', 'SPEC-0001')
        .send({ query: '{ viewer { role } }' });
      expect(asked.body).toEqual({ data: { viewer: { role: 'CUSTOMS_OFFICER' } } });
      await tell(database, fact('while they idle', { occurredAt: TODAY }));
      await until('both subscribers to hear of it', () => early.length > 0 && late.length > 0);
      expect([early, late]).toEqual([[BOXES.reused], [BOXES.reused]]);
      await until('all idle ones to be closed', () => idlers.told.closed !== undefined);
      // 1006: the oldest made room for those who came to a full house
      const { 4408: silent = 0, 1006: pushedOut = 0, ...otherwise } = idlers.told.closed ?? {};
      expect(otherwise).toEqual({});
      expect(silent + pushedOut).toBe(COUNT);
      expect(pushedOut).toBeLessThan(COUNT / 10);
      expect(most).toBeLessThanOrEqual(COUNT);
      await until('only the two subscribers to be left', async () => (await sockets()) === 2);
      expect(await subscriptions()).toBe(2);
      await second.dispose();
    } finally {
      await idlers.stop();
      await first.dispose();
    }
  });
});
