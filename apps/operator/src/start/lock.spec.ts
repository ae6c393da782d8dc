import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '#libs/persistence';
import { StartLock, type LockContent } from './lock.js';

describe('the lock of a start', () => {
  let folder: string;
  let file: string;
  const shown: string[] = [];
  const show = (line: string): void => void shown.push(line);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'boxtrail-lock-'));
    file = join(folder, 'start.lock');
    shown.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const content = (): LockContent => JSON.parse(readFileSync(file, 'utf8')) as LockContent;
  const dead = { name: 'start', pid: process.pid, identity: 'another boot/1', address: null, children: [] };

  it('refuses a second start and names the process and address of the first', async () => {
    const lock = await StartLock.acquire(file, show);
    lock.update({ address: 'http://localhost:3001' });
    await expect(StartLock.acquire(file, show)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(new RegExp(`process ${process.pid}, http://localhost:3001`)) as unknown,
    });
  });

  it('is free again after its release, and leaves no other file', async () => {
    (await StartLock.acquire(file, show)).release();
    expect(readdirSync(folder)).toEqual([]);
    (await StartLock.acquire(file, show)).release();
  });

  it('takes over from a process whose number was drawn again', async () => {
    writeFileSync(file, JSON.stringify(dead satisfies LockContent));
    await StartLock.acquire(file, show);
    expect(content()).toMatchObject({ pid: process.pid, identity: processIdentity(process.pid) });
  });

  it('takes over a file that was cut off while it was written', async () => {
    writeFileSync(file, '{"name":"sta');
    await StartLock.acquire(file, show);
    expect(content().pid).toBe(process.pid);
  });

  it('ends the children that a killed start left, and no stranger that has the number of one', async () => {
    const [left, stranger] = [sleeper(), sleeper()];
    const identity = processIdentity(left.pid);
    expect(identity).not.toBeNull();
    const children = [
      { name: 'gateway', pid: left.pid, identity: identity ?? '' },
      { name: 'server', pid: stranger.pid, identity: 'another boot/1' },
    ];
    writeFileSync(file, JSON.stringify({ ...dead, children } satisfies LockContent));
    await StartLock.acquire(file, show);
    expect(processIdentity(left.pid)).toBeNull();
    expect(processIdentity(stranger.pid)).not.toBeNull();
    expect(shown).toEqual([expect.stringContaining(`process ${left.pid}`)]);
    stranger.end();
  });

  it('does not remove the lock of another start at its release', async () => {
    const lock = await StartLock.acquire(file, show);
    writeFileSync(file, JSON.stringify({ ...dead, pid: 1 }));
    lock.release();
    expect(existsSync(file)).toBe(true);
  });
});

function sleeper(): { pid: number; end(): void } {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 60_000)'], { stdio: 'ignore' });
  return { pid: child.pid ?? -1, end: () => void child.kill('SIGKILL') };
}
