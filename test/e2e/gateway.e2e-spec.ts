import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LanePass, UplinkItem } from '#libs/lane';
import type { TagVisit } from '#libs/telemetry';
import { encodeHello, encodeReading } from '#hardware-adapters/jsonl';
import type { FieldTag } from '#hardware-adapters/r2000';
import { buildTree } from '../../apps/gateway/spec-support/built-tree.js';
import { GatewayProcess } from '../../apps/gateway/spec-support/gateway-process.js';
import { ReaderOnTcp } from '../../apps/gateway/spec-support/reader-on-tcp.js';
import { ServiceStandIn } from '../../apps/gateway/spec-support/service-stand-in.js';
import { seededRandom } from '../bench/seeded-random.js';
import { reservePort } from '../support/ports.js';
import { until } from '../support/until.js';
import type { GatewayConfigInput } from '../../apps/gateway/src/gateway-config.js';

const TRUCK_TAG = { pc: '3000', rssiDbm: -51 };
const ROUND_MS = 10;
/**
 * Rounds of one truck: before antenna 1, before antenna 2, and gone for twice the lane's idle time: silence that a kill leaves
 * unwritten, up to 250 ms each, counts as unheard.
 */
const BEFORE_EACH = 20;
const GONE = 400;
const PER_TRUCK = 2 * BEFORE_EACH + GONE;

const epcOfTruck = (truck: number): string => `3034257BF7194E40${String(truck).padStart(8, '0')}`;

function trucks(count: number): (round: number) => readonly FieldTag[] {
  return (round) => {
    const truck = Math.floor(round / PER_TRUCK);
    const within = round % PER_TRUCK;
    if (truck >= count || within >= 2 * BEFORE_EACH) return [];
    return [{ ...TRUCK_TAG, epc: epcOfTruck(truck), antenna: within < BEFORE_EACH ? 1 : 2 }];
  };
}

/** What a pass and its visits must be, whatever happened to the process: times and counts of reads are the wire's. */
function storyOf(items: readonly UplinkItem[]): string[] {
  return items.map((item) => {
    if (item.kind === 'observation') {
      const visit = item.observation.body as TagVisit;
      return `visit of ${visit.epc} at ${visit.antenna}`;
    }
    return item.kind === 'pass' ? passStory(item.pass) : `refused ${item.refused.reason}`;
  });
}

function passStory(pass: LanePass): string {
  const tags = pass.tags.map((tag) => `${tag.epc} at ${tag.antennas.join('+')}`).join(', ');
  return `pass ${pass.direction} ${pass.outcome}: ${tags}`;
}

function storyOfTrucks(count: number): string[] {
  return Array.from({ length: count }, (_, truck) => [
    `visit of ${epcOfTruck(truck)} at 1`,
    `visit of ${epcOfTruck(truck)} at 2`,
    `pass IN CROSSED: ${epcOfTruck(truck)} at 1+2`,
  ]).flat();
}

let tree: Awaited<ReturnType<typeof buildTree>>;
let home: string;
let service: ServiceStandIn;
let gateway: GatewayProcess | null = null;
let reader: ReaderOnTcp | null = null;

beforeAll(async () => {
  tree = await buildTree();
});
afterAll(() => tree.remove());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gateway-'));
  service = new ServiceStandIn();
  await service.start();
});

afterEach(async () => {
  await gateway?.kill();
  gateway = null;
  await reader?.stop();
  reader = null;
  for (const camera of Camera.open.splice(0)) await camera.close();
  await service.stop();
  await rm(home, { recursive: true, force: true });
});

function configOf(devices: GatewayConfigInput['devices'], more: Partial<GatewayConfigInput> = {}): GatewayConfigInput {
  return {
    gatewayId: 'gw-test',
    siteId: 'site-test',
    lanes: [],
    devices,
    spool: { dir: join(home, 'spool'), maxBytes: 1_048_576, segmentBytes: 16_384 },
    uplink: { serverUrl: service.url, firstPauseMs: 50, maxPauseMs: 300, healthEveryMs: 500 },
    ...more,
  };
}

function laneConfig(port: number): GatewayConfigInput {
  const deviceId = 'reader-1';
  return configOf([{ deviceId, laneId: 'lane-3', url: `r2000+tcp://127.0.0.1:${port}?antennas=1,2` }], {
    lanes: [
      {
        laneId: 'lane-3',
        direction: 'IN',
        loops: [],
        antennaGroups: { landside: [{ deviceId, antenna: 1 }], terminalside: [{ deviceId, antenna: 2 }] },
        acceptance: 'EXIT',
      },
    ],
    smoothing: { glimpsedTimeoutMs: 2_000, lostTimeoutMs: 2_000, observedCountThreshold: 1 },
    timings: { idleMs: 2_000, preSessionMs: 0, tailMs: 200 },
  });
}

const start = (config: GatewayConfigInput, before: readonly string[] = []): Promise<GatewayProcess> =>
  GatewayProcess.start({ folder: tree.folder, home, config, token: service.token, before });

