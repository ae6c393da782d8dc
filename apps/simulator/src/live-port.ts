import { DomainError, systemClock, type Clock } from '#libs/kernel';
import type { Port } from '../../../fixtures/index.js';
import { demoDevices, type DemoDevice } from './demo-gateway-config.js';
import {
  DeviceServer,
  FreePorts,
  LineDevice,
  ReaderDevice,
  ReceiverDevice,
  talkerOf,
  tryListen,
  type DeviceProtocol,
} from './wire/index.js';
import { advance, createWorld, motionOf, planSite, radioField, type SitePlan, type World } from './world/index.js';

export interface LivePortOptions {
  readonly port: Port;
  readonly siteId: string;
  readonly trucks: number;
  readonly seed: number;
  readonly speed: number;
  /** Goes on from here; null begins anew. */
  readonly world: World | null;
  readonly clock?: Clock;
}

const TICK_MS = 100;
/** A process that slept does not catch up: its trucks stood still. */
const MOST_BEHIND_MS = 1_000;
const SECOND_MS = 1_000;

/** The world on the wire: one TCP port for each reader, camera, controller and receiver. Time begins with the first host. */
export class LivePort {
  readonly plan: SitePlan;
  readonly world: World;
  readonly devices: readonly DemoDevice[];
  private readonly servers = new Map<string, DeviceServer>();
  private readonly lines = new Map<string, LineDevice>();
  private readonly receivers: ReceiverDevice[] = [];
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly clock: Clock;
  private lastTickAt: number | null = null;

  constructor(private readonly options: LivePortOptions) {
    const { port, siteId, trucks, seed } = options;
    this.clock = options.clock ?? systemClock;
    this.plan = planSite(port, siteId, trucks);
    this.world = options.world ?? createWorld(this.plan, options);
    this.devices = demoDevices(port, siteId, trucks);
    this.devices.forEach((device, index) => {
      const { deviceId } = device;
      this.servers.set(
        deviceId,
        new DeviceServer(deviceId, this.starting(this.protocolOf(device, seed + index, index))),
      );
    });
  }

  /**
   * Opens every device and lets time begin.
   * @param base first of consecutive ports; null: `wanted` of each device where it is free, else any
   * @returns device id → port
   * @throws DomainError UNAVAILABLE naming the port that is taken
   */
  async open(base: number | null, wanted: Readonly<Record<string, number>>): Promise<Readonly<Record<string, number>>> {
    const ports: Record<string, number> = {};
    const free = new FreePorts();
    for (const [index, { deviceId }] of this.devices.entries()) {
      const server = this.servers.get(deviceId);
      if (server === undefined) continue;
      const first = base === null ? wanted[deviceId] : base + index;
      const port = first === undefined ? null : await tryListen(server, first);
      if (port === null && base !== null) {
        throw new DomainError(
          'UNAVAILABLE',
          { field: 'BOXTRAIL_SIMULATOR_PORT_BASE', value: base, expected: `free ports from ${base} on` },
          { message: `port ${base + index} for ${deviceId} is taken` },
        );
      }
      ports[deviceId] = port ?? (await free.listen(server));
    }
    this.timers.push(setInterval(() => this.tick(), TICK_MS));
    this.receivers.forEach((receiver, index) => {
      // receivers do not tell their seconds all at once
      const start = setTimeout(
        () => this.timers.push(setInterval(() => receiver.tick(), SECOND_MS)),
        (index * SECOND_MS) / this.receivers.length,
      );
      this.timers.push(start);
    });
    return ports;
  }

  async close(): Promise<void> {
    this.timers.forEach((timer) => clearInterval(timer));
    await Promise.all([...this.servers.values()].map((server) => server.close()));
  }

  /** Lines that cameras and controllers keep because nobody has said that they are safe. */
  get keptLines(): number {
    return [...this.lines.values()].reduce((sum, device) => sum + device.keptLines, 0);
  }

  private tick(): void {
    if (this.lastTickAt === null) return;
    const now = this.clock.now();
    const elapsedMs = Math.min(MOST_BEHIND_MS, Math.max(0, now - this.lastTickAt));
    this.lastTickAt = now;
    for (let leftMs = Math.round(elapsedMs * this.options.speed); leftMs > 0; leftMs -= TICK_MS) {
      for (const { deviceId, body } of advance(this.plan, this.world, Math.min(TICK_MS, leftMs), this.options)) {
        this.lines.get(deviceId)?.say(body);
      }
    }
  }

  private protocolOf(
    { deviceId, laneId, protocol, antennas }: DemoDevice,
    seed: number,
    index: number,
  ): DeviceProtocol {
    switch (protocol) {
      case 'jsonl': {
        const line = new LineDevice(deviceId, this.clock);
        this.lines.set(deviceId, line);
        return line;
      }
      case 'r2000': {
        const lane = this.plan.lanes.find((candidate) => candidate.laneId === laneId);
        const field = () => (lane === undefined ? [] : radioField(this.plan, this.world, lane));
        return new ReaderDevice(field, antennas ?? [1], this.clock, this.options.speed);
      }
      case 'nmea': {
        const truck = this.world.trucks.find(
          ({ truckId }) => this.plan.trucks.get(truckId)?.truck.receiverDeviceId === deviceId,
        );
        if (truck === undefined) throw new Error(`no truck carries ${deviceId}`);
        const receiver = new ReceiverDevice(() => motionOf(this.plan, truck), talkerOf(index), seed, this.clock);
        this.receivers.push(receiver);
        return receiver;
      }
    }
  }

  private starting(protocol: DeviceProtocol): DeviceProtocol {
    return {
      onHost: (host) => {
        this.lastTickAt ??= this.clock.now();
        protocol.onHost(host);
      },
      onBytes: (host, bytes) => protocol.onBytes(host, bytes),
      onGone: (host) => protocol.onGone(host),
    };
  }
}
