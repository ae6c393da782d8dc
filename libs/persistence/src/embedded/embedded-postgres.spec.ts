import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { reservePort } from '../../../../test/support/ports.js';
import { until } from '../../../../test/support/until.js';
import { parsePidFile } from './cluster.js';
import { startEmbeddedPostgres, startThrowawayPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { isSameProcess, parseProcStat, processIdentity, waitForExit } from './process-identity.js';

async function ask(url: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0];
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  let parent: string;
  let stateDir: string;
  let running: EmbeddedPostgres;

  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), 'boxtrail-空 格-'));
    stateDir = join(parent, '.boxtrail');
    running = await startEmbeddedPostgres({ stateDir });
  }, 90_000);

  afterAll(async () => {
    await running.stop();
    for (const notice of running.notices) {
      // run by root in a folder that PostgreSQL's user cannot reach: the cluster is elsewhere, and the notice names it
      rmSync(/kept in (.+?): /.exec(notice)?.[1] ?? '', { recursive: true, force: true });
    }
    rmSync(parent, { recursive: true, force: true });
  }, 90_000);

  const root = (): string =>
    running.notices.map((notice) => /kept in (.+?): /.exec(notice)?.[1])[0] ?? join(stateDir, 'postgres');

  it('is version 18 in UTF-8 with the built-in C.UTF-8, on 127.0.0.1 alone, in UTC', async () => {
    expect(
      await ask(
        running.ownerUrl,
        `SELECT current_database() AS name, pg_encoding_to_char(encoding) AS encoding, datlocale AS locale,
                current_setting('server_version_num')::int / 10000 AS major, current_setting('listen_addresses') AS listens,
                current_setting('TimeZone') AS zone
           FROM pg_database WHERE datname = current_database()`,
      ),
    ).toEqual({ name: 'boxtrail', encoding: 'UTF8', locale: 'C.UTF-8', major: 18, listens: '127.0.0.1', zone: 'UTC' });
  });

  it('lets nobody in without the password', async () => {
    const wrong = new URL(running.ownerUrl);
    wrong.password = 'guess';
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is adopted by the next start while it runs', async () => {
    const again = await startEmbeddedPostgres({ stateDir });
    expect({ adopted: again.adopted, pid: again.pid, url: again.ownerUrl }).toEqual({
      adopted: true,
      pid: running.pid,
      url: running.ownerUrl,
    });
  });

  it('starts again on the same port with what was committed after kill -9', async () => {
    // the port of last time, but one that nobody is given by chance while the server is down
    await running.stop();
    const port = await reservePort();
    writeFileSync(join(root(), 'port'), `${port}\n`);
    running = await startEmbeddedPostgres({ stateDir });
    expect(running.port).toBe(port);
    await ask(running.ownerUrl, 'CREATE TABLE kept AS SELECT 7 AS x');
    const identity = processIdentity(running.pid) ?? '';
    process.kill(running.pid, 'SIGKILL');
    await waitForExit(running.pid, identity, 10_000);
    const before = running;
    running = await startEmbeddedPostgres({ stateDir });
    expect({ adopted: running.adopted, url: running.ownerUrl }).toEqual({ adopted: false, url: before.ownerUrl });
    expect(await ask(running.ownerUrl, 'SELECT x FROM kept')).toEqual({ x: 7 });
  }, 60_000);

  it('is not fooled by a pid file that names a stranger', async () => {
    await running.stop();
    writeFileSync(
      join(root(), 'data', 'postmaster.pid'),
      `${process.pid}\n${root()}/data\n0\n5432\n\n127.0.0.1\n0\nready\n`,
    );
    running = await startEmbeddedPostgres({ stateDir });
    expect(running.adopted).toBe(false);
    expect(isSameProcess(process.pid, processIdentity(process.pid))).toBe(true);
  }, 60_000);

  it('keeps its password from other users', () => {
    expect(statSync(join(root(), 'owner.password')).mode & 0o777).toBe(0o600);
    expect(statSync(root()).mode & 0o777).toBe(0o700);
    expect(running.ownerUrl).toMatch(/^postgres:\/\/boxtrail_owner:[0-9a-f]{48}@127\.0\.0\.1:\d+\/boxtrail$/);
  });
});

describe('a throwaway PostgreSQL', () => {
  it('leaves no process and no folder', async () => {
    const throwaway = await startThrowawayPostgres();
    expect(await ask(throwaway.ownerUrl, 'SHOW fsync')).toEqual({ fsync: 'off' });
    await throwaway.stop();
    expect(existsSync(throwaway.folder)).toBe(false);
    expect(processIdentity(throwaway.pid)).toBeNull();
  }, 60_000);

  it('whose owner has ended is removed by the next one', async () => {
    const left = await startThrowawayPostgres();
    writeFileSync(join(left.folder, 'owner.json'), JSON.stringify({ pid: process.pid, identity: 'another boot/1' }));
    const next = await startThrowawayPostgres();
    // another run on this machine may have begun to remove it before us
    await until('the folder to be gone', () => !existsSync(left.folder));
    expect(processIdentity(left.pid)).toBeNull();
    await next.stop();
  }, 60_000);
});

describe('a process', () => {
  // proc(5): field 2 is the name in brackets, which may hold blanks and brackets; 3 the state; 22 the start in ticks
  const stat = (state: string): string =>
    `42 (a) b (c) ${state} ${Array.from({ length: 18 }, (_, n) => n).join(' ')} 123456 0`;

  it('is known by boot and start, whatever its name holds', () => {
    expect(parseProcStat(stat('S'), 'boot')).toBe('boot/123456');
  });

  it('that is a zombie has ended', () => {
    expect(parseProcStat(stat('Z'), 'boot')).toBeNull();
  });

  it('that does not exist has no identity', () => {
    expect(processIdentity(2 ** 30)).toBeNull();
    expect(processIdentity(-1)).toBeNull();
  });
});

describe('postmaster.pid', () => {
  it('gives pid, port and state, and nothing when it is cut off before the pid', () => {
    expect(parsePidFile('42\n/data\n1700000000\n5433\n\n127.0.0.1\n  1 2\nready   \n')).toEqual({
      pid: 42,
      port: 5433,
      ready: true,
    });
    expect(parsePidFile('42\n/data\n')).toEqual({ pid: 42, port: null, ready: false });
    expect(parsePidFile('')).toBeNull();
  });
});
