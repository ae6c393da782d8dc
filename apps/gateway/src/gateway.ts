import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, systemClock, type Clock, type Logger } from '#libs/kernel';
import type { HealthReport } from '#libs/lane';
import { createTransport } from '#hardware-adapters/transport';
import { Device } from './devices/device.js';
import { pipelineConfigOf, readDevice, type GatewayConfig } from './gateway-config.js';
import { GatewayMetrics } from './metrics.js';
import { openPipeline, PipelineHost, type PipelinePlace } from './pipeline/host.js';
import { PIPELINE_VERSION } from './pipeline/fold.js';
import { beginStream, damageName } from './pipeline/stream.js';
import { RefusedItems } from './refused-items.js';
import { nodeFiles, Spool, type SpoolDamage, type SpoolFiles } from './spool/index.js';
import { BearerToken, type GatewayProof, type UplinkCredentials } from './uplink/credentials.js';
import { ItemQueue } from './uplink/item-queue.js';
import { SigningKeys, type SigningOptions } from './uplink/signing-keys.js';
import { Uplink, type UplinkState } from './uplink/uplink.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly proof: GatewayProof;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly files?: SpoolFiles;
  /** Told when the gateway cannot go on; the process should end with an error then and be started anew. */
  readonly onFailure: (error: unknown) => void;
}

const LAST_UPLINK_MS = 2_000;
const LAST_DRAIN_MS = 1_000;
/** A dead device holds the others' time-outs back no longer than this after a start. */
const LINES_OPEN_WITHIN_MS = 2_000;
const LINES_LOOK_MS = 20;
const DEVICE_TICK_MS = 1_000;

/** devices → spool → pipeline → uplink, put together in this order and taken apart in the same. */
export class Gateway {
  private readonly timers: NodeJS.Timeout[] = [];
  private reporting = false;
  private stopped: Promise<void> | null = null;

  private constructor(
    private readonly options: GatewayOptions,
    readonly metrics: GatewayMetrics,
    private readonly spool: Spool,
    private readonly damages: readonly SpoolDamage[],
    private readonly host: PipelineHost,
    private readonly uplink: Uplink,
    readonly refusedItems: RefusedItems,
    private readonly devices: readonly Device[],
  ) {}

