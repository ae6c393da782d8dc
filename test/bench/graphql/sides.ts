import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { checkoutRoot, loadPeer } from '../peers.js';
import { freePort } from '../support/free-port.js';
import { processorTimeOf } from '../support/processor-time.js';
import type { Data, Document } from './documents.js';
import type { LoadConfig, LoadResult } from './load.js';
import type { PeerConfig } from './postgraphile.js';
import type { BenchWorld } from './world.js';

const PATIENCE_MS = 60_000;
const CONNECTIONS = 16;

/** One server that is measured: ours or a peer. */
export class Side {
  private said = '';

  private constructor(
    readonly who: string,
    readonly version: string | undefined,
    private readonly port: number,
    private readonly child: ChildProcess,
    private readonly text: (document: Document) => string,
    readonly rows: (document: Document, data: Data) => unknown,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString('utf8')).slice(-6_000)));
    }
  }

  static async ours(world: BenchWorld): Promise<Side> {
    const port = await freePort();
    const child = run('apps/server/src/main.js', [], {
      DATABASE_URL: world.appUrl,
      DATABASE_INGEST_URL: world.ingestUrl,
      PORT: String(port),
      BOXTRAIL_STATE_DIR: world.folder,
      // nobody is refused: the load comes from nine people
      BOXTRAIL_RATE_POINTS: '1000000000',
    });
    const side = new Side(
      'boxtrail',
      undefined,
      port,
      child,
      (document) => document.ours,
      (document, data) => document.ourRows(data),
    );
    return await side.ready();
  }

  /** @returns why it cannot take part when it does not come up */
  static async postgraphile(major: '4' | '5', world: BenchWorld): Promise<Side | { readonly missing: string }> {
    const peer = loadPeer(`postgraphile${major}`);
    if ('missing' in peer) return peer;
    const node = nodeFor(NEEDS_NODE[major]);
    if (node === null) return { missing: `${peer.version} needs Node ${NEEDS_NODE[major]}; node22 is not installed` };
    const port = await freePort();
    const config: PeerConfig = { databaseUrl: world.appUrl, port, settings: world.settings };
    const child = run('test/bench/graphql/postgraphile.js', [major], { PEER_CONFIG: JSON.stringify(config) }, node);
    const side = new Side(
      `postgraphile${major}`,
      peer.version,
      port,
      child,
      (document) => document.theirs,
      (document, data) => document.theirRows(data),
    );
    try {
      return await side.ready();
    } catch (error) {
      await side.close();
      return {
        missing: `${peer.version} does not come up: ${String(error).slice(0, 300)}`,
      };
    }
  }

  async ask(document: Document, token: string, variables: object): Promise<Data> {
    const answer = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-case-number': 'BENCH-0001' },
      body: JSON.stringify({ query: this.text(document), variables }),
    });
    const { data, errors } = (await answer.json()) as { readonly data?: Data; readonly errors?: unknown };
    if (data === undefined || errors !== undefined) {
      throw new Error(`${this.who}, ${document.name}: ${JSON.stringify(errors)} ${this.said}`);
    }
    return data;
  }

  /** @throws Error when one request is not answered with 200 */
  async under(document: Document, world: BenchWorld, seconds: number): Promise<LoadResult & { readonly cpuS: number }> {
    const config: LoadConfig = {
      url: this.url,
      connections: CONNECTIONS,
      seconds,
      requests: world.questions(document).map(({ token, variables }) => ({
        token,
        body: JSON.stringify({ query: this.text(document), variables }),
      })),
    };
    const before = processorTimeOf(this.child.pid);
    const load = run('test/bench/graphql/load.js', [], {});
    // more than an environment may hold
    load.stdin?.end(JSON.stringify(config));
    let [out, err] = ['', ''];
    load.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    load.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    await once(load, 'close');
    if (out === '') throw new Error(`the load did not run: ${err}`);
    const result = JSON.parse(out) as LoadResult;
    if (result.faults > 0) throw new Error(`${this.who}, ${document.name}: ${result.faults} faults; ${this.said}`);
    return { ...result, cpuS: processorTimeOf(this.child.pid) - before };
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'close');
    this.child.kill('SIGTERM');
    const forced = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(forced);
  }

  private get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private async ready(): Promise<this> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await fetch(`${this.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __typename }"}',
      }).catch(() => null);
      await answer?.arrayBuffer();
      if (answer !== null) return this;
      if (this.child.exitCode !== null || performance.now() > deadline) throw new Error(this.said.slice(-600));
      await pause(50);
    }
  }
}

const NEEDS_NODE = { 4: 8, 5: 22 } as const;

/** This Node, or the newer one that is a peer of its own; null when neither is new enough. */
function nodeFor(major: number): string | null {
  if (Number(process.versions.node.split('.')[0]) >= major) return process.execPath;
  const newer = join(checkoutRoot(), 'test/bench/node_modules/node22/bin/node');
  return existsSync(newer) ? newer : null;
}

/** With BENCH_CPU_PROFILE=<folder> each process leaves a .cpuprofile there. */
function run(
  entry: string,
  args: readonly string[],
  env: Record<string, string>,
  node = process.execPath,
): ChildProcess {
  const profile = process.env['BENCH_CPU_PROFILE'];
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return spawn(node, [...flags, join(checkoutRoot(), 'dist', entry), ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      GRAPHILE_ENV: 'production',
      BOXTRAIL_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
