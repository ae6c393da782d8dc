import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#libs/kernel';
import type { Database } from './database.js';

const RECONNECT_MS = 500;

/** What is done when something is heard, and when it is not known what was missed. */
export interface Hearing {
  heard(payload: string): void;
  /** Listening begins, at first and after every loss: what was told before was not heard. */
  begun(): void;
}

/** A connection that listens. */
interface Line {
  readonly lost: Promise<void>;
  close(): void;
}

/** Listens to one channel of NOTIFY on a connection of its own, and again by itself when that is lost. */
export class ChannelListener {
  private readonly stopping = new AbortController();
  private line: Line | undefined;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly channel: string,
    private readonly hearing: Hearing,
    private readonly logger: Logger,
  ) {}

  /** Resolves once it listens. @throws DomainError UNAVAILABLE when there is no connection to begin with */
  async start(): Promise<void> {
    this.line = await this.connect();
    this.loop = this.goOn(this.line);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.line?.close();
    await this.loop;
  }

  private async goOn(first: Line): Promise<void> {
    for (let line: Line | undefined = first; ;) {
      await line?.lost;
      if (this.stopping.signal.aborted) return;
      try {
        line = await this.connect();
        this.line = line;
        if (this.stopping.signal.aborted) line.close();
      } catch (error) {
        line = undefined;
        this.logger.warn({ err: error, channel: this.channel }, 'cannot listen now; trying again');
        // Rejects when listening is to stop: then nothing is waited for.
        await pause(RECONNECT_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  private async connect(): Promise<Line> {
    const client = await this.database.listenConnection();
    const ending = new AbortController();
    const lost = new Promise<void>((resolve) => {
      ending.signal.addEventListener('abort', () => {
        client.removeAllListeners('notification');
        client.release(true);
        resolve();
      });
    });
    // What fails behind the first end is the same connection's end told again.
    const close = (): void => ending.abort();
    client.on('notification', ({ payload }) => this.hearing.heard(payload ?? ''));
    client.on('error', close);
    client.on('end', close);
    try {
      await client.query(`LISTEN ${this.channel}`);
    } catch (error) {
      close();
      throw error;
    }
    this.hearing.begun();
    return { lost, close };
  }
}
