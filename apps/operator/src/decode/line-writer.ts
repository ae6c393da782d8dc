import { writeSync } from 'node:fs';

const FLUSH_CHARS = 65_536;
const PAUSE_MS = 5;

/** The reader of our output has gone (`| head`). */
export class OutputClosed extends Error {}

/**
 * Lines to standard output, gathered, and written before the next blocking read. Written synchronously: Node's stream would
 * pile them up in memory while this process is busy reading.
 */
export class LineWriter {
  private waiting = '';

  line(value: unknown): void {
    this.waiting += `${JSON.stringify(value)}\n`;
    if (this.waiting.length > FLUSH_CHARS) {
      this.flush();
    }
  }

  /** @throws OutputClosed */
  flush(): void {
    let bytes: Uint8Array = Buffer.from(this.waiting);
    this.waiting = '';
    while (bytes.length > 0) {
      bytes = bytes.subarray(writeSome(bytes));
    }
  }
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') {
      throw new OutputClosed();
    }
    if (code !== 'EAGAIN') {
      throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    return 0;
  }
}
