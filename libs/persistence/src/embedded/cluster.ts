import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fchownSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { DomainError } from '#libs/kernel';
import { findBinaries, type Binaries } from './binaries.js';
import type { Place } from './place.js';
import { isSameProcess, processIdentity, waitForExit } from './process-identity.js';
import { ids } from './run-as.js';

/** The cluster's superuser; it migrates and owns the tables. */
const OWNER = 'boxtrail_owner';
const MAJOR = '18';
const LOG_LIMIT_BYTES = 10_000_000;
const READY_TIMEOUT_MS = 60_000;
/** PostgreSQL's own waits: fast shutdown writes a checkpoint, which can take long on a slow disk. */
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;

/** A machine without a locale gets SQL_ASCII unless all four are given. */
const INITDB_FLAGS = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--auth=scram-sha-256',
  `--username=${OWNER}`,
];

export interface RunningCluster {
  readonly pid: number;
  readonly port: number;
  /** Whether it ran already, left by a process that was killed. */
  readonly adopted: boolean;
  /** A connection string of the superuser for that database. */
  url(database: string): string;
  /** Fast shutdown: open transactions are rolled back, a checkpoint is written. Harmless when it is gone already. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** For databases that are thrown away: nothing is synced, neither at creation nor later. */
  readonly throwaway: boolean;
}

/**
 * Makes the cluster if there is none, adopts one that runs already, otherwise starts it, on a free port of 127.0.0.1.
 * @throws DomainError UNAVAILABLE with the end of PostgreSQL's log
 */
export async function runCluster(place: Place, { throwaway }: ClusterOptions): Promise<RunningCluster> {
  const data = join(place.root, 'data');
  checkVersion(data);
  const password = ownerPassword(place.root);
  const left = readPidFile(data);
  if (left !== null) {
    const adopted = await adopt(left, data, password);
    if (adopted !== null) {
      return adopted;
    }
  }
  const binaries = await findBinaries(place.runAs, place.mirrorRoot);
  if (!existsSync(data)) {
    await initialise(place, binaries, password, throwaway);
  }
  return await start(place, binaries, password, throwaway);
}

/** What stands in postmaster.pid (PostgreSQL's src/include/utils/pidfile.h): line 1 pid, 4 port, 8 state. */
export interface PidFile {
  readonly pid: number;
  readonly port: number | null;
  readonly ready: boolean;
}

export function parsePidFile(text: string): PidFile | null {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) {
    return null;
  }
  const port = Number(lines[3]);
  return { pid, port: Number.isInteger(port) && port > 0 ? port : null, ready: lines[7]?.trim() === 'ready' };
}

function readPidFile(data: string): PidFile | null {
  try {
    return parsePidFile(readFileSync(join(data, 'postmaster.pid'), 'utf8'));
  } catch {
    // no file: no server
    return null;
  }
}

/** The server that a killed process left: ours and answering → taken over; anything else is stopped or its pid file removed. */
async function adopt(left: PidFile, data: string, password: string): Promise<RunningCluster | null> {
  const identity = processIdentity(left.pid);
  if (identity === null) {
    // PostgreSQL clears a dead server's pid file itself
    return null;
  }
  if (!runsOn(left.pid, data)) {
    // the number was drawn again by a stranger, and PostgreSQL would refuse to start beside it
    rmSync(join(data, 'postmaster.pid'), { force: true });
    return null;
  }
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (isSameProcess(left.pid, identity) && performance.now() < deadline) {
    const now = readPidFile(data);
    if (now?.ready === true && now.port !== null) {
      if (await isOurs(urlOf(password, now.port, 'postgres'), data)) {
        return running(left.pid, identity, now.port, password, true);
      }
      break;
    }
    await pause(50);
  }
  await stopPostmaster(left.pid, identity);
  return null;
}

/** A postmaster's working folder is its data folder, and its command names it after -D. */
function runsOn(pid: number, data: string): boolean {
  if (process.platform !== 'linux') {
    return true;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false;
  }
}

async function isOurs(url: string, data: string): Promise<boolean> {
  try {
    return await withClient(url, async (client) => {
      const { rows } = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
      return rows[0]?.folder === data;
    });
  } catch {
    return false;
  }
}

