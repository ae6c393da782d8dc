import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '#libs/kernel';
import { FailingFiles } from '../spool/failing-files.js';
import { GatedFiles } from '../spool/gated-files.js';
import { Spool, type SpoolOptions } from '../spool/index.js';
import { Intake } from './intake.js';

const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

interface Opened {
  readonly spool: Spool;
  readonly intake: Intake;
  readonly put: (...texts: string[]) => Promise<void>;
  readonly stored: () => Promise<string[]>;
}

async function opened(options: Partial<SpoolOptions> & { groupBytes?: number } = {}): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), 'intake-'));
  directories.push(directory);
  const spool = await Spool.open({ directory, maxBytes: 32 * 1024 * 1024, segmentBytes: 64 * 1024, ...options });
  const { groupBytes = 1024 } = options;
  const log = createLogger('spec', 'silent');
  const intake = new Intake({ spool, log, groupBytes, retryMs: 2, onStored: () => undefined });
  return {
    spool,
    intake,
    put: (...texts) => intake.put(texts.map((text) => Buffer.from(text))),
    stored: async () => {
      const found: string[] = [];
      for (let next = 1; next <= spool.lastSequence; next = found.length + 1) {
        found.push(...(await spool.read(next)).map(({ payload }) => Buffer.from(payload).toString()));
      }
      return found;
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name} ${n}`);

describe('the intake', () => {
  it('writes what gathers during a sync as one group with one sync, and acknowledges nothing before', async () => {
    const gate = new GatedFiles();
    const groups: number[] = [];
    const { spool, put, stored } = await opened({ files: gate.files, onGroup: ({ records }) => groups.push(records) });
    const acknowledged: string[] = [];
    const store = (text: string) => put(text).then(() => acknowledged.push(text));
    await store('begin');
    gate.shut();
    const before = gate.syncs;
    const first = store('first');
    await until(() => gate.held === 1);
    const rest = numbered('gathered', 50).map(store);
    await new Promise(setImmediate);
    expect(acknowledged).toEqual(['begin']);
    gate.letGo();
    await first;
    await until(() => gate.held === 1);
    expect(acknowledged).toEqual(['begin', 'first']);
    gate.letGo();
    await Promise.all(rest);
    expect(groups).toEqual([1, 1, 50]);
    expect(gate.syncs - before).toBe(2);
    expect(acknowledged).toEqual(['begin', 'first', ...numbered('gathered', 50)]);
    expect(await stored()).toEqual(acknowledged);
    await spool.close();
  });

  it.each([
    ['a full disk', 'ENOSPC', ['write']],
    ['a failing sync', 'EIO', ['datasync']],
    ['a failing sync and a cut that fails three times', 'EIO', ['datasync', 'truncate', 'truncate', 'truncate']],
  ])('keeps the order of one call and of all calls over %s', async (_, code, failures) => {
    const failing = [...failures];
    let isArmed = false;
    const files = new FailingFiles((_call, name) => {
      if (!isArmed || failing[0] !== name) return false;
      failing.shift();
      return true;
    }, code);
    const { spool, intake, put, stored } = await opened({ files, groupBytes: 100 });
    await put('begin');
    isArmed = true;
    // The reader's call takes several groups, of which the first fails; the loops' lines come while it waits, and later.
    const reader = put(...numbered('reader', 40));
    const loop = put('loop on');
    await until(() => intake.mustWait);
    const later = put('loop off');
    await Promise.all([reader, loop, later]);
    expect(failing).toEqual([]);
    expect(intake.mustWait).toBe(false);
    expect(await stored()).toEqual(['begin', ...numbered('reader', 40), 'loop on', 'loop off']);
    await spool.close();
  });

  it('lets nothing small pass by what is too large for the room that is left', async () => {
    const { spool, intake, put, stored } = await opened({ maxBytes: 2_000, segmentBytes: 500 });
    for (const text of numbered('a', 3)) await put(text + 'x'.repeat(500));
    const waiting = [put('b'.repeat(600)), put('c')];
    await until(() => intake.mustWait);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(spool.lastSequence).toBe(3);
    await spool.forget(2);
    await Promise.all(waiting);
    expect((await stored()).slice(-2)).toEqual(['b'.repeat(600), 'c']);
    await spool.close();
  });

  it('tells whoever stores to wait once 4 MiB wait for the disk', async () => {
    const gate = new GatedFiles();
    const { spool, intake, put } = await opened({ files: gate.files });
    const large = 'x'.repeat(1024 * 1024);
    await put('begin');
    gate.shut();
    const calls = [put('first')];
    await until(() => gate.held === 1);
    calls.push(put(large, large, large, large));
    expect(intake.mustWait).toBe(true);
    gate.open();
    await Promise.all(calls);
    expect(intake.mustWait).toBe(false);
    expect(intake.waitingBytes).toBe(0);
    await spool.close();
  });

  it('refuses a record that is too long with its call, and nobody else’s', async () => {
    const { spool, put, stored } = await opened();
    const calls = [put('a'), put('b', 'x'.repeat(1024 * 1024 + 1)), put('c')];
    await expect(calls[1]).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await Promise.all([calls[0], calls[2]]);
    expect(await stored()).toEqual(['a', 'c']);
    await spool.close();
  });

  it('stores what waits when it is stopped, and refuses it when the disk does', async () => {
    let isFull = false;
    const files = new FailingFiles((_, name) => isFull && name === 'write', 'ENOSPC');
    const { spool, intake, put, stored } = await opened({ files });
    const stops = async (): Promise<void> => {
      const calls = [put('a'), put('b')];
      await intake.stop();
      await Promise.all(calls);
    };
    await stops();
    expect(await stored()).toEqual(['a', 'b']);
    await expect(put('late')).rejects.toMatchObject({ code: 'UNAVAILABLE' });

    const full = new Intake({
      spool,
      log: createLogger('spec', 'silent'),
      groupBytes: 1,
      retryMs: 2,
      onStored: () => undefined,
    });
    isFull = true;
    const held = full.put([Buffer.from('c')]);
    const refused = expect(held).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until(() => full.mustWait);
    await full.stop();
    await refused;
    expect(await stored()).toEqual(['a', 'b']);
    await spool.close();
  });
});
