import { fork, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { containerCheckDigit } from '../../libs/identifiers/src/index.js';
import { announce, appendEvents, type NewTrackingEvent } from '../../libs/journal/src/index.js';
import { derivedId } from '../../libs/kernel/src/index.js';
import { Database, migrate, prepareRoles, startEmbeddedPostgres } from '../../libs/persistence/src/index.js';
import type { BenchReport } from './contract.js';
import { checkoutRoot } from './peers.js';
import { machine, medianOf } from './rounds.js';
import { freePort } from './support/free-port.js';

const SUBSCRIBERS = 10_000;
/** Companies whose window holds the event; each subscriber is a company of its own. */
const ALLOWED = 500;
const ROUNDS = 11;
const PATIENCE_MS = 180_000;
const AIM = { p99Ms: 500, kB: 40 } as const;
const SITE = 'CNNBO-BLYUA';
const BOX = `BXTU000001${containerCheckDigit('BXTU000001')}`;

const now = (): number => performance.timeOrigin + performance.now();

/** One event to 10,000 subscribers over graphql-ws, each another company, of whom 500 may see it. */
export async function run(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'boxtrail-bench-subscribe-'));
  const postgres = await startEmbeddedPostgres({ stateDir: folder });
  let server: ChildProcess | null = null;
  let clients: ChildProcess | null = null;
  let database: Database | null = null;
  try {
    await migrate(postgres.ownerUrl);
    const roles = await prepareRoles(postgres.ownerUrl, { app: 'bench-app', ingest: 'bench-ingest' });
    database = new Database({ app: roles.appUrl, ingest: roles.ingestUrl });
    await seedCompanies(database);
    const port = await freePort();
    server = serve(folder, port, roles.appUrl, roles.ingestUrl);
    await until('the service', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
      await answer?.arrayBuffer();
      return answer?.status === 200;
    });
    await pause(2_000);
    const before = await residentBytes(port);
    const heard = new Subscribers(port);
    clients = heard.process;
    await heard.open();
    await pause(5_000);
    const perSubscriberKb = ((await residentBytes(port)) - before) / SUBSCRIBERS / 1024;

    const p99: number[] = [];
    const last: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const toldAt = await tellOne(database, round);
      const delays = (await heard.hears(ALLOWED)).map((at) => at - toldAt).toSorted((a, b) => a - b);
      if (round < 0) continue;
      p99.push(delays[Math.ceil(delays.length * 0.99) - 1] ?? Number.NaN);
      last.push(delays.at(-1) ?? Number.NaN);
    }
    const surplus = heard.waiting;
    const results = [
      medianOf('p99 of an event', 'ms', p99),
      medianOf('the last of 500', 'ms', last),
      medianOf('memory a subscriber', 'kB', [perSubscriberKb]),
    ];
    return {
      bench: 'subscribe',
      machine: machine(),
      rounds: ROUNDS,
      results,
      ratios: {
        'aim 500 ms : p99': AIM.p99Ms / (results[0]?.value ?? Number.NaN),
        'aim 40 kB : memory': AIM.kB / perSubscriberKb,
      },
      notes: [
        `${SUBSCRIBERS} sockets of ${SUBSCRIBERS} companies on one service process, subscribed to eventRecorded; ${ALLOWED} of them have a window that holds the event`,
        'from the return of the commit to the moment at which a subscriber has read the message; subscribers are a process of their own on the same cores',
        'memory: growth of the resident set of the service from before the sockets to five seconds after the last',
        `subscribers that heard what they may not see: ${surplus === 0 ? 'none' : surplus}`,
      ],
    };
  } finally {
    clients?.kill();
    if (server !== null && server.exitCode === null) {
      const gone = once(server, 'close');
      server.kill('SIGTERM');
      await gone;
    }
    await database?.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const tokenOf = (company: number): string => `bxt_bench_${company}`;

async function seedCompanies(database: Database): Promise<void> {
  const numbers = Array.from({ length: SUBSCRIBERS }, (_, at) => at);
  const organisations = numbers.map((at) => derivedId('bench organisation', String(at)));
  const people = numbers.map((at) => derivedId('bench person', String(at)));
  const shipments = numbers.map((at) => derivedId('bench shipment', String(at)));
  await database.write(async (tx) => {
    await tx.query(`INSERT INTO site VALUES ($1, 'CNNBO', 'BLYUA', 'Bench', 'Bench', 122.05, 29.88)`, [SITE]);
    await tx.query(
      `INSERT INTO organisation (id, kind, name, name_zh, code)
       SELECT id, 'LOGISTICS_COMPANY', id::text, id::text, id::text FROM unnest($1::uuid[]) AS id`,
      [organisations],
    );
    await tx.query(`INSERT INTO person (id, display_name) SELECT id, id::text FROM unnest($1::uuid[]) AS id`, [people]);
    await tx.query(
      `INSERT INTO membership (person_id, organisation_id, role)
       SELECT person, organisation, 'LOGISTICS' FROM unnest($1::uuid[], $2::uuid[]) AS of(person, organisation)`,
      [people, organisations],
    );
    await tx.query(
      `INSERT INTO access_token (id, token_hash, person_id, organisation_id, role)
       SELECT person, hash, person, organisation, 'LOGISTICS' FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS of(person, organisation, hash)`,
      [people, organisations, numbers.map((at) => createHash('sha256').update(tokenOf(at)).digest())],
    );
    await tx.query(
      `INSERT INTO shipment (id, reference, trade, created_at) SELECT id, id::text, 'EXPORT', now() FROM unnest($1::uuid[]) AS id`,
      [shipments],
    );
    // The first 500 have the box; each of the others has one of its own.
    await tx.query(
      `INSERT INTO company_window (organisation_id, container_number, shipment_id, valid_from)
       SELECT organisation, box, shipment, now() - interval '1 day' FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS of(organisation, shipment, box)`,
      [organisations, shipments, numbers.map((at) => (at < ALLOWED ? BOX : `OTHR${at}`))],
    );
  });
}

/** @returns when the commit had returned */
async function tellOne(database: Database, round: number): Promise<number> {
  const event: NewTrackingEvent = {
    siteId: SITE,
    kind: 'ContainerGatedIn',
    asset: { kind: 'CONTAINER', code: BOX },
    occurredAt: Date.now(),
    receivedAt: Date.now(),
    truckPlate: '浙B12345',
    gateId: null,
    laneId: null,
    zoneId: null,
    passId: null,
    visitId: null,
    source: 'READER',
    late: false,
    withdraws: null,
    causes: [`round ${round}`],
    payload: {},
  };
  await database.write(async (tx) => announce(tx, await appendEvents(tx, [event])));
  return now();
}

function serve(folder: string, port: number, app: string, ingest: string): ChildProcess {
  return spawn(process.execPath, [join(checkoutRoot(), 'dist/apps/server/src/main.js')], {
    env: {
      PATH: process.env['PATH'],
      BOXTRAIL_LOG_LEVEL: 'warn',
      DATABASE_URL: app,
      DATABASE_INGEST_URL: ingest,
      PORT: String(port),
      BOXTRAIL_STATE_DIR: folder,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** What the kernel holds for the process, by its own word. */
async function residentBytes(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
}

class Subscribers {
  readonly process = fork(join(checkoutRoot(), 'dist/test/bench/subscribe/subscribers.js'), { stdio: 'inherit' });
  private heard: number[] = [];
  private opened = 0;
  private failure: string | null = null;

  constructor(private readonly port: number) {
    this.process.on('message', (message: { at?: number[]; open?: number; failure?: string }) => {
      if (message.at !== undefined) this.heard.push(...message.at);
      if (message.open !== undefined) this.opened = message.open;
      if (message.failure !== undefined) this.failure = message.failure;
    });
  }

  get waiting(): number {
    return this.heard.length;
  }

  async open(): Promise<void> {
    this.process.send({
      url: `ws://127.0.0.1:${this.port}/graphql`,
      tokens: Array.from({ length: SUBSCRIBERS }, (_, at) => tokenOf(at)),
    });
    await until('the sockets', () => {
      if (this.failure !== null) throw new Error(`the subscribers failed: ${this.failure}`);
      return this.opened === SUBSCRIBERS;
    });
  }

  /** Waits for so many, and a little longer for those that should not come. */
  async hears(count: number): Promise<number[]> {
    await until(`${count} answers`, () => this.heard.length >= count);
    await pause(500);
    return this.heard.splice(0, count);
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what} for ${PATIENCE_MS / 1000} s`);
    await pause(25);
  }
}
