import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTree } from '../../spec-support/built-tree.js';
import { Spool } from './spool.js';

const ROUNDS = 12;
const SEED = 20261122;

/** Each kill comes behind one of the first so many acknowledgements of its round: enough for some segments. */
const MOST_HEARD = 300;

/** Mulberry32, for the moments of the kills. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let tree: Awaited<ReturnType<typeof buildTree>>;
let folder: string;
beforeAll(async () => {
  tree = await buildTree();
  folder = await mkdtemp(join(tmpdir(), 'spool-kill-'));
}, 60_000);
afterAll(async () => {
  await tree.remove();
  await rm(folder, { recursive: true });
});

describe('a writer that is killed', () => {
  it(`leaves every acknowledged record in the spool, ${ROUNDS} kills in a row (seed ${SEED})`, async () => {
    const directory = join(folder, 'spool');
    const random = seeded(SEED);
    const acknowledged = new Map<number, string>();
    for (let round = 0; round < ROUNDS; round++) {
      const main = join(tree.folder, 'apps/gateway/src/spool/spool-writer.child.js');
      const child = spawn(process.execPath, [main, directory, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      const closed = once(child, 'close');
      const wanted = 1 + Math.floor(random() * MOST_HEARD);
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
        if (said.split('\n').length > wanted) child.kill('SIGKILL');
      });
      await closed;
      expect(child.signalCode).toBe('SIGKILL');
      for (const line of said.slice(0, said.lastIndexOf('\n')).split('\n')) {
        const [sequence = '', value = ''] = line.split(' ');
        expect(acknowledged.has(Number(sequence))).toBe(false);
        acknowledged.set(Number(sequence), value);
      }
    }
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);

    const spool = await Spool.open({ directory, maxBytes: 64 * 1024 * 1024, segmentBytes: 16 * 1024 });
    const found = new Map<number, string>();
    for (let next = 1; next <= spool.lastSequence;) {
      for (const record of await spool.read(next)) {
        found.set(record.sequence, Buffer.from(record.payload).toString());
        next = record.sequence + 1;
      }
    }
    await spool.close();
    expect([...found.keys()]).toEqual(Array.from({ length: found.size }, (_, index) => index + 1));
    for (const [sequence, value] of acknowledged) expect(found.get(sequence)?.slice(0, 64)).toBe(value);
  }, 60_000);
});