/** In the spool, or behind it. */
async function isKept(epc: string, antenna: number): Promise<boolean> {
  if (storyOf(service.items).includes(`visit of ${epc} at ${antenna}`)) return true;
  const folder = join(home, 'spool');
  const segments = (await readdir(folder)).filter((name) => name.endsWith('.segment'));
  // one that is deleted meanwhile has nothing that the service has not
  const texts = await Promise.all(segments.map((name) => readFile(join(folder, name), 'latin1').catch(() => '')));
  return texts.some((text) => text.includes(`"antenna":${antenna},"pc":"${TRUCK_TAG.pc}","epc":"${epc}"`));
}

describe('the gateway', () => {
  it('commands a reader, and brings a truck’s pass to the service', async () => {
    reader = new ReaderOnTcp(trucks(1), ROUND_MS);
    gateway = await start(laneConfig(await reader.start()));
    await until('three items', () => service.items.length >= 3);
    expect(storyOf(service.items)).toEqual(storyOfTrucks(1));
    expect(service.items.map((item) => item.sequence)).toEqual([1, 2, 3]);
    await until('a health report', () => service.health.some((report) => report.devices[0]?.state === 'OPEN'));
    expect(await gateway.end()).toBe(0);
    gateway = null;
  });

  it('makes the same items when it is killed ten times in the middle (seed 7)', async () => {
    const count = 3;
    const random = seededRandom(7);
    reader = new ReaderOnTcp(trucks(count), ROUND_MS);
    const config = laneConfig(await reader.start());
    for (let kill = 0; kill < 10; kill++) {
      gateway = await start(config);
      // Spread over all trucks: each kill is somewhere in its half of a truck's rounds.
      const round = Math.floor(((kill + random()) * PER_TRUCK * count) / 10);
      await until(`round ${round}`, () => (reader?.rounds ?? 0) >= round);
      const [truck, within] = [Math.floor(round / PER_TRUCK), round % PER_TRUCK];
      // Reads that wait behind a slow sync die with the process, and a reader says nothing twice: of each antenna that the truck
      // has left, one must be written.
      for (const antenna of [1, 2].filter((n) => within >= n * BEFORE_EACH)) {
        await until(`a read of truck ${truck} at ${antenna}`, () => isKept(epcOfTruck(truck), antenna));
      }
      await gateway.kill();
    }
    gateway = await start(config);
    await until('all items', () => service.items.length >= 3 * count);
    expect(storyOf(service.items)).toEqual(storyOfTrucks(count));
    expect(service.committed.size).toBe(1);
  });

  it('keeps order, loses nothing and doubles nothing while the service is away, loses its answers or is busy', async () => {
    const camera = await Camera.listen();
    gateway = await start(
      configOf([{ deviceId: 'cards', laneId: null, url: `jsonl+tcp://127.0.0.1:${camera.port}` }], {
        uplink: { serverUrl: service.url, firstPauseMs: 20, maxPauseMs: 100, maxUnsentItems: 40 },
      }),
    );
    let sent = 0;
    const send = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) await camera.send(++sent);
      await until(`acknowledgement of ${sent}`, () => camera.acknowledged === sent);
    };
    await send(50);
    await until('50 items', () => service.items.length === 50);
    service.goAway();
    // More than the queue of 40 holds: the rest waits in the spool, and the device is acknowledged all the same.
    await send(300);
    expect(service.items).toHaveLength(50);
    service.comeBack();
    await send(50);
    // The device is acknowledged before the service is told: each mood must be met before the next.
    for (const mood of ['loses answers', 'busy'] as const) {
      service.mood = mood;
      await send(50);
      await until(`a batch while the service ${mood}`, () => service.met.has(mood));
    }
    service.mood = { status: 403 };
    await send(10);
    // The uplink may still be in a pause from the busy service: its next attempt must meet the refusal.
    await until('the alarm to be told', () => gateway?.log.includes('UNAUTHORIZED') ?? false);
    service.mood = 'takes';
    await gateway.kill();
    gateway = await start(configOf([{ deviceId: 'cards', laneId: null, url: `jsonl+tcp://127.0.0.1:${camera.port}` }]));
    await until('all items', () => service.items.length >= sent);
    const numbers = service.items.map((item) =>
      item.kind === 'observation' && item.observation.body.kind === 'CardRead'
        ? item.observation.body.cardNumber
        : item.kind,
    );
    expect(numbers).toEqual(Array.from({ length: sent }, (_, index) => `card-${index + 1}`));
  });

  it('drops a part-frame when the cable is pulled, and goes on with the reader', async () => {
    reader = new ReaderOnTcp(trucks(1), ROUND_MS);
    gateway = await start(laneConfig(await reader.start()));
    await until('the truck to stand before the reader', () => (reader?.rounds ?? 0) > 5);
    // Head of a tag's frame: 0x13 bytes should follow, and two do.
    reader.hangUp(Uint8Array.of(0xa0, 0x13, 0x01, 0x89));
    await until('three items', () => service.items.length >= 3);
    expect(storyOf(service.items)).toEqual(storyOfTrucks(1));
    await until('the reconnection to be reported', () => service.health.at(-1)?.devices[0]?.reconnects === 1);
    expect(service.health.at(-1)?.devices[0]?.skippedBytes).toBe(4);
  });

  it('tells its state and its figures over its own http', async () => {
    const port = await reservePort();
    reader = new ReaderOnTcp(trucks(1), ROUND_MS);
    const config = laneConfig(await reader.start());
    gateway = await GatewayProcess.start({ folder: tree.folder, home, config, token: service.token, port });
    await until('three items', () => service.items.length >= 3);
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    expect((await get('/health/live')).status).toBe(200);
    expect(await (await get('/health/ready')).json()).toMatchObject({
      status: 'ready',
      uplink: 'OPEN',
      refusedItems: { kept: 0, dropped: 0 },
    });
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(/^boxtrail_device_frames_total\{device="reader-1"\} [1-9]/m);
    expect(metrics).toMatch(/^boxtrail_spool_sync_seconds_count [1-9]/m);
    expect(metrics).toMatch(/^boxtrail_uplink_unsent_items 0$/m);
    expect(metrics).toMatch(/^boxtrail_uplink_state\{state="OPEN"\} 1$/m);
    expect(metrics).toMatch(/^boxtrail_uplink_state\{state="OUT_OF_STEP"\} 0$/m);
    expect(metrics).toMatch(/^boxtrail_uplink_refused_dropped_items_total 0$/m);
  });

  it('refuses a second process on the same spool', async () => {
    reader = new ReaderOnTcp(trucks(0), ROUND_MS);
    const config = laneConfig(await reader.start());
    gateway = await start(config);
    await expect(start(config)).rejects.toThrow(/in use by another process/);
  });

  const hasStrace = spawnSync('strace', ['-V']).status === 0;
  const mustRun = hasStrace || process.env['CI'] !== undefined;
  it(
    mustRun
      ? 'syncs the spool before the first byte of a batch, by the trace of its system calls'
      : 'CANNOT TELL HERE, strace is missing: syncs the spool before the first byte of a batch',
    async () => {
      if (!mustRun) return;
      const trace = join(home, 'trace');
      const camera = await Camera.listen();
      gateway = await start(
        configOf([{ deviceId: 'cards', laneId: null, url: `jsonl+tcp://127.0.0.1:${camera.port}` }]),
        ['strace', '-f', '-y', '-s', '256', '-e', 'trace=fdatasync,pwrite64,pwritev,sendto,write,writev', '-o', trace],
      );
      await camera.send(1);
      await until('the item', () => service.items.length === 1);
      await until('the acknowledgement', () => camera.acknowledged === 1);
      expect(await gateway.end()).toBe(0);
      const lines = (await readFile(trace, 'utf8')).split('\n');
      const written = lines.findIndex(
        (line) => line.includes('.segment>') && line.includes('\\"kind\\":\\"reading\\"'),
      );
      const thread = (lines[written] ?? '').split(' ')[0] ?? '';
      const synced = lines.findIndex(
        (line, index) => index > written && /fdatasync.*= 0$/.test(line) && isOfSegment(lines, index),
      );
      const sent = lines.findIndex((line) => line.includes('POST /ingest/v1/batches'));
      const acknowledged = lines.findIndex((line) => line.includes('{\\"ack\\":1}'));
      expect(thread).not.toBe('');
      expect(written).toBeGreaterThan(-1);
      expect(synced).toBeGreaterThan(written);
      expect(sent).toBeGreaterThan(synced);
      expect(acknowledged).toBeGreaterThan(synced);
    },
  );
});

