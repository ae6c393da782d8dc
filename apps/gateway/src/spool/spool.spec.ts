import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailingFiles } from './failing-files.js';
import { lockDirectory } from './lock.js';
import { MAX_PAYLOAD_BYTES, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './segment.js';
import { Spool, type SpoolOptions } from './spool.js';

const directories: string[] = [];

async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'spool-'));
  directories.push(directory);
  return directory;
}

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

const bounds = { maxBytes: 1024 * 1024, segmentBytes: 64 * 1024 };
const text = (value: string) => Buffer.from(value);

async function everything(spool: Spool, from = 1): Promise<string[]> {
  const found: string[] = [];
  for (let next = from; ;) {
    const records = await spool.read(next);
    const last = records.at(-1);
    if (last === undefined) return found;
    found.push(...records.map((record) => `${record.sequence} ${Buffer.from(record.payload).toString()}`));
    next = last.sequence + 1;
  }
}

async function reopened(options: SpoolOptions): Promise<string[]> {
  const spool = await Spool.open(options);
  const found = await everything(spool);
  await spool.close();
  return found;
}

describe('the spool', () => {
  it('numbers records from 1 and gives them back after it was opened again', async () => {
    const options = { ...bounds, directory: await freshDirectory() };
    const spool = await Spool.open(options);
    expect(await Promise.all([spool.append(text('a')), spool.append(text('b'))])).toEqual([1, 2]);
    expect(await spool.append(text('c'))).toBe(3);
    await spool.close();

    const again = await Spool.open(options);
    expect(again.spoolId).toBe(spool.spoolId);
    expect(again.recovered).toEqual([]);
    expect(await again.append(text('d'))).toBe(4);
    expect(await everything(again)).toEqual(['1 a', '2 b', '3 c', '4 d']);
    expect(await everything(again, 3)).toEqual(['3 c', '4 d']);
    await again.close();
  });

  it('writes what one call brings as one group with one sync, all of it or nothing', async () => {
    const directory = await freshDirectory();
    const groups: number[] = [];
    let syncs = 0;
    let full = false;
    const files = new FailingFiles((_, name) => {
      syncs += name === 'datasync' ? 1 : 0;
      return full && name === 'write';
    }, 'ENOSPC');
    const onGroup = (group: { records: number }) => groups.push(group.records);
    const spool = await Spool.open({ ...bounds, directory, files, onGroup });
    expect(await spool.append(text('a'))).toBe(1);
    const before = syncs;
    expect(await spool.append(text('b'), text('c'), text('d'))).toBe(2);
    expect(syncs - before).toBe(1);
    full = true;
    await expect(spool.append(text('e'), text('f'))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    full = false;
    expect(await spool.append(text('g'))).toBe(5);
    expect(groups).toEqual([1, 3, 1]);
    await spool.close();
    expect(await reopened({ ...bounds, directory })).toEqual(['1 a', '2 b', '3 c', '4 d', '5 g']);
  });

  it('refuses a group with a record that is too long, and takes none of it', async () => {
    const spool = await Spool.open({ ...bounds, directory: await freshDirectory() });
    const long = Buffer.alloc(MAX_PAYLOAD_BYTES + 1);
    await expect(spool.append(text('a'), long)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await spool.append(text('b'))).toBe(1);
    await spool.close();
  });

  it('reads across segments, and forgets only whole ones', async () => {
    const options = { directory: await freshDirectory(), maxBytes: 1024 * 1024, segmentBytes: 200 };
    const spool = await Spool.open(options);
    for (let n = 1; n <= 40; n++) await spool.append(text(`record ${n}`));
    await spool.close();
    const again = await Spool.open(options);
    const files = (await readdir(options.directory)).filter((name) => name.endsWith('.segment'));
    expect(files.length).toBeGreaterThan(4);
    expect(await everything(again)).toEqual(
      Array.from({ length: 40 }, (_, index) => `${index + 1} record ${index + 1}`),
    );
    const before = again.bytes;
    await again.forget(20);
    expect(again.firstSequence).toBeLessThanOrEqual(21);
    expect(again.firstSequence).toBeGreaterThan(1);
    expect(again.bytes).toBeLessThan(before);
    expect(await everything(again, 21)).toHaveLength(20);
    await again.forget(40);
    expect(await again.append(text('next'))).toBe(41);
    await again.close();
  });

  it('keeps counting after everything before was forgotten and the process died at the beginning of a segment', async () => {
    const options = { directory: await freshDirectory(), maxBytes: 1024 * 1024, segmentBytes: 50 };
    const spool = await Spool.open(options);
    for (let n = 1; n <= 3; n++) await spool.append(text(`record ${n}`));
    await spool.forget(2);
    await spool.close();
    const [last] = (await readdir(options.directory)).filter((name) => name.endsWith('.segment'));
    await truncate(join(options.directory, last ?? ''), SEGMENT_HEADER_BYTES);
    for (const size of [SEGMENT_HEADER_BYTES, 17, 0]) {
      await truncate(join(options.directory, last ?? ''), size);
      const again = await Spool.open(options);
      expect(again.lastSequence).toBe(2);
      await again.close();
    }
    const again = await Spool.open(options);
    expect(await again.append(text('third again'))).toBe(3);
    await again.close();
    expect(await reopened(options)).toEqual(['3 third again']);
  });

  it('goes on behind the last whole record wherever the last segment was cut', async () => {
    const options = { ...bounds, directory: await freshDirectory() };
    const spool = await Spool.open(options);
    await spool.append(text('one'));
    await spool.append(text('two'));
    await spool.append(text('three'));
    await spool.close();
    const path = join(options.directory, '0000000000000001.segment');
    const bytes = await readFile(path);
    const endOfTwo = SEGMENT_HEADER_BYTES + 2 * (RECORD_HEADER_BYTES + 3);
    for (let length = endOfTwo; length < bytes.length; length++) {
      for (const name of await readdir(options.directory)) {
        if (name.endsWith('.segment')) await rm(join(options.directory, name));
      }
      await writeFile(path, bytes.subarray(0, length));
      const again = await Spool.open(options);
      expect(again.recovered).toHaveLength(length === endOfTwo ? 0 : 1);
      expect(await again.append(text('four'))).toBe(3);
      expect(await everything(again)).toEqual(['1 one', '2 two', '3 four']);
      await again.close();
      const clean = await Spool.open(options);
      expect(clean.recovered).toEqual([]);
      await clean.close();
    }
  });

  it('reports a flipped bit with file, offset and count, and reads the others', async () => {
    const options = { ...bounds, directory: await freshDirectory() };
    const spool = await Spool.open(options);
    for (const value of ['one', 'two', 'three']) await spool.append(text(value));
    await spool.close();
    const file = '0000000000000001.segment';
    const bytes = await readFile(join(options.directory, file));
    const second = SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + 3;
    bytes.writeUInt8(bytes.readUInt8(second + 17) ^ 0x10, second + 17);
    await writeFile(join(options.directory, file), bytes);
    const again = await Spool.open(options);
    expect(again.recovered).toEqual([
      { file, offset: second, bytes: RECORD_HEADER_BYTES + 3, records: 1, where: 'MIDDLE' },
    ]);
    expect(await everything(again)).toEqual(['1 one', '3 three']);
    await again.close();
  });

  it('reports damage that happens under its feet once, when it reads the place', async () => {
    const damages: unknown[] = [];
    const directory = await freshDirectory();
    const writer = await Spool.open({ ...bounds, directory });
    for (const value of ['one', 'two', 'three']) await writer.append(text(value));
    await writer.close();
    const spool = await Spool.open({ ...bounds, directory, onDamage: (damage) => damages.push(damage) });
    const path = join(directory, '0000000000000001.segment');
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(SEGMENT_HEADER_BYTES) ^ 1, SEGMENT_HEADER_BYTES);
    await writeFile(path, bytes);
    expect(await everything(spool)).toEqual(['2 two', '3 three']);
    await everything(spool);
    expect(damages).toMatchObject([{ offset: SEGMENT_HEADER_BYTES, records: 1 }]);
    await spool.close();
  });

  it('says how many records a removed segment held', async () => {
    const options = { directory: await freshDirectory(), maxBytes: 1024 * 1024, segmentBytes: 50 };
    const spool = await Spool.open(options);
    for (let n = 1; n <= 3; n++) await spool.append(text(`record ${n}`));
    await spool.close();
    await rm(join(options.directory, '0000000000000002.segment'));
    const again = await Spool.open(options);
    expect(again.recovered).toMatchObject([{ file: '0000000000000001.segment', records: 1 }]);
    expect(await everything(again)).toEqual(['1 record 1', '3 record 3']);
    await again.close();
  });

  it('answers STORAGE_FULL at its bound and goes on when something was forgotten', async () => {
    const options = { directory: await freshDirectory(), maxBytes: 2000, segmentBytes: 300 };
    const spool = await Spool.open(options);
    let last = 0;
    await expect(
      (async () => {
        for (;;) last = await spool.append(Buffer.alloc(100, 65));
      })(),
    ).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(spool.bytes).toBeLessThanOrEqual(2000);
    await spool.forget(last);
    expect(await spool.append(text('again'))).toBe(last + 1);
    await spool.close();
  });

  it('answers STORAGE_FULL while the disk is full, keeps what it has, and goes on when there is room', async () => {
    const directory = await freshDirectory();
    let full = false;
    const files = new FailingFiles((_, name) => full && (name === 'write' || name === 'create'), 'ENOSPC');
    const spool = await Spool.open({ ...bounds, directory, files });
    await spool.append(text('before'));
    full = true;
    for (let n = 0; n < 3; n++)
      await expect(spool.append(text('refused'))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    // Half of the refused record was written; it is cut off, not left for the next start.
    expect((await stat(join(directory, '0000000000000001.segment'))).size).toBe(
      SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + 6,
    );
    full = false;
    expect(await spool.append(text('after'))).toBe(2);
    await spool.close();
    expect(await reopened({ ...bounds, directory })).toEqual(['1 before', '2 after']);
  });

  it.each(['ENOSPC', 'EIO'])(
    'holds exactly what it acknowledged when the n-th file call fails with %s, for every n',
    async (code) => {
      const run = async (failAt: number): Promise<number> => {
        const directory = await freshDirectory();
        const files = new FailingFiles((call) => call === failAt, code);
        const acknowledged: string[] = [];
        let opened: Spool | null = null;
        for (let attempt = 0; opened === null && attempt < 2; attempt++) {
          try {
            opened = await Spool.open({ directory, maxBytes: 100_000, segmentBytes: 120, files });
          } catch (error) {
            expect(error).toMatchObject({ code });
          }
        }
        if (opened === null) throw new Error('not opened at the second attempt');
        const spool = opened;
        for (let n = 0; n < 12; n++) {
          try {
            acknowledged.push(`${await spool.append(text(`record ${n}`))} record ${n}`);
          } catch (error) {
            expect(error).toMatchObject({ retryable: true });
          }
        }
        // One failure refuses one group here, since each append is waited for.
        expect(acknowledged.length).toBeGreaterThanOrEqual(11);
        expect(await everything(spool)).toEqual(acknowledged);
        await spool.close();
        expect(await reopened({ directory, maxBytes: 100_000, segmentBytes: 120 })).toEqual(acknowledged);
        return files.calls;
      };
      const calls = await run(Infinity);
      expect(calls).toBeGreaterThan(30);
      for (let n = 1; n <= calls; n++) await run(n);
    },
  );

  it('refuses every append until a failed write could be cut off, so that a refused record never comes back', async () => {
    const directory = await freshDirectory();
    let failing = new Set<string>();
    const files = new FailingFiles((_, name) => failing.has(name), 'EIO');
    const spool = await Spool.open({ ...bounds, directory, files });
    await spool.append(text('one'));
    failing = new Set(['datasync', 'truncate']);
    await expect(spool.append(text('lost'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    failing = new Set(['truncate']);
    await expect(spool.append(text('lost too'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    failing = new Set();
    expect(await spool.append(text('two'))).toBe(2);
    await spool.close();
    expect(await reopened({ ...bounds, directory })).toEqual(['1 one', '2 two']);
  });

  it('is locked against a second opening, and a lock whose process is dead is taken over', async () => {
    const options = { ...bounds, directory: await freshDirectory() };
    const spool = await Spool.open(options);
    await expect(Spool.open(options)).rejects.toMatchObject({ code: 'CONFLICT' });
    await spool.close();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await writeFile(join(options.directory, 'lock'), JSON.stringify({ pid: child.pid, startedAt: '1', machine: 'x' }));
    const release = await lockDirectory(options.directory);
    expect((await readdir(options.directory)).filter((name) => name.startsWith('lock'))).toEqual(['lock']);
    await release();
    expect((await readdir(options.directory)).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('takes a lock over whose process was killed and is still in the table of processes', async () => {
    const options = { ...bounds, directory: await freshDirectory() };
    // sleep never asks after the child that its shell had: killed once the shell has become sleep, the child stays a zombie
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number(String((await once(parent.stdout, 'data'))[0]));
    try {
      while ((await readFile(`/proc/${parent.pid}/comm`, 'utf8')) !== 'sleep\n');
      process.kill(pid, 'SIGKILL');
      let stat: string;
      do stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      while (!stat.includes(') Z '));
      const machine = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
      const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      await writeFile(join(options.directory, 'lock'), JSON.stringify({ pid, startedAt, machine }));
      const release = await lockDirectory(options.directory);
      await release();
    } finally {
      parent.kill();
    }
  });
});
