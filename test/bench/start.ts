import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchReport } from './contract.js';
import { freePort } from './support/free-port.js';
import { checkoutRoot } from './peers.js';
import { machine, medianOf } from './rounds.js';

const ROUNDS = 5;
const POLL_MS = 20;
const PATIENCE_MS = 120_000;
/** Install and build are done: targets.md counts from there. */
const AIM_S = { fresh: 15, restart: 5 } as const;

interface Times {
  /** `/health/ready` answered 200, in seconds from the start of the command. */
  readonly readyS: number;
  /** The addresses were printed: gateway and simulator run too. */
  readonly toldS: number;
}

/** `node bin/boot.mjs start` as its user runs it, from outside: an empty state folder, then the same folder again. */
export async function run(): Promise<BenchReport> {
  const fresh: Times[] = [];
  const restart: Times[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const stateDir = mkdtempSync(join(tmpdir(), 'boxtrail-bench-start-'));
    try {
      fresh.push(await startOnce(stateDir));
      restart.push(await startOnce(stateDir));
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  }
  const results = [
    medianOf(
      'fresh',
      's',
      fresh.map(({ readyS }) => readyS),
    ),
    medianOf(
      'restart',
      's',
      restart.map(({ readyS }) => readyS),
    ),
    medianOf(
      'fresh, all told',
      's',
      fresh.map(({ toldS }) => toldS),
    ),
    medianOf(
      'restart, all told',
      's',
      restart.map(({ toldS }) => toldS),
    ),
  ];
  const [ready, again] = results;
  return {
    bench: 'start',
    machine: machine(),
    rounds: ROUNDS,
    results,
    ratios: {
      'aim : fresh': AIM_S.fresh / (ready?.value ?? Number.NaN),
      'aim : restart': AIM_S.restart / (again?.value ?? Number.NaN),
    },
    notes: [
      'node bin/boot.mjs start, installed and built before; ended by SIGINT between the two of a round',
      `fresh, restart: until /health/ready answers 200, asked every ${POLL_MS} ms; aims ${AIM_S.fresh} s and ${AIM_S.restart} s`,
      'fresh: initdb, migrations, seed; restart: the same state folder',
      'all told: until the addresses are printed, with the simulated port and the gateway running',
    ],
  };
}

async function startOnce(stateDir: string): Promise<Times> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, ['bin/boot.mjs', 'start'], {
    cwd: checkoutRoot(),
    env: { ...withoutDatabase(process.env), PORT: String(port), BOXTRAIL_STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watched = watch(child, `http://localhost:${port}`);
  try {
    const readyAt = await untilReady(port, watched);
    await until('its addresses', watched, () => watched.toldAt !== null);
    return { readyS: (readyAt - began) / 1000, toldS: ((watched.toldAt ?? Number.NaN) - began) / 1000 };
  } finally {
    await end(child);
  }
}

interface Watched {
  readonly child: ChildProcess;
  said: string;
  toldAt: number | null;
}

function watch(child: ChildProcess, address: string): Watched {
  const watched: Watched = { child, said: '', toldAt: null };
  const hear = (chunk: Buffer): void => {
    watched.said = (watched.said + chunk.toString('utf8')).slice(-20_000);
    if (watched.toldAt === null && watched.said.includes(address)) watched.toldAt = performance.now();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return watched;
}

async function untilReady(port: number, watched: Watched): Promise<number> {
  let readyAt: number | null = null;
  await until('/health/ready', watched, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.status === 200) readyAt = performance.now();
    return readyAt !== null;
  });
  return readyAt ?? Number.NaN;
}

async function until(what: string, watched: Watched, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (watched.child.exitCode !== null || performance.now() > deadline) {
      throw new Error(
        `the start ended or did not come to ${what} in ${PATIENCE_MS / 1000} s:\n${watched.said.slice(-4_000)}`,
      );
    }
    await pause(POLL_MS);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGINT');
  await gone;
}

/** A database of the user's own would be measured otherwise. */
function withoutDatabase(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DATABASE_|NATS_|BOXTRAIL_)/.test(name)));
}