async function initialise(place: Place, binaries: Binaries, password: string, throwaway: boolean): Promise<void> {
  const data = join(place.root, 'data');
  const partial = join(place.root, 'data.partial');
  const passwordFile = join(place.root, 'initdb.password');
  rmSync(partial, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.runAs !== null) {
    chownSync(passwordFile, place.runAs.uid, place.runAs.gid);
  }
  try {
    const flags = [...INITDB_FLAGS, `--pwfile=${passwordFile}`, ...(throwaway ? ['--no-sync'] : [])];
    const { code, output } = await run(binaries.initdb, [`--pgdata=${partial}`, ...flags], place);
    if (code !== 0) {
      throw failed('initdb could not make a cluster', output);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
  // an initdb that was killed leaves no folder that looks whole
  renameSync(partial, data);
}

async function start(place: Place, binaries: Binaries, password: string, throwaway: boolean): Promise<RunningCluster> {
  const data = join(place.root, 'data');
  const log = join(place.root, 'postgres.log');
  // Another process can take the port between our look and PostgreSQL's bind, and the backends of a killed server
  // hold its shared memory for a moment: both pass.
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryStart(place, binaries, await freePort(portBefore(data)), throwaway, password, log);
    if ('pid' in outcome) {
      return outcome;
    }
    if (attempt === 5 || !/Address already in use|shared memory block|lock file/i.test(outcome.output)) {
      throw failed('PostgreSQL did not start', outcome.output);
    }
    await pause(200 * attempt);
  }
}

async function tryStart(
  place: Place,
  binaries: Binaries,
  port: number,
  throwaway: boolean,
  password: string,
  log: string,
): Promise<RunningCluster | { output: string }> {
  const data = join(place.root, 'data');
  rotate(log);
  const logFd = openSync(log, 'a', 0o600);
  if (place.runAs !== null) {
    fchownSync(logFd, place.runAs.uid, place.runAs.gid);
  }
  const logStart = statSync(log).size;
  // a process group of its own: a Ctrl-C in the terminal is for us alone, and we stop the server when the others have ended
  const child = spawn(binaries.postgres, ['-D', data, ...serverFlags(port, throwaway)], {
    detached: true,
    stdio: ['ignore', logFd, logFd],
    cwd: '/',
    env: bareEnvironment(),
    ...ids(place.runAs),
  });
  closeSync(logFd);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const pid = child.pid;
  const identity = pid === undefined ? null : processIdentity(pid);
  if (pid === undefined || identity === null) {
    await ended;
    return { output: tail(log, logStart) };
  }
  child.unref();
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (isSameProcess(pid, identity)) {
    const now = readPidFile(data);
    if (now?.pid === pid && now.ready && now.port !== null) {
      writePort(data, now.port);
      return running(pid, identity, now.port, password, false);
    }
    if (performance.now() > deadline) {
      await stopPostmaster(pid, identity);
      break;
    }
    await pause(15);
  }
  return { output: tail(log, logStart) };
}

function serverFlags(port: number, throwaway: boolean): string[] {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    // a socket's path may have 107 bytes at most, and nobody needs one
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: 200,
    ...(throwaway
      ? {
          fsync: 'off',
          synchronous_commit: 'off',
          full_page_writes: 'off',
          wal_level: 'minimal',
          max_wal_senders: 0,
        }
      : {}),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Nothing of ours leaks in: no PGPORT, no PGDATA, no locale that is not installed. */
function bareEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

function running(pid: number, identity: string, port: number, password: string, adopted: boolean): RunningCluster {
  return {
    pid,
    port,
    adopted,
    url: (database) => urlOf(password, port, database),
    stop: () => stopPostmaster(pid, identity),
  };
}

/** Fast (SIGINT), then immediate (SIGQUIT, recovers from its log at the next start), then the hard way. */
export async function stopPostmaster(pid: number, identity: string): Promise<void> {
  for (const [signal, timeoutMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ] as const) {
    if (!isSameProcess(pid, identity)) {
      return;
    }
    process.kill(pid, signal);
    if (await waitForExit(pid, identity, timeoutMs)) {
      return;
    }
  }
}

/** CREATE DATABASE knows no IF NOT EXISTS; 42P04 is duplicate_database. */
export async function ensureDatabase(cluster: RunningCluster, name: string): Promise<void> {
  await withClient(cluster.url('postgres'), async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0`);
    }
  });
}

async function withClient<T>(connectionString: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  // a server that stops under an idle client says so with an event; the query in flight fails by itself
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const urlOf = (password: string, port: number, database: string): string =>
  `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`;

function ownerPassword(root: string): string {
  const file = join(root, 'owner.password');
  if (existsSync(file)) {
    return readFileSync(file, 'utf8').trim();
  }
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}

function checkVersion(data: string): void {
  const file = join(data, 'PG_VERSION');
  if (!existsSync(file)) {
    return;
  }
  const found = readFileSync(file, 'utf8').trim();
  if (found !== MAJOR) {
    throw new DomainError(
      'UNAVAILABLE',
      { value: found, expected: MAJOR },
      {
        message:
          `${data} was made by PostgreSQL ${found}, and this is PostgreSQL ${MAJOR}. ` +
          'Move the folder away to begin anew, or set DATABASE_URL to a server with its data.',
      },
    );
  }
}

/** The port of the last time when it is free, so that a bookmark or an open client stays right. */
async function freePort(before: number | null): Promise<number> {
  if (before !== null) {
    const again = await tryPort(before);
    if (again !== null) {
      return again;
    }
  }
  const any = await tryPort(0);
  if (any === null) {
    throw new DomainError('UNAVAILABLE', { field: 'port' }, { message: 'No port of 127.0.0.1 is free.' });
  }
  return any;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

function portBefore(data: string): number | null {
  try {
    return Number(readFileSync(join(data, '..', 'port'), 'utf8')) || null;
  } catch {
    return null;
  }
}

function writePort(data: string, port: number): void {
  writeFileSync(join(data, '..', 'port'), `${port}\n`);
}

function rotate(log: string): void {
  if (existsSync(log) && statSync(log).size > LOG_LIMIT_BYTES) {
    renameSync(log, `${log}.1`);
  }
}

function tail(log: string, from: number): string {
  return readFileSync(log).subarray(from).subarray(-4_000).toString('utf8').trim();
}

const failed = (what: string, output: string): DomainError =>
  new DomainError('UNAVAILABLE', { expected: 'a running PostgreSQL' }, { message: `${what}:\n${output}` });

function run(command: string, args: readonly string[], place: Place): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: bareEnvironment(),
      ...ids(place.runAs),
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
