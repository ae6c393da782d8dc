import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReaderOnTcp } from '../../apps/gateway/spec-support/reader-on-tcp.js';
import { port } from '../../fixtures/index.js';
import { seedDemonstration, type Demonstration } from '../../fixtures/seed/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOnce } from '../support/house.js';
import { OperatorProcess } from '../support/operator.js';
import { reservePort } from '../support/ports.js';
import { until } from '../support/until.js';

const RECORDING = fileURLToPath(
  new URL('../../fixtures/recordings/chuanshan-lane3-tagged-boxes.jsonl', import.meta.url),
);

let [database, stateDir, address] = [null as TestDatabase | null, '', ''];
let demonstration: Demonstration | null = null;
let start: OperatorProcess | null = null;
const environment: NodeJS.ProcessEnv = {};
/** Ended behind each test, however it went. */
const begun: OperatorProcess[] = [];

function boxtrail(...args: string[]): OperatorProcess {
  const run = new OperatorProcess(args, environment);
  begun.push(run);
  return run;
}

interface Pass {
  readonly id: string;
  readonly direction: string;
  readonly outcome: string;
  readonly truckPlate: string | null;
  readonly containerNumbers: readonly string[];
}

async function passesIn(lane: string): Promise<readonly Pass[]> {
  const token = demonstration?.signIns.find(({ role }) => role === 'GATE_OPERATOR')?.token ?? '';
  const query = `{ passes(first: 50, filter: { lane: "${lane}" }) { nodes { id direction outcome truckPlate containerNumbers } } }`;
  const answer = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await answer.json()) as { data?: { passes: { nodes: Pass[] } }; errors?: unknown };
  if (data === undefined) throw new Error(JSON.stringify(errors));
  return data.passes.nodes;
}

async function passes(lane: string, count: number): Promise<readonly Pass[]> {
  let found: readonly Pass[] = [];
  await until(
    `${count} passes in ${lane}`,
    async () => {
      found = await passesIn(lane);
      return found.length >= count;
    },
    { everyMs: 50, log: () => `there are ${found.length}` },
  );
  return found;
}

// A database of the user's own without BOXTRAIL_DEMO: no simulator speaks, so every pass is one of ours. The sign-ins in the
// state folder are those that a demonstration leaves there.
beforeAll(async () => {
  await buildOnce();
  database = await createTestDatabase();
  stateDir = mkdtempSync(join(tmpdir(), 'boxtrail-beside-'));
  demonstration = await seedDemonstration({ ingestUrl: database.ingestUrl, stateDir });
  Object.assign(environment, { BOXTRAIL_STATE_DIR: stateDir });
  start = new OperatorProcess(['start'], {
    ...environment,
    PORT: String(await reservePort()),
    DATABASE_URL: database.appUrl,
    DATABASE_INGEST_URL: database.ingestUrl,
    DATABASE_MIGRATION_URL: database.ownerUrl,
  });
  await start.says('Ctrl-C ends it');
  address = /Boxtrail is ready: (\S+)/.exec(start.out)?.[1] ?? '';
}, 180_000);

afterEach(async () => {
  await Promise.all(begun.splice(0).map((run) => run.stop()));
});

afterAll(async () => {
  await start?.stop();
  await database?.drop();
  rmSync(stateDir, { recursive: true, force: true });
});

describe('beside a start that runs', () => {
  it('replays a recording through a gateway that is told nothing but its file, and twice gives two passes', async () => {
    // fixtures/recordings/README.md: TRK-001 goes in with two boxes of which the tags tell
    const plate = port.trucks.find(({ truckId }) => truckId === 'TRK-001')?.plate;
    const config = join(stateDir, 'replay', 'gateway.json');
    const first = boxtrail('replay', RECORDING, '--speed', '2');
    await first.says(`npx boxtrail gateway --config ${config}`);
    const gateway = boxtrail('gateway', '--config', config);
    expect({ code: await first.end(), err: first.err }).toMatchObject({ code: 0 });
    const [one] = await passes('CNNBO-BLYUA/G1-L3', 1);
    expect(one).toMatchObject({ direction: 'IN', outcome: 'CROSSED', truckPlate: plate });
    expect(one?.containerNumbers).toHaveLength(2);

    const second = boxtrail('replay', RECORDING, '--speed', '2');
    expect({ code: await second.end(), err: second.err }).toMatchObject({ code: 0 });
    const both = await passes('CNNBO-BLYUA/G1-L3', 2);
    expect(both.map(({ outcome, truckPlate }) => [outcome, truckPlate])).toEqual([
      ['CROSSED', plate],
      ['CROSSED', plate],
    ]);
    expect(await gateway.stop()).toBe(0);
  });

  it('runs one reader of the command line without further settings', async () => {
    const truck = port.trucks.find(({ truckId }) => truckId === 'TRK-004');
    const tag = port.bindings.find(({ asset }) => asset.id === truck?.truckId)?.tag;
    if (truck === undefined || tag === undefined) throw new Error('TRK-004 carries no tag');
    // 20 rounds of 10 ms before antenna 1, 20 before antenna 2, and away
    const reader = new ReaderOnTcp(
      (round) => (round >= 40 ? [] : [{ pc: tag.pc, epc: tag.epc, rssiDbm: -51, antenna: round < 20 ? 1 : 2 }]),
      10,
    );
    const device = `r2000+tcp://127.0.0.1:${await reader.start()}`;
    boxtrail('gateway', '--device', device, '--antennas', '1,2', '--lane', 'CNNBO-BLYUA/G1-L5');
    const [pass] = await passes('CNNBO-BLYUA/G1-L5', 1).finally(() => reader.stop());
    // antenna 1 looks to the land: from it to antenna 2 is inwards; leaving by the exit accepts in a lane without loops
    expect(pass).toMatchObject({ direction: 'IN', outcome: 'CROSSED', truckPlate: truck.plate });
  });
});
