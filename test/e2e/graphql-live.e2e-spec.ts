import 'reflect-metadata';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createLogger, derivedId, newId } from '#libs/kernel';
import type { UplinkBatch } from '#libs/lane';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from 'graphql-ws';
import request from 'supertest';
import { WebSocket } from 'ws';
import type { LiveSocketLimits } from '../../apps/server/src/live/live-socket.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import {
  BOXES,
  boxNumber,
  buildWorld,
  DAY,
  fact,
  GATEWAY_A,
  HANDOVER,
  LANE_A,
  LANE_B,
  recordPass,
  SITE_A,
  SITE_B,
  tell,
  type Tokens,
} from './graphql-world.js';

let store: TestDatabase;
let database: Database;
let server: BoxtrailServer;
let url: string;
let tokens: Tokens;
const clients: Client[] = [];

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  tokens = await buildWorld(database);
  server = await BoxtrailServer.create({
    database,
    logger: createLogger('spec', 'silent'),
    allowedOrigins: ['https://console.example'],
    uplinkAuth: 'signed-or-token',
    liveLimits: { recheckMs: 200, subscriptionsPerSocket: 3 },
  });
  url = await server.listen(0, '127.0.0.1');
});

afterAll(async () => {
  for (const client of clients) await client.dispose();
  await server.close();
  await database.close();
  await store.drop();
});

interface Heard<T> {
  readonly values: T[];
  readonly errors: unknown[];
  stop(): void;
}

const address = (at = url): string => `${at.replace('http', 'ws')}/graphql`;

function clientOf(token: string): Client {
  const client = createClient({
    url: address(),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, caseNumber: 'SPEC-0001' },
    retryAttempts: 0,
    lazy: true,
  });
  clients.push(client);
  return client;
}

let listening: Promise<unknown> = Promise.resolve();

/**
 * Subscribes, and waits until the server follows: a counter of the server says so. Those who call it at once take turns, for
 * the counter does not say whose subscription began.
 */
function listen<T>(token: string, query: string, client = clientOf(token)): Promise<Heard<T>> {
  const heard = listening.then(() => begin<T>(query, client));
  listening = heard.catch(() => undefined);
  return heard;
}

async function begin<T>(query: string, client: Client): Promise<Heard<T>> {
  const before = await begun();
  const values: T[] = [];
  const errors: unknown[] = [];
  const stop = client.subscribe<T>(
    { query },
    {
      next: (value) => (value.data ? values.push(value.data) : errors.push(value.errors)),
      error: (error) => errors.push(error),
      complete: () => undefined,
    },
  );
  await until('the subscription to begin', async () => (await begun()) > before || errors.length > 0);
  return { values, errors, stop };
}

