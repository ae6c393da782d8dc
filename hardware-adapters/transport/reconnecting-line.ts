import { systemClock, type Clock, type EpochMs } from '#libs/kernel';
import type { Framer, FramerOutput } from '#libs/telemetry';
import type { Transport } from './contract.js';

export type LineState = 'stopped' | 'connecting' | 'open' | 'waiting';

/** What a line tells. None of these may throw. */
export interface LineEvents {
  /** At each (re)connection: the session is opened here. */
  opened(): void;
  /** Frames and refused candidates of one chunk; never empty. */
  received(outputs: readonly FramerOutput[], receivedAt: EpochMs): void;
  /** The line was lost; the framer is already reset. */
  lost(reason: Error | null): void;
  /** A recording has been told to its end. */
  ended?(): void;
}

export interface LineOptions {
  /** 0 ≤ x < 1, for the jitter; a seeded one makes the pauses repeatable. */
  readonly random: () => number;
  readonly clock?: Clock;
  readonly connectTimeoutMs?: number;
  /** Silence after which the line is closed and opened anew; null never. */
  readonly watchdogMs?: number | null;
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
  /** Bytes that may wait to be written; beyond, a write is refused and counted. */
  readonly maxQueuedBytes?: number;
}

/** Counters since `start`, for health and metrics. */
export interface LineHealth {
  readonly state: LineState;
  readonly address: string;
  readonly paused: boolean;
  readonly opens: number;
  /** Attempts that did not open. */
  readonly failedOpens: number;
  /** Open lines that were lost. */
  readonly losses: number;
  /** Of these, by the silence watchdog. */
  readonly silences: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly refusedWrites: number;
  readonly openedAt: EpochMs | null;
  readonly lastDataAt: EpochMs | null;
  readonly lastError: string | null;
  /** Length of the pause that the line is in, or was in last. */
  readonly pauseMs: number;
}

interface Connection {
  readonly transport: Transport;
  readonly lose: (reason: Error | null) => void;
}

/**
 * Keeps one device's line open: opens, and after a failure or a loss opens again with growing pauses.
 * A new transport is made for each attempt, so nothing of a dead line is carried over; the framer is kept and reset,
 * and what it dropped stays in its counters.
 */
export class ReconnectingLine {
  private readonly clock: Clock;
  private readonly connectTimeoutMs: number;
  private readonly watchdogMs: number | null;
  private readonly firstPauseMs: number;
  private readonly maxPauseMs: number;
  private readonly maxQueuedBytes: number;

  private state: LineState = 'stopped';
  private address = '';
  private paused = false;
  private connection: Connection | null = null;
  private wake: (() => void) | null = null;
  private running: Promise<void> | null = null;
  private stopping = false;
  private queuedBytes = 0;
  /** Failures and losses since the line last carried data: the exponent of the next pause. */
  private attempts = 0;

  private opens = 0;
  private failedOpens = 0;
  private losses = 0;
  private silences = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  private refusedWrites = 0;
  private openedAt: EpochMs | null = null;
  private lastDataAt: EpochMs | null = null;
  private lastError: string | null = null;
  private pauseMs = 0;

  constructor(
    private readonly createTransport: () => Transport,
    private readonly framer: Framer,
    private readonly events: LineEvents,
    private readonly options: LineOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.connectTimeoutMs = options.connectTimeoutMs ?? 5_000;
    this.watchdogMs = options.watchdogMs ?? null;
    this.firstPauseMs = options.firstPauseMs ?? 250;
    this.maxPauseMs = options.maxPauseMs ?? 10_000;
    this.maxQueuedBytes = options.maxQueuedBytes ?? 65_536;
  }

  start(): void {
    this.stopping = false;
    this.running ??= this.run().finally(() => {
      this.running = null;
      this.state = 'stopped';
    });
  }

  /** Resolves when the line is closed and nothing more will be told. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake?.();
    this.connection?.lose(null);
    await this.running;
  }

  /** False, and counted, when the line is not open or too much waits already. */
  write(bytes: Uint8Array): boolean {
    const { connection } = this;
    if (this.state !== 'open' || connection === null || this.queuedBytes + bytes.length > this.maxQueuedBytes) {
      this.refusedWrites++;
      return false;
    }
    this.queuedBytes += bytes.length;
    connection.transport.write(bytes).then(
      () => {
        this.queuedBytes -= bytes.length;
        this.bytesOut += bytes.length;
      },
      (error: unknown) => {
        this.queuedBytes -= bytes.length;
        connection.lose(asError(error));
      },
    );
    return true;
  }

