import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Advice } from './advice.mjs';

const FOLDERS = ['apps', 'libs', 'hardware-adapters', 'fixtures', 'test'];
/** What changes every file's output. */
const SETTINGS = ['.swcrc', 'package-lock.json', 'bin/build.mjs'];

/**
 * Compiles the tree into dist/ when a source is newer; types are judged by `npm test`, not here.
 * @returns whether anything was compiled
 */
export function build(root) {
  const dist = join(root, 'dist');
  const stampFile = join(dist, '.boxtrail-build.json');
  const sources = FOLDERS.flatMap((folder) => list(root, folder));
  const fingerprint = fingerprintOf(root, [...SETTINGS, ...sources]);
  const before = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : { fingerprint: '', sources: [] };
  if (before.fingerprint === fingerprint) {
    return false;
  }
  rmSync(stampFile, { force: true });
  compile(root);
  removeOrphans(dist, before.sources, sources);
  writeFileSync(stampFile, JSON.stringify({ fingerprint, sources }));
  return true;
}

function compile(root) {
  const cli = join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const flags = ['-d', 'dist', '--copy-files', '--quiet', '--ignore', '**/node_modules/**'];
  const done = spawnSync(process.execPath, [cli, ...folders, ...flags], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status !== 0) {
    const said = `${done.stdout ?? ''}${done.stderr ?? ''}`.split('Stack backtrace:')[0].trim();
    throw new Advice(
      `the build failed:\n${said || done.error?.message || `swc ended with ${done.status ?? done.signal}`}`,
    );
  }
}

/** Outputs stay in place while they are rewritten, so that a running service keeps its files; only those of removed sources go. */
function removeOrphans(dist, before, now) {
  const kept = new Set(now);
  for (const source of before.filter((path) => !kept.has(path))) {
    const output = join(dist, source.replace(/\.ts$/, '.js'));
    rmSync(output, { force: true });
    rmSync(`${output}.map`, { force: true });
  }
}

function list(root, folder) {
  const found = [];
  const walk = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') walk(child);
      } else if (entry.isFile()) {
        found.push(child);
      }
    }
  };
  if (existsSync(join(root, folder))) walk(folder);
  return found.sort();
}

/** Names, sizes and times of change: reading every source would cost more than compiling the few that changed. */
function fingerprintOf(root, files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files.filter((path) => existsSync(join(root, path)))) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  try {
    console.error(build(dirname(import.meta.dirname)) ? 'boxtrail: built' : 'boxtrail: nothing changed');
  } catch (error) {
    console.error(`boxtrail: ${error.advice ? error.message : error.stack}`);
    process.exitCode = 1;
  }
}
