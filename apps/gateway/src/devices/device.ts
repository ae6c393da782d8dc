import { newBootId, type Clock, type EpochMs, type Logger } from '#libs/kernel';
import type { DeviceHealth } from '#libs/lane';
import type { DeviceAdapter, Framer, FramerOutput, Reading, SessionStep } from '#libs/telemetry';
import { ReconnectingLine, type Transport } from '#hardware-adapters/transport';
import type { SpoolEntry } from '../pipeline/entries.js';

/** What a device needs of the pipeline's host. */
export interface ReadingStore {
  readonly mustWait: boolean;
  store(entries: readonly ((receivedAt: EpochMs) => SpoolEntry)[]): Promise<void>;
}

export interface DeviceOptions {
  readonly deviceId: string;
  readonly laneId: string | null;
  readonly adapter: DeviceAdapter;
  /** As the adapter's `parseOptions` gave them. */
  readonly adapterOptions: unknown;
  readonly createTransport: () => Transport;
  readonly connectTimeoutMs: number;
  readonly watchdogMs: number | null;
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: ReadingStore;
}

interface Waiting {
  readonly entry: (receivedAt: EpochMs) => SpoolEntry;
  readonly ackToken: number | null;
  /** Which connection it came over: a token means nothing on another. */
  readonly connection: number;
}

/** Readings of one device that may wait for the spool before its line is paused; a paused line still gives what it had read. */
const PAUSE_AT = 1_000;
/** Refused input that becomes an item; more of it is counted only. */
const REFUSALS_PER_MINUTE = 10;
const MINUTE_MS = 60_000;
const HEX_BYTES = 256;

/**
 * One device: line → framer → codec → session → readings, in its own order into the spool; acknowledged behind the fsync.
 * The boot is drawn when the object is made, and the sequence counts readings and refused input alike.
 */
export class Device {
  readonly boot = newBootId();
  readonly deviceId: string;
  private readonly framer: Framer;
  private readonly line: ReconnectingLine;
  private session: unknown;
  private connection = 0;
  private sequence = 0;
  private waiting: Waiting[] = [];
  private storing: Promise<void> | null = null;
  private rejected = 0;
  private refusalWindow = { from: 0, count: 0 };
  private paused = false;
  private stopped = false;
  private lastFrameAt: EpochMs | null = null;
  private seen: { state: DeviceHealth['state']; since: EpochMs };

  constructor(private readonly options: DeviceOptions) {
    this.deviceId = options.deviceId;
    this.framer = options.adapter.createFramer();
    this.seen = { state: 'STOPPED', since: options.clock.now() };
    this.line = new ReconnectingLine(
      options.createTransport,
      this.framer,
      {
        opened: () => this.onOpened(),
        received: (outputs, receivedAt) => this.onReceived(outputs, receivedAt),
        lost: (reason) => options.log.warn({ device: this.deviceId, why: reason?.message ?? 'hung up' }, 'line lost'),
      },
      {
        random: options.random,
        clock: options.clock,
        connectTimeoutMs: options.connectTimeoutMs,
        watchdogMs: options.watchdogMs,
      },
    );
  }

  start(): void {
    this.line.start();
  }

  /** Closes the line, and waits for what it gave to be stored. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.line.stop();
  }

  /** Resolves when nothing of the device waits for the spool. */
  async drained(): Promise<void> {
    await this.storing;
  }

  /** Once a second. */
  tick(now: EpochMs): void {
    if (this.line.health.state === 'open' && !this.paused) {
      this.take(this.options.adapter.onTick(this.session, now));
    }
    this.balance();
  }

  get reconnects(): number {
    return Math.max(0, this.line.health.opens - 1);
  }

  get frames(): number {
    return this.framer.counters.frames;
  }

  get rejectedFrames(): number {
    return this.framer.counters.refused + this.rejected;
  }

