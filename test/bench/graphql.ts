import { isDeepStrictEqual } from 'node:util';
import type { BenchReport, BenchResult } from './contract.js';
import { DOCUMENTS, type Document } from './graphql/documents.js';
import { Side } from './graphql/sides.js';
import { BenchWorld } from './graphql/world.js';
import { machine, medianOf, ratioOf } from './rounds.js';

const ROUNDS = 5;
const WARM_S = 2;
const MEASURED_S = 2;
/** Questions whose answers are compared, of each document. */
const COMPARED = 60;

/** Our service beside PostGraphile over the same tables, policies and questions; load comes from a process of its own. */
export async function run(): Promise<BenchReport> {
  const world = await BenchWorld.open();
  const sides: Side[] = [];
  const absent: BenchResult[] = [];
  const results: BenchResult[] = [];
  const notes = [
    world.story,
    'company asks for shipment and box, customs for events; as the app role, under row-level policies, each side with ten connections',
    `answers to ${COMPARED} questions of each document were compared and are equal`,
    'cpu: processor milliseconds of the server and of PostgreSQL for one request',
  ];
  const ratios: Record<string, number | 'missing'> = {};
  try {
    // drawing those of a large port takes seconds, in which no server would be heard
    for (const document of DOCUMENTS) world.questions(document);
    sides.push(await Side.ours(world));
    for (const major of ['4', '5'] as const) {
      const peer = await Side.postgraphile(major, world);
      if (peer instanceof Side) sides.push(peer);
      else absent.push({ who: `postgraphile${major}`, value: 'missing', unit: 'requests/s', reason: peer.missing });
    }
    for (const document of DOCUMENTS) {
      await compare(document, sides, world);
      const measured = await rounds(document, sides, world);
      results.push(...measured, ...absent.map((one) => ({ ...one, who: `${document.name}: ${one.who}` })));
      for (const peer of ['postgraphile4', 'postgraphile5']) {
        const name = (who: string, what = ''): string => `${document.name}: ${who}${what}`;
        ratios[name(peer)] = ratioOf(measured, name('boxtrail'), name(peer));
        ratios[name(peer, ' p99')] = ratioOf(measured, name(peer, ' p99'), name('boxtrail', ' p99'));
      }
    }
  } finally {
    for (const side of sides) await side.close();
    await world.close();
  }
  return { bench: 'graphql', machine: machine(), rounds: ROUNDS, results, ratios, notes };
}

/** @throws Error with both answers when two sides say different things */
async function compare(document: Document, sides: readonly Side[], world: BenchWorld): Promise<void> {
  for (const { token, variables } of world.questions(document).slice(0, COMPARED)) {
    const [first, ...others] = await Promise.all(
      sides.map(async (side) => ({
        who: side.who,
        rows: side.rows(document, await side.ask(document, token, variables)),
      })),
    );
    for (const other of others) {
      if (isDeepStrictEqual(other.rows, first?.rows)) continue;
      throw new Error(
        `${document.name} ${JSON.stringify(variables)}: the answers differ\n${[first, other].map((answer) => `${answer?.who ?? ''}: ${JSON.stringify(answer?.rows)}`).join('\n')}`,
      );
    }
  }
}

/** One side's rounds. */
interface Measured {
  readonly side: Side;
  readonly rate: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly server: number[];
  readonly postgres: number[];
}

async function rounds(document: Document, sides: readonly Side[], world: BenchWorld): Promise<BenchResult[]> {
  const all = sides.map((side): Measured => ({ side, rate: [], p50: [], p99: [], server: [], postgres: [] }));
  for (const { side } of all) await side.under(document, world, WARM_S);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { side, ...into } of round % 2 === 0 ? all : [...all].reverse()) {
      const before = world.postgresCpuS();
      const { requestsPerS, requests, p50Ms, p99Ms, cpuS } = await side.under(document, world, MEASURED_S);
      into.rate.push(requestsPerS);
      into.p50.push(p50Ms);
      into.p99.push(p99Ms);
      into.server.push((cpuS / requests) * 1_000);
      into.postgres.push(((world.postgresCpuS() - before) / requests) * 1_000);
    }
  }
  return all.flatMap(({ side: { who, version }, rate, p50, p99, server, postgres }) => {
    const name = `${document.name}: ${who}`;
    return [
      { ...medianOf(name, 'requests/s', rate), ...(version === undefined ? {} : { version }) },
      medianOf(`${name} p50`, 'ms', p50),
      medianOf(`${name} p99`, 'ms', p99),
      medianOf(`${name} cpu, server`, 'ms', server),
      medianOf(`${name} cpu, PostgreSQL`, 'ms', postgres),
    ];
  });
}