  /** @throws DomainError CONFLICT when another process has the spool, or the system's error when it cannot be opened */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const { config, log } = options;
    const clock = options.clock ?? systemClock;
    const random = options.random ?? Math.random;
    const files = options.files ?? nodeFiles;
    const { gatewayId, siteId } = config;
    const directory = config.spool.dir;
    const metrics = new GatewayMetrics();
    const later: SpoolDamage[] = [];
    const spool = await Spool.open({
      directory,
      maxBytes: config.spool.maxBytes,
      segmentBytes: config.spool.segmentBytes,
      files,
      onGroup: (group) => metrics.onGroup(group),
      onDamage: (damage) => {
        later.push(damage);
        log.error({ code: 'SPOOL_DAMAGED', ...damage }, 'a damaged place of the spool was stepped over');
      },
    });
    try {
      const place: PipelinePlace = { spool, files, directory, clock, log, config: pipelineConfigOf(config) };
      const start = await openPipeline(place);
      const credentials = await openCredentials({ ...place, ...options.proof, gatewayId, siteId });
      const damages = [...spool.recovered, ...later];
      const refusedItems = await RefusedItems.open({ files, directory, log });
      const uplink: Uplink = new Uplink({
        serverUrl: config.uplink.serverUrl,
        credentials,
        gatewayId,
        siteId,
        stream: start.stream,
        confirmed: start.state.lastItem,
        clock,
        log,
        random,
        pauses: {
          firstMs: config.uplink.firstPauseMs,
          maxMs: config.uplink.maxPauseMs,
          slowMs: config.uplink.slowPauseMs,
          answerTimeoutMs: config.uplink.answerTimeoutMs,
        },
        queue: new ItemQueue(config.uplink.maxUnsentItems),
        onCommitted: (item) => host.onCommitted(item),
        isReplaying: () => host.isReplaying,
        beginStream: (itemsBefore) =>
          beginStream(files, directory, {
            itemsBefore,
            pipelineVersion: PIPELINE_VERSION,
            knownDamage: damages.map(damageName),
          }),
        keepRefused: (item, why) => refusedItems.keep(item, why),
      });
      const host: PipelineHost = new PipelineHost(place, start, uplink, config.spool.segmentBytes, options.onFailure);
      const devices = config.devices.map((entry) => {
        const { adapter, adapterOptions, transport, line } = readDevice(entry);
        return new Device({
          deviceId: entry.deviceId,
          laneId: entry.laneId,
          adapter,
          adapterOptions,
          createTransport: () => createTransport(transport),
          connectTimeoutMs: line.connectTimeoutMs,
          watchdogMs: line.watchdogMs,
          random,
          clock,
          log,
          store: host,
        });
      });
      const gateway = new Gateway({ ...options, clock }, metrics, spool, damages, host, uplink, refusedItems, devices);
      gateway.begin();
      return gateway;
    } catch (error) {
      await spool.close();
      throw error;
    }
  }

  /** Whether readings are taken: the spool takes records. The service may be away. */
  get isReady(): boolean {
    return this.stopped === null && !this.host.mustWait;
  }

  get health(): HealthReport {
    const { config } = this.options;
    return {
      gatewayId: config.gatewayId,
      siteId: config.siteId,
      at: this.now(),
      spool: {
        bytes: this.spool.bytes,
        maxBytes: config.spool.maxBytes,
        unsentItems: this.uplink.unsentItems,
        oldestUnsentAt: this.uplink.oldestUnsentAt,
        damagedRecords: this.damagedRecords,
      },
      devices: this.devices.map((device) => device.health),
    };
  }

  get uplinkState(): UplinkState {
    return this.uplink.state;
  }

  /** Devices first, then what they gave goes to the disk, then one last word to the service; at most some 4 s. */
  stop(): Promise<void> {
    this.stopped ??= this.takeApart();
    return this.stopped;
  }

  private begin(): void {
    this.metrics.watch({
      spoolBytes: () => this.spool.bytes,
      spoolMaxBytes: this.options.config.spool.maxBytes,
      waitingBytes: () => this.host.waitingBytes,
      behind: () => this.host.behind,
      unsent: () => this.uplink.unsentItems,
      damaged: () => this.damagedRecords,
      uplinkState: () => this.uplink.state,
      refusedItems: this.refusedItems,
      devices: () => this.devices,
    });
    this.host.start();
    this.uplink.start();
    for (const device of this.devices) device.start();
    this.tellListening().catch(this.options.onFailure);
    this.timers.push(
      setInterval(() => {
        for (const device of this.devices) device.tick(this.now());
      }, DEVICE_TICK_MS),
      setInterval(() => this.report(), this.options.config.uplink.healthEveryMs),
    );
    this.report();
  }

  /** A reader that is not commanded yet is silent: the pipeline's clock goes on once the lines are open, or have had their time. */
  private async tellListening(): Promise<void> {
    const deadline = performance.now() + LINES_OPEN_WITHIN_MS;
    const isOpen = (device: Device): boolean => device.health.state === 'OPEN';
    while (!this.devices.every(isOpen) && performance.now() < deadline && this.stopped === null) {
      await pause(LINES_LOOK_MS, undefined, { ref: false });
    }
    if (this.stopped !== null) return;
    await this.host.store([(receivedAt) => ({ kind: 'listening', receivedAt })]).catch((error: unknown) => {
      if (this.stopped === null) throw error;
    });
  }

  private async takeApart(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.devices.map((device) => device.stop()));
    const drained = Promise.all(this.devices.map((device) => device.drained()));
    await Promise.race([drained, pause(LAST_DRAIN_MS, undefined, { ref: false })]);
    await this.uplink.stop(LAST_UPLINK_MS);
    await this.host.stop();
    await this.spool.close();
  }

  private report(): void {
    if (this.reporting) return;
    this.reporting = true;
    this.uplink
      .report(this.health)
      .catch((error: unknown) => this.options.log.debug({ why: String(error) }, 'health was not told'))
      .finally(() => (this.reporting = false));
  }

  private get damagedRecords(): number {
    return this.damages.reduce((sum, damage) => sum + damage.records, 0) + this.host.unknown;
  }

  private now(): number {
    return (this.options.clock ?? systemClock).now();
  }
}

/** A key, or a code for one, stands above a token. @throws DomainError INVALID_CONFIG when there is nothing */
async function openCredentials({
  token,
  ...options
}: SigningOptions & { readonly token: string | null }): Promise<UplinkCredentials> {
  const keys = await SigningKeys.open(options);
  if (keys.canSend || options.code !== null) return keys;
  if (token !== null) return new BearerToken(token);
  throw new DomainError('INVALID_CONFIG', {
    field: 'BOXTRAIL_GATEWAY_CODE',
    expected: 'an enrolment code for this gateway: it has no key',
  });
}
