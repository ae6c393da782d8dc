import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '#libs/kernel';
import { laneConfig, type Port } from '../../../../fixtures/index.js';
import { demoDevices, type DemoDevice } from '../demo-gateway-config.js';
import { DeviceServer, FreePorts, tryListen } from '../wire/index.js';
import type { RecordedChunk } from './recording.js';
import { ReplayedLines, ReplayedStream, type ReplayedDevice } from './replayed-device.js';

const LOOK_EVERY_MS = 20;
/** The gateway acknowledges behind an fsync: what is not safe after so long will not become so. */
const SAFE_WITHIN_MS = 15_000;
/** A closed line takes with it what the gateway has not read; a reader has no word for "have it". */
const DRAIN_MS = 500;

/** gateway.json of a replay; whoever starts the gateway says where the service is. */
export interface ReplayGatewayConfig {
  readonly gatewayId: string;
  readonly siteId: string;
  readonly lanes: readonly ReturnType<typeof laneConfig>[];
  readonly devices: readonly { readonly deviceId: string; readonly laneId: string | null; readonly url: string }[];
  readonly spool: { readonly dir: string };
}

/** The devices of a recording on the wire: each lane of which it holds a device, whole, and receivers by themselves. */
export class Replay {
  readonly siteId: string;
  readonly devices: readonly DemoDevice[];
  private readonly played = new Map<string, ReplayedDevice>();
  private readonly servers = new Map<string, DeviceServer>();

  /** @throws DomainError INVALID_INPUT for a device that the port does not have, or for devices of two terminals */
  constructor(
    private readonly port: Port,
    private readonly chunks: readonly RecordedChunk[],
  ) {
    const named = new Set(chunks.map(({ device }) => device));
    const sites = [...new Set(port.lanes.map(({ siteId }) => siteId))].filter((siteId) =>
      demoDevices(port, siteId, 0).some(({ deviceId }) => named.has(deviceId)),
    );
    const [siteId = port.lanes[0]?.siteId ?? '', second] = sites;
    if (second !== undefined) {
      throw new DomainError('INVALID_INPUT', {
        field: 'device',
        value: sites,
        expected: 'devices of one terminal: a gateway has one site',
      });
    }
    const known = demoDevices(port, siteId, port.trucks.length);
    const unknown = [...named].filter((device) => !known.some(({ deviceId }) => deviceId === device));
    if (unknown.length > 0) {
      throw new DomainError(
        'INVALID_INPUT',
        { field: 'device', value: unknown, expected: 'devices of fixtures/port' },
        { message: `the recording names ${unknown.join(', ')}; fixtures/port has no such device` },
      );
    }
    const lanes = new Set(known.flatMap(({ deviceId, laneId }) => (named.has(deviceId) ? [laneId] : [])));
    this.siteId = siteId;
    this.devices = known.filter(
      ({ deviceId, laneId }) => named.has(deviceId) || (laneId !== null && lanes.has(laneId)),
    );
    for (const { deviceId, protocol } of this.devices) {
      const device = protocol === 'jsonl' ? new ReplayedLines(deviceId) : new ReplayedStream(protocol === 'r2000');
      this.played.set(deviceId, device);
      this.servers.set(deviceId, new DeviceServer(deviceId, device));
    }
  }

  /** @param wanted ports to take when they are free, so that a gateway of an earlier replay finds its devices again */
  async open(wanted: Readonly<Record<string, number>>, spoolDir: string): Promise<ReplayGatewayConfig> {
    const free = new FreePorts();
    const devices: ReplayGatewayConfig['devices'][number][] = [];
    for (const { deviceId, laneId, protocol, antennas } of this.devices) {
      const server = this.servers.get(deviceId);
      if (server === undefined) continue;
      const first = wanted[deviceId];
      const port = (first === undefined ? null : await tryListen(server, first)) ?? (await free.listen(server));
      const url = `${protocol}+tcp://127.0.0.1:${port}`;
      devices.push({ deviceId, laneId, url, ...(antennas === null ? {} : { antennas }) });
    }
    const lanes = this.port.lanes.filter(({ laneId }) => this.devices.some((device) => device.laneId === laneId));
    return {
      // its own: the gateway that a start runs beside it is another one
      gatewayId: `${this.siteId}/GW-REPLAY`,
      siteId: this.siteId,
      lanes: lanes.map(laneConfig),
      devices,
      spool: { dir: spoolDir },
    };
  }

  /** Resolves once a gateway listens to every device. */
  async gatewayListens(signal: AbortSignal): Promise<void> {
    while (![...this.played.values()].every((device) => device.ready)) await pause(LOOK_EVERY_MS, null, { signal });
  }

  /** Each piece at its time, divided by `speed`. */
  async play(speed: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    for (const { atMs, device, bytes } of this.chunks) {
      const waitMs = atMs / speed - (performance.now() - startedAt);
      if (waitMs > 0) await pause(waitMs, null, { signal });
      this.played.get(device)?.play(bytes);
    }
  }

  /** Waits until the gateway has said that the lines are safe. @returns how many are not */
  async settle(signal: AbortSignal): Promise<number> {
    const kept = (): number => [...this.played.values()].reduce((sum, device) => sum + device.keptLines, 0);
    const deadline = performance.now() + SAFE_WITHIN_MS;
    while (kept() > 0 && performance.now() < deadline) await pause(LOOK_EVERY_MS, null, { signal });
    await pause(DRAIN_MS, null, { signal });
    return kept();
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.close()));
  }
}