  /** Holds the device back, over reconnections too, until `resume`. */
  pause(): void {
    this.paused = true;
    this.connection?.transport.pause();
  }

  resume(): void {
    this.paused = false;
    this.connection?.transport.resume();
  }

  get health(): LineHealth {
    return {
      state: this.state,
      address: this.address,
      paused: this.paused,
      opens: this.opens,
      failedOpens: this.failedOpens,
      losses: this.losses,
      silences: this.silences,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      refusedWrites: this.refusedWrites,
      openedAt: this.openedAt,
      lastDataAt: this.lastDataAt,
      lastError: this.lastError,
      pauseMs: this.pauseMs,
    };
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      await this.connectOnce();
      if (this.stopping) break;
      this.state = 'waiting';
      this.pauseMs = this.nextPauseMs();
      await this.sleep(this.pauseMs);
    }
  }

  /** One attempt and, when it opens, the life of the line. */
  private async connectOnce(): Promise<void> {
    this.state = 'connecting';
    const transport = this.createTransport();
    this.address = transport.address;
    let isLost = false;
    let tellLost: (reason: Error | null) => void = () => undefined;
    const lost = new Promise<Error | null>((resolve) => {
      tellLost = resolve;
    });
    const connection: Connection = {
      transport,
      lose: (reason) => {
        isLost = true;
        tellLost(reason);
      },
    };
    this.connection = connection;

    const opening = transport.open({
      data: (bytes) => {
        if (!isLost) this.onData(bytes);
      },
      close: connection.lose,
      end: () => this.events.ended?.(),
    });
    const failure = await this.failureOf(opening, lost);
    if (failure !== null) {
      this.connection = null;
      this.attempts++;
      if (!this.stopping) {
        this.failedOpens++;
        this.lastError = failure.message;
      }
      await transport.close();
      return;
    }

    this.state = 'open';
    this.opens++;
    this.openedAt = this.clock.now();
    this.address = transport.address;
    if (this.paused) transport.pause();
    const watchdog = this.watch(connection);
    this.events.opened();
    const reason = await lost;
    clearInterval(watchdog);
    this.connection = null;
    this.state = 'waiting';
    this.framer.reset();
    if (!this.stopping) {
      this.losses++;
      this.lastError = reason?.message ?? null;
    }
    this.attempts++;
    this.events.lost(reason);
    await transport.close();
  }

  private async failureOf(opening: Promise<void>, lost: Promise<Error | null>): Promise<Error | null> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<Error>((resolve) => {
      timer = setTimeout(
        () => resolve(new Error(`${this.address} did not open within ${this.connectTimeoutMs} ms`)),
        this.connectTimeoutMs,
      );
    });
    const opened = opening.then(() => null, asError);
    const stopped = lost.then((reason) => reason ?? new Error(`${this.address} was closed while it was opened`));
    // A line that opens and is lost in the same turn counts as opened, and then as lost.
    const failure = await Promise.race([opened, timeout, stopped]);
    clearTimeout(timer);
    return failure;
  }

  private onData(bytes: Uint8Array): void {
    const now = this.clock.now();
    this.attempts = 0;
    this.bytesIn += bytes.length;
    this.lastDataAt = now;
    const outputs = this.framer.push(bytes);
    if (outputs.length > 0) this.events.received(outputs, now);
  }

  private watch(connection: Connection): NodeJS.Timeout | undefined {
    const { watchdogMs } = this;
    if (watchdogMs === null) return undefined;
    // Counted in checks and not by the clock, so that a clock that is set does not close the line.
    let heard = this.bytesIn;
    let quietChecks = 0;
    return setInterval(() => {
      if (this.paused || heard !== this.bytesIn) {
        heard = this.bytesIn;
        quietChecks = 0;
        return;
      }
      quietChecks++;
      if (quietChecks < 4) return;
      this.silences++;
      connection.lose(new Error(`${this.address} was silent for ${watchdogMs} ms`));
    }, watchdogMs / 4);
  }

  /** 250 ms doubled with each attempt up to 10 s, less up to a half by chance, so that many lines do not return at once. */
  private nextPauseMs(): number {
    const full = Math.min(this.maxPauseMs, this.firstPauseMs * 2 ** Math.min(this.attempts - 1, 30));
    return full * (1 - this.options.random() / 2);
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
