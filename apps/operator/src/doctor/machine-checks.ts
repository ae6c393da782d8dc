import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runningAddress } from '../start/lock.js';
import { canListen, portFrom } from '../start/ports.js';
import { fail, ok, warn, type Finding } from './check.js';

/** Newest line that each supported major must reach, as package.json's `engines` says. */
const NODE_LINES: Readonly<Record<number, number>> = { 20: 19, 22: 13, 24: 11 };
const NPM_MAJOR = 10;
const GIB = 1024 ** 3;
/** A day of a port city's rows is about 60 GB; a demonstration needs 1. */
const DISK_FAIL_BYTES = 0.5 * GIB;
const DISK_WARN_BYTES = 5 * GIB;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const needed = NODE_LINES[major];
  return major > 24 || (needed !== undefined && minor >= needed)
    ? ok('Node', version)
    : fail('Node', version, 'install 20.19, 22.13, 24.11 or newer in its line from https://nodejs.org');
}

export function checkNpm(): Finding {
  try {
    const version = execFileSync('npm', ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: '/',
      timeout: 20_000,
    }).trim();
    return Number(version.split('.')[0]) >= NPM_MAJOR
      ? ok('npm', version)
      : warn('npm', version, `npm ${NPM_MAJOR} or newer is tried; "npm install -g npm@latest"`);
  } catch {
    return warn('npm', 'not found', 'only needed to install; it comes with Node from https://nodejs.org');
  }
}

/** A port that a start of this very folder holds is where Boxtrail is at home. */
export async function checkPort(env: NodeJS.ProcessEnv, stateDir: string): Promise<Finding> {
  let port: number;
  try {
    port = portFrom(env['PORT'], 3000);
  } catch (error) {
    return fail('port', messageOf(error), 'set PORT to such a number, or leave it out');
  }
  const running = runningAddress(join(stateDir, 'start.lock'));
  if (running !== null) return ok('port', `Boxtrail is running at ${running}`);
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, undefined))
    ? ok('port', `${port} is free`)
    : warn('port', `${port} is taken`, 'a start takes the next free one and says so; set PORT to choose');
}

export function checkDisk(stateDir: string): Finding {
  const folder = nearestExisting(stateDir);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const found = `${(free / GIB).toFixed(1)} GiB free at ${folder}`;
  if (free < DISK_FAIL_BYTES) {
    return fail('disk', found, 'make room, or set BOXTRAIL_STATE_DIR to a larger disk');
  }
  return free < DISK_WARN_BYTES ? warn('disk', found, 'enough to try Boxtrail, not to run a port') : ok('disk', found);
}

/** What we write and read must not depend on the locale: files with Chinese names, and UTF-8 in both directions. */
export function checkEncoding(stateDir: string): Finding {
  const folder = nearestExisting(stateDir);
  const name = `箱迹-${process.pid}.probe`;
  try {
    writeFileSync(join(folder, name), '宁波舟山港', { mode: 0o600 });
    const kept = readdirSync(folder).includes(name);
    return kept
      ? ok('encoding', `UTF-8 names and texts, locale ${process.env['LC_ALL'] ?? process.env['LANG'] ?? 'none'}`)
      : fail('encoding', `${folder} does not keep Chinese file names`, 'use a file system with UTF-8 names');
  } catch (error) {
    return fail('encoding', messageOf(error), 'see "state folder"');
  } finally {
    rmSync(join(folder, name), { force: true });
  }
}

export function checkStateDir(stateDir: string): Finding {
  try {
    mkdirSync(stateDir, { recursive: true });
    accessSync(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok('state folder', `${stateDir} can be written`);
  } catch (error) {
    return fail('state folder', messageOf(error), 'start as its owner, or set BOXTRAIL_STATE_DIR to another folder');
  }
}

/** Serial devices belong to group dialout on Debian, uucp on Arch. */
export function checkSerial(devices: readonly string[] = serialDevices()): Finding {
  const closed = devices.filter((device) => !canUse(device));
  if (closed.length > 0) {
    return warn(
      'serial ports',
      `no permission for ${closed.join(', ')}`,
      'run "sudo usermod -aG dialout $USER" and sign in again',
    );
  }
  return ok('serial ports', devices.length === 0 ? 'none on this machine' : devices.join(', '));
}

function serialDevices(): string[] {
  return existsSync('/dev')
    ? readdirSync('/dev')
        .filter((name) => /^tty(USB|ACM|AMA)\d+$|^cu\.usb/.test(name))
        .map((name) => `/dev/${name}`)
    : [];
}

/** Two readings of the clocks: the monotonic one must go on, and the wall clock with it. */
export async function checkClock(now: () => number = () => Date.now()): Promise<Finding> {
  const [wall, steady] = [now(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 50));
  const driftMs = Math.abs(now() - wall - (performance.now() - steady));
  if (wall < FIRST_POSSIBLE_MS) {
    return fail('clock', new Date(wall).toISOString(), 'set the clock; turn on NTP ("timedatectl set-ntp true")');
  }
  return driftMs > 1_000
    ? warn('clock', `it jumped ${Math.round(driftMs)} ms while we looked`, 'let NTP slew the clock, never step it')
    : ok('clock', `${new Date(wall).toISOString()}, steady`);
}

/** A gateway without a battery wakes up in 1970 or at its firmware's date; nothing of ours is older than this. */
const FIRST_POSSIBLE_MS = Date.UTC(2026, 0, 1);

function canUse(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
