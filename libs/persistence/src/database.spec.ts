import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { Database, sqlState } from './database.js';
import type { Visibility } from './reader-seal.js';

const ORGANISATION = '00000000-0000-4000-8000-000000000001';
const at = (...siteIds: string[]): Visibility => ({ scope: 'TERMINAL', organisationId: ORGANISATION, siteIds });
const SITES_SEEN = 'SELECT site_id FROM pass_container WHERE container_number = $1 ORDER BY site_id';

let store: TestDatabase;
let database: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  // One connection each: what a transaction leaves behind on it would meet the next one.
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl }, { appConnections: 1, ingestConnections: 1 });
  await database.write((tx) =>
    tx.query(
      `INSERT INTO pass_container (site_id, pass_id, container_number, occurred_at)
       SELECT site, gen_random_uuid(), 'CSQU3054383', now() FROM unnest($1::text[]) AS site`,
      [['A', 'B']],
    ),
  );
}, 60_000);

afterAll(async () => {
  await database.close();
  await store.drop();
});

describe('a prepared read', () => {
  it('sees what its own transaction may, also when the plan is kept from one reader to the next', async () => {
    const seen: string[] = [];
    // PostgreSQL plans a prepared statement anew five times before it may keep a plan for all values.
    for (let round = 0; round < 12; round += 1) {
      const [site, visibility] = round % 2 === 0 ? ['A', at('A')] : ['B', at('B')];
      const rows = await database.read(visibility, (tx) => tx.query(SITES_SEEN, ['CSQU3054383']), { prepared: true });
      seen.push(`${String(site)}: ${rows.map((row) => String(row['site_id'])).join()}`);
    }
    expect(new Set(seen)).toEqual(new Set(['A: A', 'B: B']));
  });

  it('sees nothing more for a site whose name ends the literal that it stands in', async () => {
    const rows = await database.read(at(`A', true), set_config('boxtrail.sites', 'B`), (tx) =>
      tx.query(SITES_SEEN, ['CSQU3054383']),
    );
    expect(rows).toEqual([]);
  });
});

describe('a read of one statement', () => {
  it('sees what its own reader may, prepared or not, on a connection that served another reader before', async () => {
    const seen: string[] = [];
    for (let round = 0; round < 24; round += 1) {
      const [site, visibility] = round % 2 === 0 ? ['A', at('A')] : ['B', at('B')];
      const rows = await database.readOne(visibility, SITES_SEEN, ['CSQU3054383'], { prepared: round % 3 === 0 });
      seen.push(`${String(site)}: ${rows.map((row) => String((row as { site_id: unknown }).site_id)).join()}`);
    }
    expect(new Set(seen)).toEqual(new Set(['A: A', 'B: B']));
  });

  it('is kept planned by a connection once it came several times, and then only as often as there is room', async () => {
    const planned = async (): Promise<number> => {
      const [row] = await database.readPublic((tx) =>
        tx.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_prepared_statements WHERE generic_plans > 0 AND statement LIKE 'SELECT $1::integer + %'`,
        ),
      );
      return row?.n ?? 0;
    };
    const before = await planned();
    const many = Array.from({ length: 100 }, (_, at) => `SELECT $1::integer + ${at} AS sum`);
    for (const sql of many) await database.readOne(at('A'), sql, [1], { prepared: true });
    expect(await planned()).toBe(before);
    for (let round = 0; round < 4; round += 1) {
      for (const [add, sql] of many.entries()) {
        expect(await database.readOne(at('A'), sql, [1], { prepared: true })).toEqual([{ sum: 1 + add }]);
      }
    }
    expect(await planned()).toBeGreaterThan(before + 30);
    expect(await planned()).toBeLessThanOrEqual(64);
  });

  it('tells its own failure, writes nothing, and leaves no setting to what comes behind it', async () => {
    await expect(database.readOne(at('A'), 'SELECT 1 / $1::integer', [0])).rejects.toThrow('division by zero');
    await expect(
      database.readOne(at('A'), `INSERT INTO person (id, display_name) VALUES ($1, 'Li')`, [ORGANISATION]),
    ).rejects.toThrow('read-only transaction');
    expect(
      await database.readPublic((tx) =>
        tx.query(
          `SELECT current_setting('boxtrail.sites', true) AS sites, current_setting('plan_cache_mode') AS plans`,
        ),
      ),
    ).toEqual([{ sites: '', plans: 'auto' }]);
    expect(await database.readPublic((tx) => tx.query(SITES_SEEN, ['CSQU3054383']))).toEqual([]);
  });
});

describe('a transaction', () => {
  it('tells the first failure of statements that travel together, and keeps none of them', async () => {
    const failure = await database
      .write((tx) =>
        Promise.all([
          tx.query(`INSERT INTO person (id, display_name) VALUES ($1, 'Li')`, [ORGANISATION]),
          tx.query('SELECT 1 / $1::integer', [0]),
          tx.query('SELECT $1::text', ['behind it']),
        ]),
      )
      .catch((error: unknown) => error);
    // 22012: division by zero; what travelled behind it fails with 25P02.
    expect(sqlState(failure)).toBe('22012');
    const kept = await database.write((tx) => tx.query('SELECT id FROM person WHERE id = $1', [ORGANISATION]));
    expect(kept).toEqual([]);
  });

  it('runs a statement again after it was first asked for in a transaction that had failed', async () => {
    const never = 'SELECT $1::text AS heard, 42 AS only_here';
    await expect(
      database.write((tx) => Promise.all([tx.query('SELECT 1 / $1::integer', [0]), tx.query(never, ['lost'])])),
    ).rejects.toThrow('division by zero');
    const rows = await database.write((tx) => tx.query(never, ['told']));
    expect(rows).toEqual([{ heard: 'told', only_here: 42 }]);
  });

  it('stores nothing of what still runs beside a part of it that was refused', async () => {
    let beside: Promise<unknown> = Promise.resolve();
    await expect(
      database.write(async (tx) => {
        const goOn = async (): Promise<void> => {
          await tx.query('SELECT pg_sleep(0.05)');
          await tx.query(`INSERT INTO person (id, display_name) VALUES ($1, 'Li')`, [ORGANISATION]);
        };
        beside = goOn().catch((error: unknown) => error);
        await Promise.resolve();
        throw new Error('refused by a rule');
      }),
    ).rejects.toThrow('refused by a rule');
    expect(await beside).toMatchObject({ message: expect.stringContaining('The transaction has ended') });
    expect(await database.write((tx) => tx.query('SELECT id FROM person WHERE id = $1', [ORGANISATION]))).toEqual([]);
  });
});