/** A finished fdatasync names its file at once, or in the line where the same thread began it. */
function isOfSegment(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? '';
  if (!line.includes('resumed>')) return line.includes('.segment>');
  const thread = line.split(' ')[0] ?? '';
  const began = lines
    .slice(0, index)
    .findLast((other) => other.startsWith(`${thread} `) && other.includes('fdatasync('));
  return began?.includes('.segment>') ?? false;
}

/** A device that speaks JSON lines and remembers what was not acknowledged. */
class Camera {
  /** Closed behind each test, however it went. */
  static readonly open: Camera[] = [];
  acknowledged = 0;
  private socket: Socket | null = null;
  private seq = 0;
  private connections = 0;
  private rest = '';

  private constructor(private readonly server: ReturnType<typeof createServer>) {
    server.on('connection', (socket) => {
      this.socket = socket;
      socket.on('error', () => socket.destroy());
      socket.write(encodeHello('camera', `boot-${++this.connections}`));
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (this.rest + chunk).split('\n');
        this.rest = lines.pop() ?? '';
        for (const line of lines) this.acknowledged = (JSON.parse(line) as { ack: number }).ack;
      });
    });
  }

  static async listen(): Promise<Camera> {
    const camera = new Camera(createServer());
    Camera.open.push(camera);
    camera.server.listen(0, '127.0.0.1');
    await once(camera.server, 'listening');
    return camera;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async send(card: number): Promise<void> {
    await until('a connection', () => this.socket !== null);
    this.socket?.write(encodeReading(++this.seq, null, { kind: 'CardRead', cardNumber: `card-${card}` }));
  }

  async close(): Promise<void> {
    this.socket?.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
