import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type Client } from 'graphql-ws';
import pg from 'pg';
import { WebSocket } from 'ws';
import {
  DEMONSTRATED_SITE,
  drawDemonstrationCode,
  seedDemonstration,
  type Demonstration,
} from '../../../fixtures/seed/index.js';
import { derivedId } from '../../../libs/kernel/src/index.js';
import {
  migrate,
  prepareRoles,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../libs/persistence/src/index.js';
import { checkoutRoot } from '../peers.js';
import { freePort } from '../support/free-port.js';
import { processorTimeOf, processorTimeOfFamily } from '../support/processor-time.js';
import type { LaneOnWire, Truck } from './lane-on-wire.js';

const GATE = `${DEMONSTRATED_SITE}/G1`;
const LANE_ZONE = `${DEMONSTRATED_SITE}/TERMINAL`;
const PATIENCE_MS = 60_000;

/** Seconds of processor that each part used so far. */
export type Cpu = Readonly<Record<'server' | 'gateway' | 'postgres' | 'bench', number>>;

/** PostgreSQL with its real settings, the service and one gateway as processes of their own. */
export class HouseUnderLoad {
  private server: ChildProcess | null = null;
  private gateway: ChildProcess | null = null;
  private readonly subscribers: Client[] = [];
  private said = '';

  private constructor(
    private readonly folder: string,
    private readonly postgres: EmbeddedPostgres,
    private readonly seeded: Demonstration,
    private readonly port: number,
  ) {}

  /** @param trucks are bound to their tags before anything runs */
  static async open(lanes: readonly LaneOnWire[], trucks: readonly Truck[]): Promise<HouseUnderLoad> {
    const folder = mkdtempSync(join(tmpdir(), 'boxtrail-bench-gate-'));
    const postgres = await startEmbeddedPostgres({ stateDir: folder });
    const { ownerUrl } = postgres;
    await migrate(ownerUrl);
    const roles = await prepareRoles(ownerUrl, { app: 'bench-app', ingest: 'bench-ingest' });
    const seeded = await seedDemonstration({ ingestUrl: roles.ingestUrl, stateDir: folder });
    await addLanesAndTrucks(ownerUrl, lanes, trucks);
    const house = new HouseUnderLoad(folder, postgres, seeded, await freePort());
    writeFileSync(
      join(folder, 'gateway.json'),
      JSON.stringify({
        gatewayId: seeded.gatewayId,
        siteId: DEMONSTRATED_SITE,
        lanes: lanes.map((lane) => lane.config),
        devices: lanes.flatMap((lane) => lane.devices),
        spool: { dir: join(folder, 'spool') },
        uplink: { serverUrl: `http://127.0.0.1:${house.port}` },
      }),
    );
    house.server = house.spawn('apps/server/src/main.js', {
      DATABASE_URL: roles.appUrl,
      DATABASE_INGEST_URL: roles.ingestUrl,
      PORT: String(house.port),
      BOXTRAIL_STATE_DIR: folder,
    });
    await house.until('the service to be ready', async () => {
      const answer = await fetch(`http://127.0.0.1:${house.port}/health/ready`).catch(() => null);
      await answer?.arrayBuffer();
      return answer?.status === 200;
    });
    house.gateway = house.spawn('apps/gateway/src/main.js', {
      BOXTRAIL_GATEWAY_CONFIG: join(folder, 'gateway.json'),
      BOXTRAIL_GATEWAY_CODE: await drawDemonstrationCode(roles.ingestUrl),
    });
    await house.until('the gateway to open its devices', () => lanes.every((lane) => lane.isConnected));
    return house;
  }

  /** Calls back with each answer of a subscription, with the moment at which it was here. */
  subscribe(
    role: 'GATE_OPERATOR' | 'CUSTOMS_OFFICER',
    query: string,
    onNext: (data: Record<string, unknown>, at: number) => void,
  ): void {
    const token = this.seeded.signIns.find((signIn) => signIn.role === role)?.token;
    const client = createClient({
      url: `ws://127.0.0.1:${this.port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token ?? ''}`, caseNumber: 'BENCH-0001' },
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => undefined,
    });
    client.subscribe<Record<string, unknown>>(
      { query },
      {
        next: ({ data, errors }) => {
          if (data) onNext(data, performance.now());
          else this.said += `subscription: ${JSON.stringify(errors)}\n`;
        },
        error: (error) => (this.said += `subscription: ${JSON.stringify(error)}\n`),
        complete: () => undefined,
      },
    );
    this.subscribers.push(client);
  }

  /** Batches of the gateway that the service took so far, and how long it had them, by its own /metrics. */
  async batches(): Promise<{ readonly count: number; readonly seconds: number }> {
    const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
    const read = (name: string): number => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
    return { count: read('boxtrail_ingest_seconds_count'), seconds: read('boxtrail_ingest_seconds_sum') };
  }

  cpu(): Cpu {
    const own = process.cpuUsage();
    return {
      server: processorTimeOf(this.server?.pid),
      gateway: processorTimeOf(this.gateway?.pid),
      postgres: processorTimeOfFamily(this.postgres.pid),
      bench: (own.user + own.system) / 1e6,
    };
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      const isGone = [this.server, this.gateway].some((child) => child !== null && child.exitCode !== null);
      if (isGone || performance.now() > deadline) {
        throw new Error(`waited for ${what}; the processes said:\n${this.said.slice(-6_000)}`);
      }
      await pause(25);
    }
  }

  /** What the processes and subscriptions complained of. */
  get complaints(): string {
    return this.said.slice(-2_000);
  }

  async close(): Promise<void> {
    for (const client of this.subscribers) await client.dispose();
    for (const child of [this.gateway, this.server]) {
      if (child === null || child.exitCode !== null) continue;
      const gone = once(child, 'close');
      child.kill('SIGTERM');
      await gone;
    }
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** With BENCH_CPU_PROFILE=<folder> each process leaves a .cpuprofile there. */
  private spawn(entry: string, env: Record<string, string>): ChildProcess {
    const profile = process.env['BENCH_CPU_PROFILE'];
    const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const child = spawn(process.execPath, [...flags, join(checkoutRoot(), 'dist', entry)], {
      env: { PATH: process.env['PATH'], BOXTRAIL_LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString('utf8')).slice(-20_000)));
    }
    return child;
  }
}

async function addLanesAndTrucks(
  ownerUrl: string,
  lanes: readonly LaneOnWire[],
  trucks: readonly Truck[],
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO lane (id, site_id, gate_id, number, direction, zone_id)
       SELECT id, $1, $2, 1000 + n, way, $3 FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS lane(id, way, n)`,
      [DEMONSTRATED_SITE, GATE, LANE_ZONE, lanes.map((lane) => lane.laneId), lanes.map((lane) => lane.way)],
    );
    const plates = trucks.map(({ plate }) => plate);
    await client.query(`INSERT INTO asset (kind, code) SELECT 'TRUCK', plate FROM unnest($1::text[]) AS truck(plate)`, [
      plates,
    ]);
    await client.query(
      `INSERT INTO binding (id, kind, subject, asset_kind, asset_code, valid_from, source)
       SELECT id, 'TAG', epc, 'TRUCK', plate, '2024-01-01T00:00:00Z', 'SEED'
       FROM unnest($1::uuid[], $2::text[], $3::text[]) AS tag(id, epc, plate)`,
      [trucks.map(({ tag }) => derivedId('bench-tag', tag.hex)), trucks.map(({ tag }) => tag.hex), plates],
    );
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}
