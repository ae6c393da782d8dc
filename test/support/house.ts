import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { createClient, type Client as SubscriptionClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { laneConfig, port as demonstration } from '../../fixtures/index.js';
import {
  DEMONSTRATED_SITE,
  drawDemonstrationCode,
  seedDemonstration,
  type Demonstration,
} from '../../fixtures/seed/index.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { reservePort } from './ports.js';
import { until } from './until.js';
import { jsonlDevice, ptyReader, tcpReader, type Wire } from './wires.js';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const READER_ADDRESS = 1;
/** Longer than the gateway's lostTimeoutMs of three seconds. */
const SETTLED_MS = 3_500;
const SETTLED_LOOKS = 10;
/** Behind a recording by more than this, the machine stood still, and its truck with it. */
const STOOD_STILL_MS = 1_000;

/** $1 boxes: how many observations are stored, and of how many of the boxes there are some. */
const OBSERVED = `SELECT count(*)::text AS stored,
  count(DISTINCT asset_code) FILTER (WHERE asset_code = ANY ($1::text[]))::int AS boxes FROM observation`;

interface RecordedChunk {
  readonly atMs: number;
  readonly device: string;
  readonly hex: string;
}

export interface HouseOptions {
  /** How the lanes' UHF readers are wired. */
  readonly reader: 'pty' | 'tcp';
  readonly lanes: readonly string[];
}

export interface GraphqlAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

/** The whole house as its users run it: database, service and gateway as processes of their own, and wires to play into. */
export class House {
  private server: ChildProcess | null = null;
  private gateway: ChildProcess | null = null;
  private log = '';

  private constructor(
    private readonly folder: string,
    private readonly database: TestDatabase,
    readonly demonstration: Demonstration,
    private readonly gatewayCode: string,
    private readonly httpPort: number,
    private readonly wires: ReadonlyMap<string, Wire>,
  ) {}

  static async open(options: HouseOptions): Promise<House> {
    const folder = mkdtempSync(join(tmpdir(), 'boxtrail-house-'));
    const database = await createTestDatabase();
    const seeded = await seedDemonstration({ ingestUrl: database.ingestUrl, stateDir: folder });
    const lanes = demonstration.lanes.filter((lane) => options.lanes.includes(lane.laneId));
    const wires = new Map<string, Wire>();
    const devices: object[] = [];
    for (const lane of lanes) {
      for (const [kind, deviceId] of Object.entries(lane.devices)) {
        const place = join(folder, deviceId.replaceAll('/', '_'));
        mkdirSync(place, { recursive: true });
        const wire =
          kind !== 'reader'
            ? await jsonlDevice()
            : options.reader === 'pty'
              ? await ptyReader(place)
              : await tcpReader();
        wires.set(deviceId, wire);
        devices.push({
          deviceId,
          laneId: lane.laneId,
          url: wire.url,
          ...(kind === 'reader' ? { antennas: [1, 2], options: { address: READER_ADDRESS } } : {}),
        });
      }
    }
    const house = new House(
      folder,
      database,
      seeded,
      await drawDemonstrationCode(database.ingestUrl),
      await reservePort(),
      wires,
    );
    writeFileSync(
      join(folder, 'gateway.json'),
      JSON.stringify({
        gatewayId: seeded.gatewayId,
        siteId: DEMONSTRATED_SITE,
        lanes: lanes.map(laneConfig),
        devices,
        spool: { dir: join(folder, 'spool') },
        uplink: { serverUrl: house.url },
      }),
    );
    await house.startServer();
    await house.startGateway();
    return house;
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  token(role: 'GATE_OPERATOR' | 'LOGISTICS' | 'CUSTOMS_OFFICER' | 'STRANGER'): string {
    // The second logistics company is the stranger: it has shipments of its own, and none of these boxes.
    const wanted = role === 'STRANGER' ? 'LOGISTICS' : role;
    const found = this.demonstration.signIns
      .filter((signIn) => signIn.role === wanted)
      .at(role === 'STRANGER' ? -1 : 0);
    if (found === undefined) throw new Error(`no sign-in for ${role}`);
    return found.token;
  }

  async startServer(): Promise<void> {
    this.server = this.spawn('apps/server/src/main.js', {
      DATABASE_URL: this.database.appUrl,
      DATABASE_INGEST_URL: this.database.ingestUrl,
      PORT: String(this.httpPort),
      BOXTRAIL_STATE_DIR: this.folder,
    });
    await this.until('the service to be ready', async () => {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      return answer?.status === 200;
    });
  }

  async startGateway(): Promise<void> {
    this.gateway = this.spawn('apps/gateway/src/main.js', {
      BOXTRAIL_GATEWAY_CONFIG: join(this.folder, 'gateway.json'),
      BOXTRAIL_GATEWAY_CODE: this.gatewayCode,
    });
    await Promise.all([...this.wires.values()].map((wire) => wire.ready()));
  }

  async killServer(): Promise<void> {
    await kill(this.server, 'SIGKILL');
  }

  async killGateway(): Promise<void> {
    await kill(this.gateway, 'SIGKILL');
    for (const wire of this.wires.values()) wire.lost();
  }

  /**
   * Plays a recording onto the wires at its own pace. `interrupt` is called behind the chunk that it names, and the wire pauses
   * until it is done.
   */
  async play(
    name: string,
    interrupt?: { readonly afterChunk: number; readonly run: () => Promise<void> },
  ): Promise<void> {
    const chunks = readRecording(name);
    let startedAt = performance.now();
    for (const [index, { atMs, device, hex }] of chunks.entries()) {
      const wait = atMs - (performance.now() - startedAt);
      if (wait > 0) await pause(wait);
      const late = performance.now() - startedAt - atMs;
      if (late > STOOD_STILL_MS) startedAt += late;
      this.wires.get(device)?.write(Buffer.from(hex, 'hex'));
      if (interrupt?.afterChunk === index) {
        const stoppedAt = performance.now();
        await interrupt.run();
        startedAt += performance.now() - stoppedAt;
      }
    }
  }

  async ask(token: string | null, query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
    const answer = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-case-number': 'SPEC-0001',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await answer.json()) as GraphqlAnswer;
  }

  async passesStored(count: number): Promise<void> {
    await this.until(`${count} stored pass(es)`, async () => {
      const answer = await this.ask(this.token('GATE_OPERATOR'), '{ passes(first: 50) { nodes { id } } }');
      return ((answer.data as { passes: { nodes: unknown[] } } | null)?.passes.nodes.length ?? 0) >= count;
    });
  }

  /**
   * Waits until there is an observation of each box, which is told when its tag is lost, seconds behind the pass, and then until
   * nothing more comes: stored observations must stay as many for longer than that, and over several looks, for in one a machine
   * may have stood still.
   */
  async settled(boxes: readonly string[]): Promise<void> {
    const client = new Client({ connectionString: this.database.ownerUrl });
    await client.connect();
    try {
      let [before, since, looks] = ['', performance.now(), 0];
      await this.until('the observations to settle', async () => {
        const { rows } = await client.query<{ stored: string; boxes: number }>(OBSERVED, [boxes]);
        const stored = rows[0]?.stored ?? '';
        if (stored !== before || rows[0]?.boxes !== boxes.length)
          [before, since, looks] = [stored, performance.now(), 0];
        looks += 1;
        return performance.now() - since > SETTLED_MS && looks > SETTLED_LOOKS;
      });
    } finally {
      await client.end();
    }
  }

  /** A subscription that keeps what it gets; resolves once the service follows for it. One at a time: the service counts them. */
  async subscribe(
    token: string,
    query: string,
  ): Promise<{ readonly received: Record<string, unknown>[]; readonly client: SubscriptionClient }> {
    const before = await this.subscriptionsBegun();
    const client = createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}`, caseNumber: 'SPEC-0001' },
      retryAttempts: 0,
    });
    const received: Record<string, unknown>[] = [];
    client.subscribe<Record<string, unknown>>(
      { query },
      {
        next: ({ data }) => {
          if (data) received.push(data);
        },
        error: (error) => received.push({ error }),
        complete: () => undefined,
      },
    );
    await this.until('the subscription to begin', async () => (await this.subscriptionsBegun()) > before);
    return { received, client };
  }

  private async subscriptionsBegun(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return [...text.matchAll(/^boxtrail_subscriptions_begun_total\S* (\d+)$/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  }

  until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    return until(what, holds, { everyMs: 25, log: () => this.log.slice(-4_000) });
  }

  async close(): Promise<void> {
    await kill(this.gateway, 'SIGTERM');
    await kill(this.server, 'SIGTERM');
    await Promise.all([...this.wires.values()].map((wire) => wire.close()));
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(entry: string, env: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, [join(ROOT, 'dist', entry)], {
      env: { PATH: process.env['PATH'], BOXTRAIL_LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    return child;
  }
}

/** Brings dist/ up to the sources, as `npm test` does before; does nothing when it is. */
export async function buildOnce(): Promise<void> {
  const module = (await import(new URL('bin/build.mjs', `file://${ROOT}/`).href)) as { build(root: string): boolean };
  module.build(ROOT);
}

export function readRecording(name: string): RecordedChunk[] {
  const text = readFileSync(join(ROOT, 'fixtures/recordings', `${name}.jsonl`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedChunk);
}

async function kill(child: ChildProcess | null, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill(signal);
  await gone;
}
