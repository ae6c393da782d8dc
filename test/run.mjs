/**
 * The suite behind `npm test`. With arguments they go to Jest alone: `npm test -- libs/geo`, `npm test -- -t 'stops at 40'`.
 * Checks run beside the unit specs, and end-to-end specs behind both, with the machine to themselves. Every step runs even when
 * one before it failed; the last line is the sum.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { build } from '../bin/build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inCi = process.env.CI === 'true' || process.env.CI === '1';
const scratch = mkdtempSync(join(tmpdir(), 'boxtrail-suite-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const bin = (path) => [process.execPath, join(root, 'node_modules', path)];
const JEST = [
  process.execPath,
  '--experimental-vm-modules',
  '--no-warnings',
  join(root, 'node_modules/jest/bin/jest.js'),
];
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const rooms = ['apps', 'clients', 'libs', 'hardware-adapters', 'fixtures', 'test'].filter((room) =>
  existsSync(join(root, room)),
);

/** What its own content decides is remembered under node_modules/.cache; ESLint's rules ask other files for types, so it begins anew. */
const PRETTIER = ['--check', '--log-level', 'warn', '--cache', '--cache-strategy', 'content', '.'];

/** Cheap and telling ones first. */
const CHECKS = [
  { name: 'format', run: () => command([...bin('prettier/bin/prettier.cjs'), ...PRETTIER]) },
  { name: 'lint', run: () => command([...bin('eslint/bin/eslint.js'), '--max-warnings', '0', '.']) },
  { name: 'types', run: () => command([...bin('typescript/bin/tsc'), '-p', '.']) },
  ...(manifest.scripts?.generate ? [{ name: 'generated files', run: () => npmRun('generate', '--check') }] : []),
  {
    name: 'import rules',
    run: () =>
      command([
        ...bin('dependency-cruiser/bin/dependency-cruise.mjs'),
        ...rooms,
        '--config',
        '.dependency-cruiser.cjs',
      ]),
  },
];

/** Specs that compute take a core each. */
const UNIT = [
  { name: 'build', run: () => inProcess(() => build(root)) },
  { name: 'unit', run: () => jest('unit', Math.max(2, availableParallelism() - 1)) },
];

/** They wait for trucks and for tags to be lost more than they compute, so there may be more of them than cores. */
const END_TO_END = [{ name: 'end to end', run: () => jest('e2e', Math.max(3, availableParallelism() - 1)) }];

async function main(args) {
  if (args.length > 0) {
    build(root);
    const { code } = await command([...JEST, ...args], { direct: true });
    return code;
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  await Promise.all([inOrder(CHECKS, total), inOrder(UNIT, total)]);
  await inOrder(END_TO_END, total);
  process.stdout.write(`${sum(total)}\n`);
  return total.failed > 0 ? 1 : 0;
}

async function inOrder(steps, total) {
  for (const { name, run } of steps) {
    const started = performance.now();
    process.stdout.write(`▸ ${name} …\n`);
    const outcome = await run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (outcome.code !== 0 && outcome.output) process.stdout.write(`${outcome.output.trimEnd()}\n`);
    const counts = outcome.tests ? `, ${sum(outcome.tests)}` : '';
    process.stdout.write(`${outcome.code === 0 ? '✓' : '✗'} ${name} (${seconds} s${counts})\n`);
    total[outcome.code === 0 ? 'passed' : 'failed'] += 1;
    for (const key of Object.keys(total)) total[key] += outcome.tests?.[key] ?? 0;
  }
}

const sum = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Jest writes its counts to a file, so that what a spec prints cannot be taken for them. */
async function jest(project, workers) {
  const file = join(scratch, `${project}.json`);
  const flags = [
    '--selectProjects',
    project,
    `--maxWorkers=${workers}`,
    '--json',
    `--outputFile=${file}`,
    '--passWithNoTests',
    ...(inCi ? ['--ci'] : []),
  ];
  const { code, output } = await command([...JEST, ...flags], { keep: 'stderr', doneWhen: () => existsSync(file) });
  if (!existsSync(file)) {
    return { code: code || 1, output };
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const tests = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => !['passed', 'failed'].includes(status))
      .map(({ fullName, status }) => `${status}: ${fullName} (${name})`),
  );
  // on a machine of one's own a test that cannot run says so by name; in CI it must run
  const refused = inCi && skipped.length > 0;
  if (skipped.length > 0) process.stdout.write(`${skipped.join('\n')}\n`);
  return { code: refused ? 1 : code, output, tests };
}

function npmRun(script, ...args) {
  const npm = process.env.npm_execpath;
  return command([...(npm ? [process.execPath, npm] : ['npm']), 'run', '--silent', script, '--', ...args]);
}

function inProcess(work) {
  try {
    work();
    return { code: 0, output: '' };
  } catch (error) {
    return { code: 1, output: error.advice ? error.message : error.stack };
  }
}

/**
 * Runs a program in the checkout; what it prints is shown at the end, and only when it failed.
 * @param doneWhen tells that the program has done its work; one that does not end soon after is killed and has failed, for
 * something it started still runs
 */
function command([program, ...args], { direct = false, keep = 'both', doneWhen } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: direct ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY && !inCi ? '1' : '0' },
    });
    let output = '';
    const gather = (chunk) => {
      output = (output + chunk).slice(-200_000);
    };
    if (keep === 'both') child.stdout?.on('data', gather);
    else child.stdout?.resume();
    child.stderr?.on('data', gather);
    child.once('error', (error) => resolve({ code: 1, output: `${output}${error.message}` }));
    const watch = doneWhen && watchForEnd(doneWhen, () => child.kill('SIGKILL'));
    child.once('close', (code, signal) => {
      clearInterval(watch);
      const told =
        watch && signal === 'SIGKILL'
          ? `${output}\nit did not end after its work: something it opened stays open\n`
          : output;
      resolve({ code: code ?? 1, output: told });
    });
  });
}

const END_MS = 20_000;

function watchForEnd(isDone, kill) {
  let doneAt = null;
  return setInterval(() => {
    doneAt ??= isDone() ? performance.now() : null;
    if (doneAt !== null && performance.now() - doneAt > END_MS) kill();
  }, 500);
}

process.exitCode = await main(process.argv.slice(2));
