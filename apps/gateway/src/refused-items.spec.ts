import { afterEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '#libs/kernel';
import type { UplinkItem } from '#libs/lane';
import { RefusedItems } from './refused-items.js';
import { FailingFiles } from './spool/failing-files.js';
import { ignoreMissing, nodeFiles } from './spool/index.js';

const directories: string[] = [];
async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'refused-items-'));
  directories.push(directory);
  return directory;
}
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

const log = createLogger('spec', 'silent');
/** Room for three items. */
const MAX_BYTES = 650;
const open = (directory: string, files = nodeFiles): Promise<RefusedItems> =>
  RefusedItems.open({ files, directory, log, maxBytes: MAX_BYTES });

function item(sequence: number): UplinkItem {
  const ref = { deviceId: 'd', boot: 'b', sequence };
  return {
    sequence,
    kind: 'refused',
    refused: { ref, receivedAt: 1, reason: 'r', detail: null, hex: '00'.repeat(10) },
  };
}

async function numbersIn(directory: string, name: string): Promise<number[]> {
  const text = await readFile(join(directory, name), 'utf8').catch((error: unknown) => {
    ignoreMissing(error);
    return '';
  });
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { item: UplinkItem }).item.sequence);
}

async function keptIn(directory: string): Promise<number[]> {
  return [
    ...(await numbersIn(directory, 'refused-items.1.jsonl')),
    ...(await numbersIn(directory, 'refused-items.jsonl')),
  ];
}

describe('refused items', () => {
  it('are kept with the service’s words, one a line', async () => {
    const directory = await freshDirectory();
    const refused = await open(directory);
    await refused.keep(item(1), '422 no such lane');
    const text = await readFile(join(directory, 'refused-items.jsonl'), 'utf8');
    expect(JSON.parse(text)).toEqual({ why: '422 no such lane', item: item(1) });
    expect(refused).toMatchObject({ kept: 1, dropped: 0 });
  });

  it('never stop the uplink: the oldest give way to the newest, in a bounded room, and are counted', async () => {
    const directory = await freshDirectory();
    let refused = await open(directory);
    for (let n = 1; n <= 30; n++) {
      await refused.keep(item(n), 'no');
      const kept = await keptIn(directory);
      expect(kept.at(-1)).toBe(n);
      expect(kept).toHaveLength(refused.kept);
      expect(refused.kept + refused.dropped).toBe(n);
      expect((await readFile(join(directory, 'refused-items.jsonl'))).length).toBeLessThanOrEqual(MAX_BYTES);
    }
    expect(refused.dropped).toBeGreaterThan(15);
    const { kept } = refused;
    refused = await open(directory);
    expect(refused).toMatchObject({ kept, dropped: 0 });
  });

  it('go on behind a line that a kill cut off', async () => {
    const directory = await freshDirectory();
    await (await open(directory)).keep(item(1), 'no');
    await appendFile(join(directory, 'refused-items.jsonl'), '{"why":"no","item":{"seq');
    const again = await open(directory);
    expect(again.kept).toBe(1);
    await again.keep(item(2), 'no');
    expect(await keptIn(directory)).toEqual([1, 2]);
  });

  it('begin anew when somebody has moved the file away', async () => {
    const directory = await freshDirectory();
    const refused = await open(directory);
    await refused.keep(item(1), 'no');
    await rename(join(directory, 'refused-items.jsonl'), join(directory, 'looked-at.jsonl'));
    for (let n = 2; n <= 7; n++) await refused.keep(item(n), 'no');
    expect(await keptIn(directory)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(refused).toMatchObject({ kept: 6, dropped: 0 });
    await rename(join(directory, 'refused-items.jsonl'), join(directory, 'looked-at-too.jsonl'));
    await refused.keep(item(8), 'no');
    expect(await keptIn(directory)).toEqual([2, 3, 4, 8]);
    await rename(join(directory, 'refused-items.1.jsonl'), join(directory, 'older-ones.jsonl'));
    for (let n = 9; n <= 13; n++) await refused.keep(item(n), 'no');
    expect(await keptIn(directory)).toEqual([8, 9, 10, 11, 12, 13]);
    // Nothing is counted as dropped that somebody took.
    expect(refused).toMatchObject({ kept: 6, dropped: 0 });
  });

  it.each(['ENOSPC', 'EIO'])(
    'are there exactly when they were said to be kept, whichever file call fails with %s',
    async (code) => {
      const run = async (failAt: number): Promise<number> => {
        const directory = await freshDirectory();
        const files = new FailingFiles((call) => call === failAt, code);
        const refused = await open(directory, files).catch(() => open(directory, files));
        for (let n = 1; n <= 10; n++) {
          // What could not be kept is tried again, as the uplink does.
          await refused.keep(item(n), 'no').catch((error: unknown) => {
            expect(error).toMatchObject({ code });
            return refused.keep(item(n), 'no');
          });
        }
        const kept = await keptIn(directory);
        expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 11 - kept.length + index));
        expect(refused.kept + refused.dropped).toBe(10);
        return files.calls;
      };
      const calls = await run(Infinity);
      expect(calls).toBeGreaterThan(30);
      for (let n = 1; n <= calls; n++) await run(n);
    },
  );
});
