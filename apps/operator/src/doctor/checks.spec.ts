import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { StartLock } from '../start/lock.js';
import { line } from './check.js';
import { checkDatabase, judgeClock, judgeRole } from './database-checks.js';
import { checkClock, checkNode, checkPort, checkSerial } from './machine-checks.js';

describe('the doctor', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['20.18.3', 'fail'],
    ['21.7.0', 'fail'],
    ['22.12.0', 'fail'],
    ['22.13.0', 'ok'],
    ['23.5.0', 'fail'],
    ['24.10.0', 'fail'],
    ['24.11.0', 'ok'],
    ['25.0.0', 'ok'],
    ['18.20.0', 'fail'],
  ])('judges Node %s as package.json does: %s', (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  it('fails a clock of 1970 and warns of one that jumps', async () => {
    expect((await checkClock(() => 0)).status).toBe('fail');
    let reading = Date.UTC(2026, 10, 22);
    expect((await checkClock(() => (reading += 5_000))).status).toBe('warn');
  });

  it('compares our clock with the database’s', () => {
    expect(judgeClock(-20)).toMatchObject({ status: 'ok', found: "the database's is 20 ms behind" });
    expect(judgeClock(1_500).status).toBe('warn');
    expect(judgeClock(-61_000).status).toBe('fail');
  });

  it('fails a service role that owns tables or bypasses policies, when the owner has an address of its own', () => {
    const role = { name: 'app', superuser: false, bypassesPolicies: false, ownedTables: 0 };
    expect(judgeRole(role, true).status).toBe('ok');
    expect(judgeRole({ ...role, bypassesPolicies: true }, true).status).toBe('fail');
    expect(judgeRole({ ...role, superuser: true }, true).status).toBe('fail');
    expect(judgeRole({ ...role, ownedTables: 3 }, true)).toMatchObject({ status: 'fail', found: 'app owns 3 tables' });
    expect(judgeRole({ ...role, ownedTables: 3 }, false).status).toBe('ok');
  });

  it('warns of a serial port that this user may not open, by name', () => {
    expect(checkSerial([]).status).toBe('ok');
    expect(checkSerial(['/dev/no-such-port'])).toMatchObject({
      status: 'warn',
      found: 'no permission for /dev/no-such-port',
    });
  });

  it('tells of settings that it cannot use, and goes on', async () => {
    expect(await checkPort({ PORT: 'abc' }, '/nowhere')).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('"abc"'),
    });
    expect(await checkDatabase({ DATABASE_URL: 'postgres://a b@:x/' }, '/nowhere')).toMatchObject([
      { check: 'database', status: 'fail', found: 'DATABASE_URL: Invalid URL' },
    ]);
  });

  it('warns of a port that a stranger holds, and not of the one where this very Boxtrail runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'boxtrail-doctor-'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const look = () => checkPort({ PORT: String(port) }, folder);
      expect(await look()).toMatchObject({ status: 'warn', found: `${port} is taken` });
      const lock = await StartLock.acquire(join(folder, 'start.lock'), () => undefined);
      expect(await look()).toMatchObject({ status: 'warn' });
      lock.update({ address: `http://localhost:${port}` });
      expect(await look()).toEqual({
        check: 'port',
        status: 'ok',
        found: `Boxtrail is running at http://localhost:${port}`,
      });
      // a number drawn again is no start of ours
      writeFileSync(
        join(folder, 'start.lock'),
        JSON.stringify({ pid: process.pid, identity: 'another', address: 'x' }),
      );
      expect(await look()).toMatchObject({ status: 'warn' });
    } finally {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });

  it('prints one line, with what to do behind an arrow', () => {
    expect(line({ check: 'disk', status: 'warn', found: '1 GiB', advice: 'make room' })).toBe(
      'warn  disk: 1 GiB → make room',
    );
  });
});
