import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileConfig, Transport, TransportEvents } from './contract.js';

const LF = 0x0a;
const READ_BYTES = 65_536;
/** A "line" of a recording without line ends. */
const MAX_LINE_BYTES = 65_536;

interface Run {
  stopped: boolean;
  readonly abort: AbortController;
}

/** Tells a recording as if a device sent it: so many lines a second, or as fast as it is taken. Writes go nowhere. */
export class FileReplayTransport implements Transport {
  readonly address: string;
  private run: Run | null = null;
  private paused: { readonly over: Promise<void>; readonly resume: () => void } | null = null;

  constructor(private readonly config: FileConfig) {
    this.address = `file ${config.path}`;
  }

  async open(events: TransportEvents): Promise<void> {
    const file = await open(this.config.path, 'r');
    await file.close();
    const run: Run = { stopped: false, abort: new AbortController() };
    this.run = run;
    this.tell(run, events).then(
      () => {
        if (!run.stopped) events.end?.();
      },
      (error: unknown) => {
        if (run.stopped) return;
        this.run = null;
        events.close(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  write(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.run !== null) {
      this.run.stopped = true;
      this.run.abort.abort();
      this.run = null;
    }
    this.resume();
    return Promise.resolve();
  }

  pause(): void {
    if (this.paused !== null) return;
    let resume = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      resume = resolve;
    });
    this.paused = { over, resume };
  }

  resume(): void {
    this.paused?.resume();
    this.paused = null;
  }

  private async tell(run: Run, events: TransportEvents): Promise<void> {
    const { rate, loop } = this.config;
    const startedAt = performance.now();
    let told = 0;
    do {
      const before = told;
      for await (const line of linesOf(this.config.path, rate === null)) {
        if (this.paused !== null) await this.paused.over;
        if (rate !== null) {
          const dueInMs = startedAt + (told * 1000) / rate - performance.now();
          // Below a timer's resolution lines go out in bursts; the mean stays right.
          if (dueInMs >= 1) await sleep(dueInMs, undefined, { signal: run.abort.signal });
        } else {
          // Others get their turn between two blocks.
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (run.stopped) return;
        events.data(line);
        told++;
      }
      // An empty recording has nothing to repeat.
      if (told === before) return;
    } while (loop && !run.stopped);
  }
}

/** Lines with their LF, or blocks as they were read. */
async function* linesOf(path: string, asBlocks: boolean): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES);
      if (bytesRead === 0) break;
      const block = buffer.subarray(0, bytesRead);
      if (asBlocks) {
        yield block;
        continue;
      }
      rest = Buffer.concat([rest, block]);
      for (let lf = rest.indexOf(LF); lf >= 0; lf = rest.indexOf(LF)) {
        yield rest.subarray(0, lf + 1);
        rest = rest.subarray(lf + 1);
      }
      if (rest.length > MAX_LINE_BYTES) {
        yield rest;
        rest = Buffer.alloc(0);
      }
    }
    if (rest.length > 0) yield rest;
  } finally {
    await file.close();
  }
}
