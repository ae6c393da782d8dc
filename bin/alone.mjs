import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PATIENCE_MS = 600_000;

/** Runs `work` while no other start of this checkout installs or builds; a lock whose holder has ended is taken over. */
export async function alone(root, work) {
  const folder = join(root, '.boxtrail');
  const lock = join(folder, 'boot.lock');
  mkdirSync(folder, { recursive: true });
  const deadline = Date.now() + PATIENCE_MS;
  while (!take(lock) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isAbandoned(lock) {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    // empty: taken and not yet written, or its holder died in between
    return holder > 0 ? !runs(holder) : Date.now() - statSync(lock).mtimeMs > 5_000;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** A zombie has ended, though its number is still taken. */
function runs(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'latin1'));
}