  get skippedBytes(): number {
    return this.framer.counters.skippedBytes;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  get health(): DeviceHealth {
    const line = this.line.health;
    const state = line.state.toUpperCase() as DeviceHealth['state'];
    if (state !== this.seen.state) this.seen = { state, since: this.options.clock.now() };
    return {
      deviceId: this.deviceId,
      laneId: this.options.laneId,
      state,
      stateSince: this.seen.since,
      lastFrameAt: this.lastFrameAt,
      frames: this.frames,
      rejected: this.rejectedFrames,
      skippedBytes: this.skippedBytes,
      reconnects: this.reconnects,
      lastError: line.lastError,
    };
  }

  private onOpened(): void {
    this.connection++;
    const { adapter, adapterOptions, clock, log } = this.options;
    log.info({ device: this.deviceId, address: this.line.health.address }, 'line open');
    this.take(adapter.open(adapterOptions, clock.now()));
  }

  private onReceived(outputs: readonly FramerOutput[], receivedAt: EpochMs): void {
    const { adapter } = this.options;
    this.lastFrameAt = receivedAt;
    for (const output of outputs) {
      if (output.kind === 'refused') {
        this.refuse(output.reason, null, output.bytes, receivedAt);
        continue;
      }
      const decoded = adapter.decode(output.bytes);
      if (decoded.ok) {
        this.take(adapter.onMessage(this.session, decoded.message, receivedAt));
      } else {
        this.rejected++;
        this.refuse(decoded.reason, decoded.detail ?? null, output.bytes, receivedAt);
      }
    }
  }

  private take(step: SessionStep<unknown>): void {
    this.session = step.state;
    for (const reply of step.replies) this.line.write(reply);
    for (const { body, occurredAt, ackToken, origin } of step.readings) {
      const named = { deviceId: this.deviceId, ...(origin ?? { boot: this.boot, sequence: ++this.sequence }) };
      this.wait(ackToken, (receivedAt) => {
        const reading: Reading = { ...named, occurredAt, receivedAt, body };
        return { kind: 'reading', receivedAt, reading };
      });
    }
  }

  private refuse(reason: string, detail: string | null, bytes: Uint8Array, now: EpochMs): void {
    if (now - this.refusalWindow.from >= MINUTE_MS || now < this.refusalWindow.from) {
      this.refusalWindow = { from: now, count: 0 };
    }
    if (++this.refusalWindow.count > REFUSALS_PER_MINUTE) return;
    const ref = { deviceId: this.deviceId, boot: this.boot, sequence: ++this.sequence };
    const hex = Buffer.from(bytes.subarray(0, HEX_BYTES)).toString('hex');
    this.wait(null, (receivedAt) => ({
      kind: 'refused',
      receivedAt,
      refused: { ref, receivedAt, reason, detail, hex },
    }));
  }

  private wait(ackToken: number | null, entry: Waiting['entry']): void {
    this.waiting.push({ entry, ackToken, connection: this.connection });
    this.storing ??= this.drain();
    this.balance();
  }

  private async drain(): Promise<void> {
    // What one chunk gave is stored together.
    await Promise.resolve();
    let batch: readonly Waiting[] = [];
    try {
      while (this.waiting.length > 0) {
        batch = this.waiting.splice(0);
        await this.options.store.store(batch.map(({ entry }) => entry));
        this.acknowledge(batch);
        this.balance();
      }
    } catch (error) {
      // The device was told nothing, so whatever has a memory sends it again.
      this.options.log.error(
        { device: this.deviceId, lost: batch.length, why: String(error) },
        'readings could not be stored',
      );
    } finally {
      this.storing = null;
    }
  }

  private acknowledge(batch: readonly Waiting[]): void {
    const tokens = batch
      .filter(({ connection }) => connection === this.connection)
      .map(({ ackToken }) => ackToken)
      .filter((token) => token !== null);
    if (tokens.length === 0 || this.line.health.state !== 'open') return;
    for (const bytes of this.options.adapter.acknowledge(this.session, tokens)) this.line.write(bytes);
  }

  /** Holds the device back as long as the spool cannot follow. */
  private balance(): void {
    const shouldWait = this.options.store.mustWait || this.waiting.length >= PAUSE_AT;
    if (shouldWait === this.paused || this.stopped) return;
    this.paused = shouldWait;
    if (shouldWait) this.line.pause();
    else this.line.resume();
  }
}
