import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DomainError } from '#libs/kernel';

const chunk = z.strictObject({
  /** Milliseconds from the start. */
  atMs: z.number().min(0),
  device: z.string().min(1),
  hex: z.string().regex(/^(?:[0-9A-Fa-f]{2})+$/, 'expected pairs of hex digits'),
});

/** Bytes as they came from one device; fixtures/recordings/README.md says the form. */
export interface RecordedChunk {
  readonly atMs: number;
  readonly device: string;
  readonly bytes: Buffer;
}

/** @throws DomainError INVALID_INPUT with the line that is wrong; an error of the file system when it cannot be read */
export function readRecording(path: string): readonly RecordedChunk[] {
  return parseRecording(readFileSync(path, 'utf8'), path);
}

/** @throws DomainError INVALID_INPUT */
export function parseRecording(text: string, path: string): readonly RecordedChunk[] {
  const refuse = (lineNumber: number, why: string): never => {
    throw new DomainError(
      'INVALID_INPUT',
      { field: `${path}:${lineNumber}`, expected: '{"atMs":520,"device":"…","hex":"A013…"}' },
      { message: `${path}, line ${lineNumber}: ${why}` },
    );
  };
  const chunks: RecordedChunk[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const parsed = chunk.safeParse(json(line));
    if (!parsed.success) return refuse(index + 1, z.prettifyError(parsed.error));
    const { atMs, device, hex } = parsed.data;
    if (atMs < (chunks.at(-1)?.atMs ?? 0)) return refuse(index + 1, `atMs is ${atMs}, before that of an earlier line`);
    chunks.push({ atMs, device, bytes: Buffer.from(hex, 'hex') });
  });
  if (chunks.length === 0) refuse(1, 'nothing is recorded');
  return chunks;
}

/** undefined: no JSON, and so no chunk. */
function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
