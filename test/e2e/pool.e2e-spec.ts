import { Database, type Tx, type Visibility } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { BOXES, buildWorld, DAY, fact, HANDOVER, ORGANISATIONS, tell } from './graphql-world.js';

let store: TestDatabase;
let database: Database;
let owner: Client;

const TENANTS = {
  tidewell: { reader: company(ORGANISATIONS.tidewell), boxes: [BOXES.tidewell] },
  northbank: { reader: company(ORGANISATIONS.northbank), boxes: [BOXES.northbank] },
} as const;
type Tenant = keyof typeof TENANTS;

beforeAll(async () => {
  store = await createTestDatabase();
  // Two connections: whatever one reader leaves behind, another meets.
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl }, { appConnections: 2, ingestConnections: 2 });
  await buildWorld(database);
  await tell(
    database,
    ...Object.values(TENANTS).flatMap(({ boxes }) =>
      boxes.map((code) => fact(`of ${code}`, { asset: { kind: 'CONTAINER', code }, occurredAt: HANDOVER + DAY })),
    ),
  );
  owner = new Client({ connectionString: store.ownerUrl });
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await database.close();
  await store.drop();
});

function company(organisationId: string): Visibility {
  return { scope: 'COMPANY', organisationId };
}

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SEEN = 'SELECT container_number AS box FROM tracking_event ORDER BY 1';
const ORGANISATION_SET = `SELECT coalesce(current_setting('boxtrail.organisation', true), '') AS organisation`;

async function boxesIn(tx: Tx): Promise<string[]> {
  return (await tx.query<{ box: string }>(SEEN)).map(({ box }) => box);
}

async function ended(end: 'cancel' | 'terminate', tx: Tx): Promise<void> {
  const [row] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const asleep = tx.query('SELECT pg_sleep(60)');
  let over = false;
  const settled = asleep.then(
    () => undefined,
    () => (over = true),
  );
  // Again until it is heard: one that comes between two statements meets nothing.
  while (!over) {
    await owner.query(`SELECT pg_${end}_backend($1)`, [row?.pid]);
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 5))]);
  }
  await asleep;
}

/** How a reader's transaction may go wrong once it has seen its rows. */
const MISHAPS: Readonly<Record<string, (tx: Tx) => Promise<unknown>>> = {
  'nothing happens': () => Promise.resolve(),
  'PostgreSQL refuses': (tx) => tx.query('SELECT 1 / $1::int', [0]),
  'the work throws': () => Promise.reject(new Error('the work')),
  'it goes away while a statement runs': (tx) => {
    // nobody is left to be told how it ends
    void tx.query('SELECT pg_sleep(0.01)').catch(() => undefined);
    return Promise.reject(new Error('the caller is gone'));
  },
  'its time is up': async (tx) => {
    await tx.query(`SELECT set_config('statement_timeout', '5', true)`);
    await tx.query('SELECT pg_sleep(60)');
  },
  'it is cancelled': (tx) => ended('cancel', tx),
  'its connection is ended': (tx) => ended('terminate', tx),
};

type Pick = <T>(items: readonly T[]) => T;

describe('two connections under two companies', () => {
  it('show each its own rows and nobody without a name any, whatever goes wrong inside (seed 19)', async () => {
    const went = new Map<string, number>();
    const count = (what: string): Map<string, number> => went.set(what, (went.get(what) ?? 0) + 1);
    const round = async (pick: Pick): Promise<void> => {
      const tenant = pick(Object.keys(TENANTS) as Tenant[]);
      const { reader, boxes } = TENANTS[tenant];
      const mishap = pick(Object.keys(MISHAPS));
      const prepared = pick([true, false]);
      const seen: string[][] = [];
      const outcome = await database
        .read(
          reader,
          async (tx) => {
            seen.push(await boxesIn(tx));
            await MISHAPS[mishap]?.(tx);
            seen.push(await boxesIn(tx));
          },
          { prepared },
        )
        .then(
          () => 'answered',
          () => 'failed',
        );
      count(`${mishap}: ${outcome}`);
      // A connection that was just ended may be lent once more: then there is no answer, and never another's.
      for (const rows of seen) expect([tenant, mishap, rows]).toEqual([tenant, mishap, boxes]);
    };
    const nameless = async (): Promise<void> => {
      const seen = await database
        .readPublic(async (tx) => [await boxesIn(tx), await tx.query(ORGANISATION_SET)])
        .catch(() => null);
      if (seen === null) return;
      count('nameless: answered');
      expect(seen).toEqual([[], [{ organisation: '' }]]);
    };
    const both = async (): Promise<void> => {
      const seen = await database
        .readEach<{ box: string }>(
          [TENANTS.tidewell, TENANTS.northbank].map(({ reader }) => ({ visibility: reader, sql: SEEN, values: [] })),
        )
        .catch(() => null);
      if (seen === null) return;
      count('both: answered');
      expect(seen.map((rows) => rows.map(({ box }) => box))).toEqual([TENANTS.tidewell.boxes, TENANTS.northbank.boxes]);
    };
    // Each draws for itself, so that what befalls it does not hang on who comes first.
    const workers = Array.from({ length: 6 }, async (_, worker) => {
      const random = seededRandom(19 + worker);
      const pick: Pick = (items) => items[Math.floor(random() * items.length)] as (typeof items)[number];
      for (let turn = 0; turn < 50; turn += 1) await pick([round, round, round, nameless, both])(pick);
    });
    await Promise.all(workers);
    // A refusal shows nothing: each must have been answered too.
    expect(went.get('nameless: answered')).toBeGreaterThan(0);
    expect(went.get('both: answered')).toBeGreaterThan(0);
    for (const mishap of Object.keys(MISHAPS)) {
      const [mayBe, never] = mishap === 'nothing happens' ? ['answered', null] : ['failed', 'answered'];
      expect([mishap, (went.get(`${mishap}: ${mayBe}`) ?? 0) > 0, went.get(`${mishap}: ${String(never)}`)]).toEqual([
        mishap,
        true,
        undefined,
      ]);
    }
    for (const { reader, boxes } of Object.values(TENANTS)) expect(await database.read(reader, boxesIn)).toEqual(boxes);
    expect(await database.readPublic(boxesIn)).toEqual([]);
  });
});