async function begun(): Promise<number> {
  const { values } = await server.metrics.subscriptionsBegun.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

const EVENTS = `subscription { eventRecorded { kind containerNumber truckPlate payload lane { code } } }`;
type Event = { eventRecorded: { kind: string; containerNumber: string } };

describe('subscriptions', () => {
  it('tell each what they may see, and nobody else', async () => {
    // One after the other: the counter that each waits for is one for all.
    const tidewell = await listen<Event>(tokens.tidewell, EVENTS);
    const northbank = await listen<Event>(tokens.northbank, EVENTS);
    const stranger = await listen<Event>(tokens.stranger, EVENTS);
    const customs = await listen<Event>(tokens.customs, EVENTS);
    const operatorB = await listen<Event>(tokens.operatorB, EVENTS);
    await tell(
      database,
      fact('to tidewell', { occurredAt: HANDOVER + DAY }),
      fact('to northbank', { occurredAt: HANDOVER - DAY }),
      fact('to northbank too', { asset: { kind: 'CONTAINER', code: BOXES.northbank } }),
    );
    await until(
      'three to be told',
      () => customs.values.length === 3 && northbank.values.length === 2 && tidewell.values.length === 1,
    );
    expect(tidewell.values).toEqual([
      {
        eventRecorded: {
          kind: 'ContainerGatedIn',
          containerNumber: BOXES.reused,
          truckPlate: '浙B12345',
          payload: { direction: 'IN', fullness: 'LADEN' },
          lane: { code: LANE_A },
        },
      },
    ]);
    // The page that told the others is over: whoever was to hear of it has heard.
    await tell(
      database,
      fact('a later one', { siteId: SITE_B, laneId: LANE_B, asset: { kind: 'TRUCK', code: '浙B1' } }),
    );
    await until('the later one to be told', () => operatorB.values.length === 1 && customs.values.length === 4);
    expect(stranger.values).toEqual([]);
    expect(tidewell.values).toHaveLength(1);
    for (const heard of [tidewell, northbank, stranger, customs, operatorB]) heard.stop();
  });

  it('tell each event before the next one is committed', async () => {
    const heard = await listen<Event>(tokens.customs, EVENTS);
    const delays: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      const event = fact(`timed ${at}`, { occurredAt: HANDOVER + 2 * DAY + at });
      await tell(database, event);
      const committed = performance.now();
      await until(`event ${at}`, () => heard.values.length === at + 1, { everyMs: 1 });
      delays.push(performance.now() - committed);
    }
    heard.stop();
    // The promise is a second; what it takes here is printed, not judged: every other spec's transactions are waited for too.
    process.stderr.write(`commit to subscriber, ms: ${delays.map((ms) => ms.toFixed(0)).join(' ')}\n`);
  });

  it('narrow by filter, and tell passes to operators with their relations read anew', async () => {
    const filtered = await listen<Event>(
      tokens.customs,
      EVENTS.replace('Recorded', 'Recorded(filter: { kinds: [ContainerGatedOut] })'),
    );
    const passes = await listen<{ passRecorded: { events: unknown[] } }>(
      tokens.operatorA,
      `subscription { passRecorded(lanes: ["${LANE_A}"]) { containerNumbers events { kind } } }`,
    );
    const id = derivedId('live pass');
    await tell(
      database,
      fact('in', { passId: id, occurredAt: HANDOVER + 3 * DAY }),
      fact('out', { kind: 'ContainerGatedOut', occurredAt: HANDOVER + 3 * DAY }),
    );
    await recordPass(database, { id, at: HANDOVER + 3 * DAY, containerNumbers: [BOXES.reused] });
    await until('an event and a pass', () => filtered.values.length === 1 && passes.values.length === 1);
    expect(filtered.values[0]?.eventRecorded.kind).toBe('ContainerGatedOut');
    expect(passes.values[0]?.passRecorded).toEqual({
      containerNumbers: [BOXES.reused],
      events: [{ kind: 'ContainerGatedIn' }],
    });
    filtered.stop();
    passes.stop();
  });

  it('are refused to the wrong role, with bad input and beyond a socket’s limit, each with a code', async () => {
    const codes = async (token: string, query: string, client?: Client): Promise<unknown> => {
      const heard = await listen(token, query, client ?? clientOf(token));
      await until('the refusal', () => heard.errors.length > 0);
      return (heard.errors[0] as { extensions: { code: string } }[])[0]?.extensions.code;
    };
    expect(await codes(tokens.tidewell, `subscription { passRecorded { id } }`)).toBe('FORBIDDEN');
    expect(await codes(tokens.customs, `subscription { eventRecorded(filter: { container: "X" }) { id } }`)).toBe(
      'INVALID_CONTAINER_NUMBER',
    );
    expect(await codes(tokens.customs, `subscription { nonsense }`)).toBe('INVALID_INPUT');
    const one = clientOf(tokens.customs);
    const kept = [];
    for (let at = 0; at < 3; at += 1) kept.push(await listen(tokens.customs, EVENTS, one));
    expect(await codes(tokens.customs, EVENTS, one)).toBe('LIMIT_EXCEEDED');
    for (const heard of kept) heard.stop();
  });

  it('end when their token is revoked, and tell nothing after', async () => {
    const token = 'a-token-to-be-revoked';
    await database.write((tx) =>
      tx.query(
        `INSERT INTO access_token (id, token_hash, person_id, organisation_id, role)
         SELECT $1, sha256($2), person_id, organisation_id, role FROM membership WHERE role = 'CUSTOMS_OFFICER'`,
        [newId(), Buffer.from(token)],
      ),
    );
    const heard = await listen<Event>(token, EVENTS);
    await database.write((tx) =>
      tx.query(`UPDATE access_token SET revoked_at = now() WHERE token_hash = sha256($1)`, [Buffer.from(token)]),
    );
    await until('the end', () => heard.errors.length > 0);
    expect(heard.errors[0]).toMatchObject({ code: 4403 });
    const another = await listen<Event>(tokens.customs, EVENTS);
    await tell(database, fact('after the end', { occurredAt: HANDOVER + 4 * DAY }));
    await until('another to be told', () => another.values.length === 1);
    expect(heard.values).toEqual([]);
    another.stop();
  });

  it.each([
    ['is ended', `ended_at = now()`],
    ['has not been used for an hour', `used_at = now() - interval '1 hour'`],
    ['goes on for another role', `role = 'DRIVER'`],
  ])('end when the session that they were begun in %s', async (_what, change) => {
    const token = `bxs_${newId()}`;
    await database.write(async (tx) => {
      await tx.query(
        `INSERT INTO membership SELECT person_id, organisation_id, 'DRIVER' FROM membership WHERE role = 'LOGISTICS'
         ON CONFLICT DO NOTHING`,
      );
      await tx.query(
        `INSERT INTO session (id, token_hash, person_id, organisation_id, role, method, ends_at)
         SELECT $1, sha256($2), person_id, organisation_id, role, 'PASSWORD', now() + interval '1 hour'
         FROM membership WHERE role = 'LOGISTICS' LIMIT 1`,
        [newId(), Buffer.from(token)],
      );
    });
    const heard = await listen<Event>(token, EVENTS);
    expect(heard.errors).toEqual([]);
    await database.write((tx) =>
      tx.query(`UPDATE session SET ${change} WHERE token_hash = sha256($1)`, [Buffer.from(token)]),
    );
    await until('the end', () => heard.errors.length > 0);
    expect(heard.errors[0]).toMatchObject({ code: 4403 });
  });
});

