import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Advice } from './advice.mjs';

/**
 * Brings node_modules to package-lock.json with `npm ci`; does nothing when it is there already.
 * Whole means: npm wrote its hidden lockfile, which is the last thing that an install does, and every package in it has the
 * version of package-lock.json. So an install that was interrupted is repeated, and one made by hand is taken as it is.
 */
export function install(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stamp = join(root, 'node_modules', '.boxtrail-install');
  const wanted = `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`;
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(hidden) && readText(stamp) === wanted) {
    return;
  }
  if (!matches(JSON.parse(lock), hidden)) {
    runNpm(root);
  }
  writeFileSync(stamp, wanted);
}

/** Whether the hidden lockfile has every package of `lock` that this machine needs, in its version. */
export function matches(lock, hiddenFile) {
  const hidden = readText(hiddenFile);
  if (hidden === null) {
    return false;
  }
  const have = JSON.parse(hidden).packages ?? {};
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && !entry.link && isNeeded(entry))
    .every(([path, entry]) => have[path]?.version === entry.version);
}

/** npm leaves out optional packages for other systems, processors and C libraries. */
function isNeeded(entry) {
  return !entry.optional || (runsHere(entry.os, process.platform) && runsHere(entry.cpu, process.arch) && !entry.libc);
}

const runsHere = (allowed, mine) => allowed === undefined || allowed.includes(mine);

function runNpm(root) {
  console.error('boxtrail: installing packages (npm ci), once …');
  const started = Date.now();
  // npm's own messages name the cause of a failure; its progress and advice are kept short by .npmrc and these
  const flags = ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--include=dev'];
  const [command, ...args] = npmCommand();
  const done = spawnSync(command, [...args, ...flags], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: withoutLifecycle(process.env),
  });
  if (done.error || done.status !== 0) {
    throw new Advice(
      done.error
        ? `npm could not be run (${done.error.message}). Install Node.js with npm, then start again.`
        : "npm ci failed; its message is above. With no network, copy node_modules from a machine that has one, or fill npm's cache.",
    );
  }
  console.error(`boxtrail: packages installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** What `npm start` sets around us, apart from the user's settings, would mislead this second npm. */
function withoutLifecycle(env) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^npm_(lifecycle|package|command|config_(noproxy|local_prefix))/.test(name),
    ),
  );
}

/** The npm that runs us when there is one, the npm beside this Node, else whatever PATH has. */
function npmCommand() {
  const around = process.env.npm_execpath;
  if (around && /npm-cli\.[cm]?js$/.test(around) && existsSync(around)) {
    return [process.execPath, around];
  }
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(beside) ? [process.execPath, beside] : ['npm'];
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
