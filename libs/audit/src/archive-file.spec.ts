import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readArchive } from './archive-file.js';

const GENESIS = '0'.repeat(64);

/** A chain as the schema makes it, from what the prose says of it. */
function chain(first: number, count: number): string[] {
  let previousHash = GENESIS;
  return Array.from({ length: count }, (_, at) => {
    const record = JSON.stringify({
      sequence: first + at,
      operation: 'Query.events',
      caseNumber: '甬关查〔2026〕1号',
      note: '"}',
    });
    const hash = createHash('sha256')
      .update(Buffer.concat([Buffer.from(previousHash, 'hex'), Buffer.from(record, 'utf8')]))
      .digest('hex');
    const line = `{"record":${record},"previousHash":"${previousHash}","hash":"${hash}"}`;
    previousHash = hash;
    return line;
  });
}

describe('an archive of the audit', () => {
  it('is read as a chain, with its ends and the hash of its file', async () => {
    const lines = chain(41, 5);
    const text = lines.map((line) => `${line}\n`).join('');
    expect(await readArchive(lines)).toEqual({
      records: 5,
      firstSequence: 41,
      lastSequence: 45,
      previousHash: GENESIS,
      lastHash: lines[4]?.slice(-66, -2),
      brokenLine: null,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
  });

  it.each([
    ['a changed letter', (lines: string[]) => lines.with(2, lines[2]?.replace('events', 'passes') ?? '')],
    ['a missing line', (lines: string[]) => lines.toSpliced(2, 1)],
    ['a line twice', (lines: string[]) => lines.toSpliced(2, 0, lines[1] ?? '')],
    [
      'two lines in the wrong order',
      (lines: string[]) => [lines[0], lines[1], lines[3], lines[2], lines[4]].map(String),
    ],
    ['what is no line of one', (lines: string[]) => lines.with(2, '{}')],
    ['a line that goes on behind its end', (lines: string[]) => lines.with(2, `${lines[2]} `)],
    ['a line of another chain', (lines: string[]) => lines.with(2, chain(3, 1)[0] ?? '')],
  ])('shows %s where it stands', async (_, change) => {
    expect(await readArchive(change(chain(1, 5)))).toMatchObject({ brokenLine: 3 });
  });

  it('of nothing has no ends', async () => {
    expect(await readArchive([])).toMatchObject({ records: 0, firstSequence: null, lastHash: null, brokenLine: null });
  });
});