/** @returns what the server answers to a raw upgrade, until it ends */
function rawUpgrade(path: string, headers: readonly string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = rawSocket();
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(upgradeRequest(path, headers));
  });
}

function rawSocket(): Socket {
  return connect(Number(new URL(url).port), '127.0.0.1');
}

function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    ...headers,
    '\r\n',
  ].join('\r\n');
}

interface Opening {
  readonly at?: string;
  readonly origin?: string;
  readonly params?: unknown;
  readonly init: boolean;
}

function closeCode(options: Opening): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(
      address(options.at),
      'graphql-transport-ws',
      options.origin === undefined ? {} : { origin: options.origin },
    );
    socket.on('open', () => {
      if (options.init) socket.send(JSON.stringify({ type: 'connection_init', payload: options.params }));
    });
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}

describe('upgrades', () => {
  it('are taken on /graphql alone, from our own pages, known origins and programs', async () => {
    expect(await rawUpgrade('/elsewhere')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await rawUpgrade('/graphql/')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await rawUpgrade('/graphql', ['Origin: https://evil.example'])).toMatch(/^HTTP\/1\.1 403 /);
    expect(await rawUpgrade('/graphql', ['Origin: null'])).toMatch(/^HTTP\/1\.1 403 /);
    for (const origin of [url, 'https://console.example']) {
      expect(await closeCode({ origin, init: true, params: { authorization: 'Bearer nobody' } })).toBe(4403);
    }
  });

  it('without an init are closed with 4408, and with a bad token with 4403', async () => {
    const impatient = await serverWith({ initTimeoutMs: 50 });
    expect(await closeCode({ at: impatient.url, init: false })).toBe(4408);
    await impatient.server.close();
    expect(await closeCode({ init: true, params: { authorization: 'Bearer nobody' } })).toBe(4403);
    expect(await closeCode({ init: true })).toBe(4403);
  });

  it('that are reset in the middle leave the process alive', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, at) => {
        const socket = rawSocket();
        return new Promise<void>((resolve) => {
          socket.on('error', () => resolve());
          socket.on('close', () => resolve());
          socket.write(upgradeRequest(at % 2 === 0 ? '/elsewhere' : '/graphql'), () => socket.resetAndDestroy());
        });
      }),
    );
    expect((await request(url).get('/health/live')).status).toBe(200);
    expect((await request(url).get('/health/ready')).status).toBe(200);
  });

  it('of one person are limited', async () => {
    const strict = await serverWith({ socketsPerPerson: 2 });
    const params = { authorization: `Bearer ${tokens.stranger}` };
    const open = await Promise.all([1, 2].map(() => acknowledged(strict.url, params)));
    expect(await closeCode({ at: strict.url, init: true, params })).toBe(4429);
    for (const socket of open) socket.terminate();
    await strict.server.close();
  });
});

