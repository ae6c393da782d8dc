/** Autocannon as a process of its own: standard input says what, one JSON object on standard output says how it went. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { checkoutRoot } from '../peers.js';

export interface LoadConfig {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Asked one after the other by each connection, from the first again at the end. */
  readonly requests: readonly { readonly token: string; readonly body: string }[];
}

export interface LoadResult {
  readonly requestsPerS: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 200, and none at all. */
  readonly faults: number;
}

interface Report {
  readonly duration: number;
  readonly requests: { readonly total: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
}

/** A promise of the report that tells of each answer meanwhile. */
interface Run extends PromiseLike<Report> {
  on(event: 'response', tell: (client: object, status: number, bytes: number, ms: number) => void): void;
}

const config = (await json(process.stdin)) as LoadConfig;
const autocannon = createRequire(join(checkoutRoot(), 'test/bench/package.json'))('autocannon') as (
  options: object,
) => Run;

const run = autocannon({
  url: config.url,
  connections: config.connections,
  duration: config.seconds,
  requests: config.requests.map(({ token, body }) => ({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-case-number': 'BENCH-0001' },
    body,
  })),
});
// its own percentiles are of whole milliseconds
const latencies: number[] = [];
run.on('response', (_client, _status, _bytes, ms) => latencies.push(ms));
const report = await run;
latencies.sort((a, b) => a - b);
const percentile = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
const result: LoadResult = {
  requestsPerS: report.requests.total / report.duration,
  requests: report.requests.total,
  p50Ms: percentile(0.5),
  p99Ms: percentile(0.99),
  faults: report.non2xx + report.errors + report.timeouts,
};
process.stdout.write(JSON.stringify(result));
