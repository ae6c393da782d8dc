import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, ManualClock } from '#libs/kernel';
import { PIPELINE_DEFAULTS, type PipelineConfig, type UplinkItem } from '#libs/lane';
import { FailingFiles } from '../spool/failing-files.js';
import { GatedFiles } from '../spool/gated-files.js';
import { nodeFiles, Spool, type SpoolFiles } from '../spool/index.js';
import { ItemQueue } from '../uplink/item-queue.js';
import type { SpoolEntry } from './entries.js';
import { openPipeline, PipelineHost, type PipelineStart } from './host.js';

const config: PipelineConfig = { ...PIPELINE_DEFAULTS, siteId: 'site', lanes: [], laneOfDevice: {} };
const log = createLogger('spec', 'silent');
const SEGMENT_BYTES = 4_096;

const directories: string[] = [];
async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'host-'));
  directories.push(directory);
  return directory;
}
const begun = new Set<Running>();
afterEach(async () => {
  for (const running of begun) await running.end();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** Spool, pipeline and queue of one process; the spec plays the service. */
class Running {
  private constructor(
    readonly spool: Spool,
    readonly start: PipelineStart,
    readonly queue: ItemQueue,
    readonly host: PipelineHost,
    readonly failures: readonly unknown[],
  ) {}

  static async begin(
    directory: string,
    {
      files = nodeFiles,
      maxItems = 1_000_000,
      maxBytes = 1_048_576,
      clock = new ManualClock(Date.UTC(2026, 10, 22, 8)),
    }: { files?: SpoolFiles; maxItems?: number; maxBytes?: number; clock?: ManualClock } = {},
  ): Promise<Running> {
    const spool = await Spool.open({ directory, maxBytes, segmentBytes: SEGMENT_BYTES, files });
    const place = { spool, files, directory, config, clock, log, retryMs: 2 };
    try {
      const start = await openPipeline(place);
      const queue = new ItemQueue(maxItems);
      const sink = {
        get hasRoom() {
          return queue.hasRoom;
        },
        whenRoom: () => queue.whenRoom(),
        offer: (items: readonly UplinkItem[]) => queue.push(items, 0),
      };
      const failures: unknown[] = [];
      const host = new PipelineHost(place, start, sink, SEGMENT_BYTES, (error) => failures.push(error));
      host.start();
      await host.store([(receivedAt) => ({ kind: 'listening', receivedAt })]);
      const running = new Running(spool, start, queue, host, failures);
      begun.add(running);
      return running;
    } catch (error) {
      await spool.close();
      throw error;
    }
  }

  async storeCards(from: number, to: number): Promise<void> {
    for (let n = from; n <= to; n++) await this.host.store([card(n)]);
  }

  /** Everything that was stored, or as much as was folded when the host gave up. */
  async folded(): Promise<void> {
    while (this.host.behind > 0 && this.failures.length === 0) await new Promise(setImmediate);
  }

  /** The service commits everything that was made. */
  commitAll(): UplinkItem[] {
    const items = this.queue.head(Infinity, Infinity);
    const last = this.queue.last;
    if (last === null) return [];
    this.queue.drop(last);
    this.host.onCommitted(last);
    return items;
  }

  async end(): Promise<void> {
    begun.delete(this);
    await this.host.stop();
    await this.spool.close();
  }

  /** As a killed process leaves it: nothing is written at the end. */
  async vanish(): Promise<void> {
    // An item that nobody commits keeps `stop` from writing a last checkpoint.
    await this.host.store([card(0, 'another')]);
    await this.folded();
    await this.end();
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

function card(n: number, deviceId = 'cards', padding = 40): (receivedAt: number) => SpoolEntry {
  return (receivedAt) => ({
    kind: 'reading',
    receivedAt,
    reading: {
      deviceId,
      boot: 'b',
      sequence: n,
      occurredAt: receivedAt,
      receivedAt,
      body: { kind: 'CardRead', cardNumber: `card-${n} ${'x'.repeat(padding)}` },
    },
  });
}

const numbersOf = (items: readonly UplinkItem[]): number[] =>
  items.flatMap((item) => (item.kind === 'observation' ? [item.observation.sequence] : []));
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const segmentsIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith('.segment')).sort();

describe('the pipeline’s host', () => {
  it('ends a tag’s visit also while the clock, put back by an hour, has not caught up', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 22, 8));
    const running = await Running.begin(await freshDirectory(), { clock });
    const body = { kind: 'TagRead', antenna: 1, pc: '3000', epc: 'AA', rssiDbm: -50, frequencyKhz: null } as const;
    for (const sequence of [1, 2]) {
      const named = { deviceId: 'reader', boot: 'b', sequence };
      await running.host.store([
        (receivedAt) => ({
          kind: 'reading',
          receivedAt,
          reading: { ...named, occurredAt: receivedAt, receivedAt, body },
        }),
      ]);
    }
    await running.folded();
    clock.advance(-3_600_000);
    let passedMs = 0;
    await until(() => {
      clock.advance(100);
      passedMs += 100;
      return running.queue.length === 1;
    });
    // The 3 s after which a tag has left take longer at half the pace, and not the hour until the clock has caught up.
    expect(passedMs).toBeLessThan(3_600_000);
    await running.end();
  });

  it('makes the same items under the same numbers after a restart, as long as nothing is committed', async () => {
    const directory = await freshDirectory();
    const first = await Running.begin(directory);
    await first.storeCards(1, 60);
    await first.folded();
    const made = first.queue.head(Infinity, Infinity);
    expect(numbersOf(made)).toEqual(range(1, 60));
    await first.end();
    const again = await Running.begin(directory);
    await again.folded();
    expect(again.queue.head(Infinity, Infinity)).toEqual(made);
    expect(again.start.stream).toEqual(first.start.stream);
    await again.end();
  });

  it('deletes segments only behind a checkpoint whose items are committed, and goes on from it', async () => {
    const directory = await freshDirectory();
    const running = await Running.begin(directory);
    await running.storeCards(1, 200);
    await running.folded();
    const before = await segmentsIn(directory);
    expect(before.length).toBeGreaterThan(5);
    expect(before[0]).toBe('0000000000000001.segment');
    expect(running.commitAll()).toHaveLength(200);
    await running.storeCards(201, 210);
    await running.vanish();
    const after = await segmentsIn(directory);
    expect(after[0]).not.toBe('0000000000000001.segment');

    const again = await Running.begin(directory);
    await again.folded();
    const left = again.queue.head(Infinity, Infinity);
    expect(numbersOf(left).slice(-11)).toEqual([...range(201, 210), 0]);
    // What the checkpoint does not hold is made again under its old numbers: the service takes it for a repetition.
    for (const item of left.slice(0, -1)) expect(numbersOf([item])).toEqual([item.sequence]);
    expect(left.length).toBeLessThan(100);
    await again.end();
  });

  it('keeps the order of the readings over groups that the disk refuses, of one device and of one that speaks meanwhile', async () => {
    // Refuses the first group of the store, and the third.
    let writes = -1;
    const refused = (): boolean => writes >= 0 && [1, 3].includes(++writes);
    const files = new FailingFiles((_, name) => name === 'write' && refused(), 'ENOSPC');
    const running = await Running.begin(await freshDirectory(), { files, maxBytes: 8_388_608 });
    writes = 0;
    const reader = running.host.store(range(1, 60).map((n) => card(n, 'cards', 20_000)));
    await until(() => running.host.mustWait);
    const other = running.host.store([card(61, 'another')]);
    await Promise.all([reader, other]);
    await running.folded();
    expect(numbersOf(running.queue.head(Infinity, Infinity))).toEqual(range(1, 61));
    await running.end();
  });

  it('gives the items of one group to the uplink while the next one is synced', async () => {
    const gate = new GatedFiles();
    const running = await Running.begin(await freshDirectory(), { files: gate.files });
    gate.shut();
    const first = running.host.store([card(1)]);
    await until(() => gate.held === 1);
    const second = running.host.store([card(2)]);
    gate.letGo();
    await first;
    await until(() => gate.held === 1);
    await until(() => running.queue.length > 0);
    const given = numbersOf(running.queue.head(Infinity, Infinity));
    gate.open();
    expect(given).toEqual([1]);
    await second;
    await running.folded();
    expect(numbersOf(running.queue.head(Infinity, Infinity))).toEqual([1, 2]);
    await running.end();
  });

  it('stops to fold when the queue is full, goes on storing, and drains in order', async () => {
    const running = await Running.begin(await freshDirectory(), { maxItems: 10 });
    await running.storeCards(1, 100);
    await until(() => running.queue.length >= 10);
    await new Promise(setImmediate);
    expect(running.queue.length).toBe(10);
    expect(running.host.behind).toBe(90);
    const seen: number[] = [];
    while (seen.length < 100) {
      seen.push(...numbersOf(running.commitAll()));
      await new Promise(setImmediate);
    }
    expect(seen).toEqual(range(1, 100));
    await running.end();
  });

  it('holds whoever stores while the spool is full, and stores all of it once the service has committed', async () => {
    const directory = await freshDirectory();
    const running = await Running.begin(directory, { maxBytes: 4 * SEGMENT_BYTES });
    let stored = 0;
    const storing = (async () => {
      for (let n = 1; n <= 150; n++) {
        await running.host.store([card(n)]);
        stored = n;
      }
    })();
    while (!running.host.mustWait) await new Promise(setImmediate);
    expect(stored).toBeLessThan(150);
    expect(running.spool.bytes).toBeLessThanOrEqual(4 * SEGMENT_BYTES);
    const seen: number[] = [];
    while (stored < 150) {
      seen.push(...numbersOf(running.commitAll()));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await storing;
    await running.folded();
    seen.push(...numbersOf(running.commitAll()));
    expect(seen).toEqual(range(1, 150));
    expect(running.host.mustWait).toBe(false);
    await running.end();
  });

  it.each([
    ['a flipped bit', (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9)],
    ['a format of tomorrow', (bytes: Buffer) => bytes.write('9', bytes.indexOf(' ') + 1)],
    ['another first line', (bytes: Buffer) => bytes.write('X', 0)],
  ])('replays what the spool has, under a new stream, when the checkpoint has %s', async (_, spoil) => {
    const directory = await freshDirectory();
    const running = await Running.begin(directory);
    await running.storeCards(1, 200);
    await running.folded();
    running.commitAll();
    await running.storeCards(201, 203);
    await running.vanish();
    const path = join(directory, 'checkpoint');
    const bytes = await readFile(path);
    spoil(bytes);
    await writeFile(path, bytes);

    const again = await Running.begin(directory);
    await again.folded();
    const items = again.queue.head(Infinity, Infinity);
    expect(numbersOf(items).slice(-4)).toEqual([201, 202, 203, 0]);
    expect(items[0]?.sequence).toBe(1);
    expect(again.start.stream.streamId).not.toBe(running.start.stream.streamId);
    expect(again.start.stream.itemsBefore).toBe(0);
    await again.end();
  });

  it('begins a new stream once for a damaged record, and tells the service nothing under an old number', async () => {
    const directory = await freshDirectory();
    const running = await Running.begin(directory);
    await running.storeCards(1, 20);
    await running.folded();
    await running.end();
    const path = join(directory, '0000000000000001.segment');
    const bytes = await readFile(path);
    const at = bytes.indexOf('card-7 ');
    bytes.write('CARD', at);
    await writeFile(path, bytes);

    const second = await Running.begin(directory);
    await second.folded();
    expect(numbersOf(second.queue.head(Infinity, Infinity))).toEqual(range(1, 20).filter((n) => n !== 7));
    expect(second.start.stream.streamId).not.toBe(running.start.stream.streamId);
    await second.end();
    const third = await Running.begin(directory);
    expect(third.start.stream).toEqual(second.start.stream);
    await third.end();
  });

  it.each(['ENOSPC', 'EIO'])(
    'commits every stored reading once when the n-th file call fails with %s, every second n (the other code has the rest)',
    async (code) => {
      const run = async (failAt: number): Promise<number> => {
        const directory = await freshDirectory();
        const files = new FailingFiles((call) => call === failAt, code);
        // What the service has, by stream: a number that it has is a repetition.
        const committed = new Map<string, number[]>();
        const commit = (running: Running): void => {
          const { streamId, itemsBefore } = running.start.stream;
          const has = committed.get(streamId) ?? [];
          committed.set(streamId, has);
          for (const item of running.commitAll()) {
            const number = item.sequence - itemsBefore;
            if (number > has.length + 1) throw new Error(`item ${number} behind ${has.length}`);
            if (number === has.length + 1) has.push(...numbersOf([item]));
          }
        };
        for (let life = 0; life < 3; life++) {
          let running = await Running.begin(directory, { files }).catch(() => Running.begin(directory, { files }));
          await running.storeCards(life * 6 + 1, life * 6 + 6);
          await running.folded();
          if (running.failures.length > 0) {
            // A spool that cannot be read ends the process, and the next one goes on.
            expect(running.failures).toMatchObject([{ code }]);
            await running.end();
            running = await Running.begin(directory, { files });
            await running.folded();
          }
          if (life !== 1) commit(running);
          await running.end();
          expect(running.failures).toEqual([]);
        }
        const last = await Running.begin(directory);
        await last.folded();
        commit(last);
        await last.end();
        const all = [...committed.values()].flat();
        expect([...new Set(all)].sort((a, b) => a - b)).toEqual(range(1, 18));
        // Only what was sent again under a new stream may stand twice; the service knows it by its readings.
        if (committed.size === 1) expect(all).toEqual(range(1, 18));
        return files.calls;
      };
      const calls = await run(Infinity);
      expect(calls).toBeGreaterThan(25);
      for (let n = code === 'EIO' ? 1 : 2; n <= calls; n += 2) await run(n);
    },
    60_000,
  );
});