/** A server of one test's own, so that no other's sockets count. */
async function serverWith(liveLimits: Partial<LiveSocketLimits>): Promise<{ server: BoxtrailServer; url: string }> {
  const own = await BoxtrailServer.create({ database, logger: createLogger('spec', 'silent'), liveLimits });
  return { server: own, url: await own.listen(0, '127.0.0.1') };
}

/** A socket whose init the server has taken. */
function acknowledged(at: string, payload: unknown): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address(at), 'graphql-transport-ws');
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
    // the first that the server says is the acknowledgement
    socket.on('message', () => resolve(socket));
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('error', reject);
  });
}

describe('the ingest door', () => {
  const streamId = newId();
  const observation = (sequence: number): UplinkBatch['items'][number] => ({
    sequence,
    kind: 'observation',
    observation: {
      deviceId: 'UHF',
      boot: 'b1',
      sequence,
      occurredAt: Date.now(),
      receivedAt: Date.now(),
      laneId: LANE_A,
      body: {
        kind: 'OcrRead',
        target: 'CONTAINER',
        text: boxNumber(400_000 + sequence),
        confidence: 0.9,
        pictureUrl: null,
        position: null,
      },
    },
  });
  const batch = (items: readonly unknown[], extra: object = {}): object => ({
    gatewayId: GATEWAY_A,
    siteId: SITE_A,
    streamId,
    sentAt: Date.now(),
    items,
    ...extra,
  });
  const post = (body: object, token = tokens.gatewayA) =>
    request(url).post('/ingest/v1/batches').set('authorization', `Bearer ${token}`).send(body);

  it('commits a batch, says how far, and answers the same to a repetition', async () => {
    const body = batch([observation(1), observation(2)]);
    for (let again = 0; again < 2; again += 1) {
      const answer = await post(body);
      expect([answer.status, answer.body]).toEqual([200, { committedSequence: 2 }]);
    }
    const gap = await post(batch([observation(9)]));
    expect([gap.status, (gap.body as { committedSequence: number }).committedSequence]).toEqual([409, 2]);
  });

  it('keeps a malformed item as refused input and lets the stream go on', async () => {
    const broken = { ...observation(3), observation: { deviceId: 'UHF', body: { kind: 'OcrRead' } } };
    expect((await post(batch([broken, observation(4)]))).body).toEqual({ committedSequence: 4 });
    const kept = await request(url)
      .post('/graphql')
      .set('authorization', `Bearer ${tokens.operatorA}`)
      .send({ query: `{ refusedInputs { nodes { deviceCode reason detail } } }` });
    expect(kept.body).toMatchObject({
      data: { refusedInputs: { nodes: [{ deviceCode: 'uplink', reason: 'malformed_item' }] } },
    });
  });

  it('refuses a broken envelope with 422 and the item’s index', async () => {
    const answer = await post(batch([observation(5), { kind: 'observation' }]));
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { error: { code: 'INVALID_INPUT', details: { itemIndex: 1 } } },
    ]);
    const torn = await post(batch([observation(5), observation(7)]));
    expect([torn.status, torn.body]).toMatchObject([422, { error: { details: { itemIndex: 1, expected: '6' } } }]);
    expect((await post(batch([], { streamId: 'x' }))).status).toBe(422);
  });

  it('takes a gateway’s own word alone', async () => {
    const foreign = await post(batch([observation(5)], { siteId: SITE_B }));
    expect([foreign.status, foreign.body]).toMatchObject([
      403,
      { error: { code: 'FORBIDDEN', details: { field: 'siteId' } } },
    ]);
    const stranger = await post(batch([observation(5)]), tokens.operatorA);
    expect(stranger.status).toBe(401);
    expect(stranger.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it('refuses what is too large or no JSON', async () => {
    expect((await post(batch(Array.from({ length: 2_001 }, (_, at) => observation(5 + at))))).status).toBe(413);
    const noise = await request(url)
      .post('/ingest/v1/batches')
      .set('authorization', `Bearer ${tokens.gatewayA}`)
      .set('content-type', 'application/json')
      .send('{"items": [');
    expect([noise.status, noise.body]).toMatchObject([422, { error: { code: 'INVALID_INPUT' } }]);
  });

  it('takes health reports', async () => {
    const spool = { bytes: 10, maxBytes: 100, unsentItems: 4, oldestUnsentAt: null, damagedRecords: 0 };
    const answer = await request(url)
      .post('/ingest/v1/health')
      .set('authorization', `Bearer ${tokens.gatewayA}`)
      .send({ gatewayId: GATEWAY_A, siteId: SITE_A, at: Date.now(), spool, devices: [] });
    expect(answer.status).toBe(204);
    const told = await request(url)
      .post('/graphql')
      .set('authorization', `Bearer ${tokens.operatorA}`)
      .send({ query: `{ gateways { code unsentItems spoolBytes } }` });
    expect(told.body).toEqual({ data: { gateways: [{ code: GATEWAY_A, unsentItems: 4, spoolBytes: 10 }] } });
  });
});

describe('the operators’ doors', () => {
  it('show a home page, metrics, and a GraphiQL that loads nothing from elsewhere', async () => {
    expect((await request(url).get('/')).text).toContain('/graphql');
    expect((await request(url).get('/metrics')).text).toContain('boxtrail_api_statements_total');
    const page = await request(url).get('/graphql').set('accept', 'text/html');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).not.toMatch(/https?:/);
    const markup = page.text.replaceAll(/<(script|style)>[\s\S]*?<\/\1>/g, '');
    expect(/(?:src|href)="(?!data:)|https?:/.exec(markup)?.[0]).toBeUndefined();
    expect(page.text.includes('query MyShipments')).toBe(true);
  });

  it('turn unready while the database is away, and heal by themselves with all that was subscribed', async () => {
    const line = await DatabaseLine.open(new URL(store.appUrl));
    const behindLine = new Database({ app: line.address(store.appUrl), ingest: line.address(store.ingestUrl) });
    const other = await BoxtrailServer.create({ database: behindLine, logger: createLogger('spec', 'silent') });
    const otherUrl = await other.listen(0, '127.0.0.1');
    const ready = async (): Promise<number> => (await request(otherUrl).get('/health/ready')).status;
    expect(await ready()).toBe(200);
    line.cut();
    expect(await ready()).toBe(503);
    expect((await request(otherUrl).get('/health/live')).status).toBe(200);
    const asked = await request(otherUrl)
      .post('/graphql')
      .set('authorization', `Bearer ${tokens.customs}`)
      .set('x-case-number', 'SPEC-0001')
      .send({ query: `{ events { nodes { id } } }` });
    expect(asked.body).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE', retryable: true } }] });
    line.mend();
    await until('the service to be ready again', async () => (await ready()) === 200);
    await other.close();
    await behindLine.close();
    await line.close();
  });
});

/** A line to the database that can be cut and mended. Its port stays its own: while it is cut, callers are hung up on. */
class DatabaseLine {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(private readonly database: URL) {
    this.server = createServer((near) => this.onCaller(near));
  }

  static async open(database: URL): Promise<DatabaseLine> {
    const line = new DatabaseLine(database);
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  address(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return changed.href;
  }

  private onCaller(near: Socket): void {
    near.on('error', () => near.destroy());
    if (this.isCut) return void near.resetAndDestroy();
    const far = connect(Number(this.database.port), this.database.hostname);
    far.on('error', () => far.destroy());
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  }
}
