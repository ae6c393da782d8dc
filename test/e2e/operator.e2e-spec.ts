import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '../support/database.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `npx boxtrail …` from a shell without a locale. */
function boxtrail(args: readonly string[], input?: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'bin/boxtrail.mjs'), ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
    child.stdin?.end(input);
  });
}

const objects = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

// gpsd's ublox-lea-4s.log (fixtures/vectors/nmea.json): a VTG with its checksum, and the same with a digit changed
const GOOD = '$GPVTG,112.88,T,,M,0.106,N,0.196,K,A*36';
const BAD = '$GPVTG,113.88,T,,M,0.106,N,0.196,K,A*36';

describe('npx boxtrail', () => {
  beforeAll(async () => {
    // the first call may have to build
    await boxtrail(['version']);
  });

  it('tells an unknown command from the commands that exist, with exit code 2', async () => {
    const { code, out, err } = await boxtrail(['strat']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('"strat"');
    for (const name of ['start', 'gateway', 'decode', 'simulate', 'replay', 'doctor']) {
      expect(err).toContain(`  ${name} `);
    }
  });

  it('decodes box numbers from arguments: 0 when all are right, 1 when one is not', async () => {
    // ISO 6346 annex A works out the check digit of CSQU305438 as 3
    const right = await boxtrail(['decode', 'iso6346', 'CSQU3054383']);
    expect({ code: right.code, out: objects(right.out) }).toEqual({
      code: 0,
      out: [
        { ok: true, message: expect.objectContaining({ owner: 'CSQ', serial: '305438', checkDigit: 3 }) as unknown },
      ],
    });
    const mixed = await boxtrail(['decode', 'iso6346', 'CSQU3054383', 'CSQU3054384']);
    expect({ code: mixed.code, second: objects(mixed.out)[1] }).toEqual({
      code: 1,
      second: { ok: false, reason: 'check_digit' },
    });
  });

  it('decodes box numbers line by line from a pipe and from a file, blank lines apart', async () => {
    const text = 'CSQU3054383\r\n\r\nCSQU3054384\n';
    const folder = mkdtempSync(join(tmpdir(), 'boxtrail-空 格-'));
    writeFileSync(join(folder, '箱号.txt'), text);
    const [piped, filed] = [
      await boxtrail(['decode', 'iso6346'], text),
      await boxtrail(['decode', 'iso6346', join(folder, '箱号.txt')]),
    ];
    rmSync(folder, { recursive: true });
    expect(objects(piped.out)).toHaveLength(2);
    expect(filed).toEqual(piped);
  });

  it('takes the same bytes as hex, from a pipe and from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'boxtrail-decode-'));
    const file = join(folder, 'gps.log');
    writeFileSync(file, `${GOOD}\r\n`);
    const answers = [
      await boxtrail(['decode', 'nmea', '--hex', Buffer.from(`${GOOD}\r\n`).toString('hex')]),
      await boxtrail(['decode', 'nmea', '-'], `${GOOD}\r\n`),
      await boxtrail(['decode', 'nmea', file]),
    ];
    rmSync(folder, { recursive: true });
    for (const { code, out } of answers) {
      expect({ code, lines: objects(out) }).toEqual({
        code: 0,
        lines: [{ ok: true, message: expect.anything() as unknown }],
      });
      expect(out).toBe(answers[0]?.out);
    }
  });

  it('goes on behind a refused sentence, says why, and ends with 1', async () => {
    const { code, out } = await boxtrail(['decode', 'nmea'], `${BAD}\r\n${GOOD}\r\n`);
    const lines = objects(out);
    expect(code).toBe(1);
    expect(lines[0]).toEqual({ ok: false, reason: 'checksum' });
    expect(lines.at(-1)).toMatchObject({ ok: true });
  });

  it('ends quietly when its reader has seen enough of an endless stream', async () => {
    const shell = spawn(
      'sh',
      ['-c', `yes '${GOOD}' | "$0" bin/boxtrail.mjs decode nmea - | head -n 2`, process.execPath],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let [out, err] = ['', ''];
    shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    shell.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await new Promise((resolve) => shell.once('close', resolve));
    expect({ lines: objects(out).length, err }).toEqual({ lines: 2, err: '' });
  });

  it.each([
    [['decode'], 'name a protocol'],
    [['decode', 'morse'], '"morse"'],
    [['decode', 'nmea', '--hex', '24zz'], '"z"'],
    [['decode', 'nmea', '--direction', 'sideways'], '"sideways"'],
    [['decode', 'nmea', '--nonsense'], '--nonsense'],
  ])('calls %j wrong use, with exit code 2', async (args, said) => {
    const { code, out, err } = await boxtrail(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  it('tells a file that is not there in one line', async () => {
    const { code, err } = await boxtrail(['decode', 'nmea', '/no/such/file']);
    expect(code).toBe(1);
    expect(err).toMatch(/^boxtrail: ENOENT: .*\/no\/such\/file.*\n$/);
  });

  it('examines a database and its roles: the service role passes, an owner in its place fails', async () => {
    const database = await createTestDatabase();
    const state = mkdtempSync(join(tmpdir(), 'boxtrail-doctor-'));
    const examine = async (url: string): Promise<{ code: number | null; role: unknown; version: unknown }> => {
      const env = { DATABASE_URL: url, DATABASE_MIGRATION_URL: database.ownerUrl, BOXTRAIL_STATE_DIR: state };
      const { code, out } = await boxtrail(['doctor', '--json'], undefined, env);
      const { findings } = JSON.parse(out) as { findings: { check: string; status: string }[] };
      const statusOf = (check: string): unknown => findings.find((finding) => finding.check === check)?.status;
      return { code, role: statusOf('database role'), version: statusOf('database') };
    };
    expect(await examine(database.appUrl)).toEqual({ code: 0, role: 'ok', version: 'ok' });
    expect(await examine(database.ownerUrl)).toEqual({ code: 1, role: 'fail', version: 'ok' });
    await database.drop();
    rmSync(state, { recursive: true });
  });

  it('says what to do when the database does not answer', async () => {
    // port 1 (tcpmux) has no PostgreSQL behind it
    const { code, out } = await boxtrail(['doctor'], undefined, { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z' });
    expect(code).toBe(1);
    expect(out).toMatch(/^fail {2}database: DATABASE_URL: .*ECONNREFUSED.* → check host, port/m);
    expect(out).not.toContain(':y@');
  });
});

describe('package-lock.json', () => {
  it('has an entry for each optional package of other systems, or npm ci refuses it', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const names = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
    const missing = Object.values(lock.packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !names.has(name));
    expect(missing).toEqual([]);
  });
});
