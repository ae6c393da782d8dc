import { closeSync, openSync, readSync } from 'node:fs';
import { UsageError } from '../usage-error.js';

const CHUNK_BYTES = 65_536;
const LONGEST_LINE = 65_536;
const PAUSE_MS = 10;

/** Bytes as people paste them: with blanks, colons, commas, `0x` and line breaks. @throws UsageError */
export function bytesFromHex(text: string): Uint8Array {
  const digits = text.replace(/0x/gi, '').replace(/[\s:,-]/g, '');
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong !== null) {
    throw new UsageError(`--hex holds "${wrong[0]}", which is no hex digit`);
  }
  if (digits.length % 2 !== 0) {
    throw new UsageError(`--hex has ${digits.length} digits; bytes have two each`);
  }
  return Buffer.from(digits, 'hex');
}

/**
 * A file or standard input in chunks, without holding more than one. Reading blocks: decoding is all that this process does,
 * and a chunk is taken as soon as any byte is there.
 * @param path `-` is standard input
 */
export function* chunksOf(path: string, beforeRead: () => void): Generator<Uint8Array> {
  const fd = path === '-' ? 0 : openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (;;) {
      beforeRead();
      const length = readSome(fd, buffer);
      if (length === 0) {
        return;
      }
      // a framer may keep a view of what it was given
      yield Uint8Array.prototype.slice.call(buffer, 0, length);
    }
  } finally {
    if (fd !== 0) {
      closeSync(fd);
    }
  }
}

/** Standard input that another process set to non-blocking answers EAGAIN while nothing is there. */
function readSome(fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, buffer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') {
        return 0;
      }
      if (code !== 'EAGAIN') {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** Lines without their ends; one that never ends is cut at 64 KiB, so that memory stays bounded. */
export function* linesOf(chunks: Iterable<Uint8Array>): Generator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > LONGEST_LINE) {
      yield rest;
      rest = '';
    }
  }
  rest += decoder.decode();
  if (rest !== '') {
    yield rest;
  }
}
