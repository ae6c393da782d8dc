import { migrate, Database, readerSettings, sqlState, type Visibility } from '#libs/persistence';
import { Vault } from '#libs/identity';
import { derivedId } from '#libs/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, type QueryResult } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { buildSweepWorld, planted, type Side } from './sweep-world.js';

/**
 * Somebody who brings SQL of their own into a read of the near side's company: what do they see of the far side's? Every attempt
 * stands beside a control that does see the row. Live subscriptions, exports and webhooks read as the same role, boxtrail_app.
 */
let store: TestDatabase;
let database: Database;
let owner: Client;
let key: Buffer;
let intruder: Client;

const organisation = (kind: string, side: Side): string => derivedId('sweep', 'organisation', kind, side);
const company = (side: Side): Visibility => ({
  scope: 'COMPANY',
  organisationId: organisation('LOGISTICS_COMPANY', side),
});
const { box, plate } = planted('far');
/** The view by which other policies look at a company's windows. */
const OWN_WINDOWS = 'own_window';
const FAR_EVENT = `SELECT truck_plate FROM tracking_event WHERE container_number = '${box}'`;

beforeAll(async () => {
  // Rights on a database are not copied with it: this one is migrated itself.
  store = await createTestDatabase({ migrated: false });
  await migrate(store.ownerUrl);
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  await buildSweepWorld(database, Vault.unkept());
  owner = new Client({ connectionString: store.ownerUrl });
  await owner.connect();
  await owner.query('ANALYZE');
  const { rows } = await owner.query<{ key: Buffer }>('SELECT key FROM reader_key');
  key = rows[0]?.key ?? Buffer.alloc(0);
});

afterAll(async () => {
  await owner.end();
  await database.close();
  await store.drop();
});

beforeEach(async () => {
  intruder = new Client({ connectionString: store.appUrl });
  await intruder.connect();
});

afterEach(() => intruder.end());

/** In a transaction of its own, as `Database.read` begins one for this reader. */
async function inReadOf<T>(reader: Visibility | null, work: () => Promise<T>): Promise<T> {
  await intruder.query('BEGIN');
  try {
    for (const [name, value] of Object.entries(reader === null ? {} : readerSettings(key, reader))) {
      await intruder.query('SELECT set_config($1, $2, true)', [name, value]);
    }
    return await work();
  } finally {
    await intruder.query('ROLLBACK');
  }
}

const asNear = (sql: string): Promise<QueryResult> => inReadOf(company('near'), () => intruder.query(sql));
const asFar = (sql: string): Promise<QueryResult> => inReadOf(company('far'), () => intruder.query(sql));
const refusal = (attempt: Promise<unknown>): Promise<string | undefined> =>
  attempt.then(
    () => 'it was allowed',
    (error: unknown) => sqlState(error),
  );
const DENIED = '42501';

/** By what → the statement: each finds something of the far side's, for the far side. */
const WAYS: readonly (readonly [string, string])[] = [
  ['the table', FAR_EVENT],
  [
    'no condition at all',
    `SELECT truck_plate FROM (SELECT * FROM tracking_event) e WHERE e.container_number = '${box}'`,
  ],
  ['places of rows', `SELECT ctid FROM tracking_event WHERE container_number = '${box}' AND ctid >= '(0,0)'`],
  ['a sample', `SELECT truck_plate FROM tracking_event TABLESAMPLE SYSTEM (100) WHERE container_number = '${box}'`],
  ['a query as XML', `SELECT unnest(xpath('//truck_plate/text()', query_to_xml($q$${FAR_EVENT}$q$, true, false, '')))`],
  ['a whole table as XML', `SELECT 1 WHERE table_to_xml('tracking_event', true, false, '')::text LIKE '%${box}%'`],
  ['the box’s state', `SELECT 1 FROM shipment_container WHERE container_number = '${box}'`],
  ['the windows', `SELECT 1 FROM company_window WHERE container_number = '${box}'`],
  ['the shipment', `SELECT 1 FROM shipment WHERE reference = '${planted('far').reference}'`],
  ['the webhook', `SELECT 1 FROM webhook_endpoint WHERE url = '${planted('far').hook}'`],
  ['a paper', `SELECT 1 FROM organisation_paper WHERE number = 'PAPER-far'`],
  ['the organisation', `SELECT 1 FROM organisation WHERE id = '${organisation('LOGISTICS_COMPANY', 'far')}'`],
];

describe('a company’s own read', () => {
  it.each(WAYS)('finds nothing of the other’s by %s, which the other finds', async (_way, sql) => {
    expect((await asNear(sql)).rows).toEqual([]);
    expect((await asFar(sql)).rows).not.toEqual([]);
  });

  it('copies nothing of the other’s out', async () => {
    // The rows go by; how many there were is told at the end.
    const copied = async (reader: Visibility): Promise<number | null> =>
      inReadOf(reader, async () => (await intruder.query(`COPY (${FAR_EVENT}) TO STDOUT`)).rowCount);
    expect(await copied(company('near'))).toBe(0);
    expect(await copied(company('far'))).toBeGreaterThan(0);
    const whole = async (reader: Visibility): Promise<number | null> =>
      inReadOf(reader, async () => (await intruder.query('COPY shipment_party TO STDOUT')).rowCount);
    const { rows } = await owner.query<{ count: number }>('SELECT count(*)::int AS count FROM shipment_party');
    expect((await whole(company('near'))) ?? 0).toBeLessThan(rows[0]?.count ?? 0);
  });

  it('learns nothing by a condition that fails on the other’s row', async () => {
    const leaky = `${FAR_EVENT} AND truck_plate::int = 0`;
    expect((await asNear(leaky)).rows).toEqual([]);
    await expect(asFar(leaky)).rejects.toThrow(plate);
  });

  it('learns no value from a plan that was run, and none from statistics', async () => {
    const plan = async (reader: Visibility): Promise<string> =>
      inReadOf(reader, async () =>
        JSON.stringify((await intruder.query(`EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) ${FAR_EVENT}`)).rows),
      );
    // That a filter removed rows is told by PostgreSQL to whoever may run the statement; which, it is not.
    expect(await plan(company('near'))).not.toContain(plate);
    expect(await plan(company('near'))).toMatch(/^\[{"QUERY PLAN":\[{"Plan":{[^{]*"Actual Rows":0[.,]/);
    expect(await plan(company('far'))).not.toMatch(/^\[{"QUERY PLAN":\[{"Plan":{[^{]*"Actual Rows":0[.,]/);
    const statistics = `SELECT 1 FROM pg_stats WHERE tablename IN ('shipment_party', 'company_window', 'tracking_event_default')`;
    expect((await asNear(statistics)).rows).toEqual([]);
    expect((await owner.query(statistics)).rows).not.toEqual([]);
    expect(await refusal(asNear('SELECT stavalues1 FROM pg_statistic'))).toBe(DENIED);
  });
});

describe('settings that the service did not make', () => {
  const FORGED: readonly (readonly [string, string, string])[] = [
    ['COMPANY', organisation('LOGISTICS_COMPANY', 'far'), ''],
    ['TERMINAL', organisation('TERMINAL', 'far'), planted('far').site],
    ['CUSTOMS', organisation('CUSTOMS_OFFICE', 'far'), `${planted('near').site},${planted('far').site}`],
    ['PLATFORM', organisation('PLATFORM_OPERATOR', 'far'), ''],
    ['SYSTEM', organisation('PLATFORM_OPERATOR', 'far'), ''],
    ['AUDIT', organisation('PLATFORM_OPERATOR', 'far'), ''],
    ['DIRECTORY', organisation('BANK', 'far'), ''],
  ];
  const readerOf = ([scope, organisationId, sites]: (typeof FORGED)[number]): Visibility =>
    ({ scope, organisationId, ...(sites === '' ? {} : { siteIds: sites.split(',') }) }) as Visibility;

  /** Tables of which the role may read a column. */
  async function readable(secured: boolean): Promise<string[]> {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r','p','v','m') AND c.relrowsecurity = $1
         AND has_any_column_privilege('boxtrail_app', c.oid, 'SELECT') ORDER BY 1`,
      [secured],
    );
    return rows.map(({ name }) => name);
  }
  const countIn = async (table: string): Promise<number> =>
    (await intruder.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)).rows[0]?.count ?? 0;

  it('are believed by no table, and under the service’s seal somebody sees each', async () => {
    const unseen: string[] = [];
    for (const table of [...(await readable(true)), OWN_WINDOWS]) {
      let seen = 0;
      for (const forged of FORGED) {
        // its own seal stays, which was right for what was said before
        const found = await inReadOf(company('near'), async () => {
          await intruder.query(
            `SELECT set_config('boxtrail.scope', $1, true), set_config('boxtrail.organisation', $2, true), set_config('boxtrail.sites', $3, true)`,
            [...forged],
          );
          return countIn(table);
        });
        expect([table, forged[0], found]).toEqual([table, forged[0], 0]);
        seen += await inReadOf(readerOf(forged), () => countIn(table));
      }
      if (seen === 0) unseen.push(table);
    }
    // hidden from everybody who asks, or of no use to the sweep
    const { rows } = await owner.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_policies WHERE policyname = tablename || '_readers' AND qual = 'false' ORDER BY 1`,
    );
    const hidden = rows.map(({ name }) => name);
    for (const table of unseen.filter((name) => !hidden.includes(name))) {
      expect([table, (await owner.query(`SELECT FROM ${table} LIMIT 1`)).rowCount]).toEqual([table, 0]);
    }
    expect(await readable(false)).toEqual(['gate', 'lane', OWN_WINDOWS, 'site', 'zone']);
  });

  it('are worth nothing without, with another’s, or with a guessed seal, nor when changed within the statement', async () => {
    const far = readerSettings(key, company('far'));
    const near = readerSettings(key, company('near'));
    const guessed = readerSettings(Buffer.alloc(32), company('far'));
    for (const seal of ['', near['boxtrail.seal'], guessed['boxtrail.seal'], 'x']) {
      const seen = await inReadOf(company('far'), async () => {
        await intruder.query(`SELECT set_config('boxtrail.seal', $1, true)`, [seal]);
        return intruder.query(FAR_EVENT);
      });
      expect([seal, seen.rows]).toEqual([seal, []]);
    }
    const within = `SELECT e.truck_plate FROM (SELECT set_config('boxtrail.organisation', '${far['boxtrail.organisation']}', true) OFFSET 0) s,
      LATERAL (SELECT * FROM tracking_event WHERE s.set_config IS NOT NULL OFFSET 0) e WHERE e.container_number = '${box}'`;
    expect((await asNear(within)).rows).toEqual([]);
    expect((await asFar(within)).rows).not.toEqual([]);
    expect((await inReadOf(null, () => intruder.query(FAR_EVENT))).rows).toEqual([]);
  });

  it.each(WAYS)('are worth nothing when they change to and fro within the statement: by %s', async (_way, sql) => {
    const said = ({ scope, ...reader }: Visibility): readonly string[] => [
      scope,
      reader.organisationId,
      'siteIds' in reader ? reader.siteIds.join(',') : '',
    ];
    // Each in its turn, so that what asks for the scope may hear another than what looks at the seal.
    const inTurns = (...turns: readonly (readonly string[])[]): string =>
      `SELECT FROM (VALUES ${turns.map((turn) => `(${turn.map((word) => `'${word}'`).join(', ')})`).join(', ')}) AS said(scope, organisation, sites),
       LATERAL (SELECT set_config('boxtrail.scope', said.scope, true) || set_config('boxtrail.organisation', said.organisation, true)
         || set_config('boxtrail.sites', said.sites, true) AS word OFFSET 0) told,
       LATERAL (SELECT FROM (${sql}) found WHERE told.word IS NOT NULL OFFSET 0) seen`;
    const own = said(company('near'));
    for (const forged of FORGED) {
      for (const turns of [
        [own, forged],
        [forged, own],
        [own, [forged[0], own[1] ?? '', forged[2]], own],
        [[own[0] ?? '', forged[1], forged[2]], own],
      ]) {
        expect([forged[0], (await asNear(inTurns(...turns))).rowCount]).toEqual([forged[0], 0]);
      }
    }
    const far = said(company('far'));
    expect((await asFar(inTurns(far, far))).rowCount).toBeGreaterThan(0);
  });

  it('cannot be learned: neither the key, nor another reader’s seal while it reads', async () => {
    expect(await refusal(asNear('SELECT key FROM reader_key'))).toBe(DENIED);
    const seal = readerSettings(key, company('far'))['boxtrail.seal'];
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const reading = database.read(company('far'), async (tx) => {
      await tx.query('SELECT 1 AS the_far_side_reads');
      await ended;
    });
    try {
      let texts = '';
      await until('the far side to read', async () => {
        const { rows } = await asNear(`SELECT coalesce(string_agg(query, ';'), '') AS texts FROM pg_stat_activity`);
        texts = String((rows[0] as { texts: string }).texts);
        return texts.includes('SELECT 1 AS the_far_side_reads');
      });
      expect(texts).not.toContain(seal);
      expect(texts).not.toContain(organisation('LOGISTICS_COMPANY', 'far'));
    } finally {
      end();
      await reading;
    }
  });

  it('of a suspended organisation are not believed under any seal, in the transaction that follows', async () => {
    const state = (name: string): Promise<unknown> =>
      owner.query('UPDATE organisation SET state = $2 WHERE id = $1', [organisation('LOGISTICS_COMPANY', 'far'), name]);
    await state('SUSPENDED');
    expect((await asFar(FAR_EVENT)).rows).toEqual([]);
    await state('VERIFIED');
    expect((await asFar(FAR_EVENT)).rows).not.toEqual([]);
  });
});

describe('the reading role', () => {
  it.each([
    ['a partition', 'SELECT truck_plate FROM tracking_event_default'],
    ['a partition’s copy', 'COPY gate_pass_default TO STDOUT'],
    ['a column that not every party may read', 'SELECT booking_number FROM shipment'],
    ['a webhook’s secret', 'SELECT secret FROM webhook_endpoint'],
    ['a machine’s key', 'SELECT sealed FROM machine_key'],
    ['row security switched off', `SET LOCAL row_security = off; ${FAR_EVENT}`],
    ['the recording role', 'SET ROLE boxtrail_ingest'],
    ['a role that reads everything', 'SET ROLE pg_read_all_data'],
    ['another session', 'SET SESSION AUTHORIZATION boxtrail_ingest_login'],
    ['a view of its own', 'CREATE VIEW mine AS SELECT * FROM tracking_event'],
    ['a function of its own', 'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
    ['a schema of its own', 'CREATE SCHEMA mine'],
    ['a temporary table in front of ours', 'CREATE TEMPORARY TABLE company_window (organisation_id uuid)'],
    ['a temporary function', 'CREATE FUNCTION pg_temp.tell(text) RETURNS bool LANGUAGE sql AS $$ SELECT true $$'],
    ['a window of its own', 'INSERT INTO company_window SELECT * FROM company_window ON CONFLICT DO NOTHING'],
    ['a policy of its own', 'CREATE POLICY mine ON tracking_event USING (true)'],
    ['a policy less', 'ALTER TABLE tracking_event DISABLE ROW LEVEL SECURITY'],
    ['a trigger', 'CREATE TRIGGER mine AFTER INSERT ON person EXECUTE FUNCTION refuse_change()'],
    ['the server’s files', `SELECT pg_read_file('PG_VERSION')`],
    ['a program', `COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'`],
  ])('is refused %s, which the owner is not', async (_what, sql) => {
    expect(await refusal(asNear(sql))).toBe(DENIED);
    await owner.query('BEGIN');
    try {
      await owner.query(sql);
    } finally {
      await owner.query('ROLLBACK');
    }
  });

  it('reads one view that runs with its owner’s rights, behind a barrier, and the check would find another', async () => {
    const mighty = `SELECT c.relname, coalesce(c.reloptions @> '{security_barrier=true}', false) AS barrier FROM pg_class c WHERE c.relkind IN ('v','m') AND c.relnamespace = 'public'::regnamespace
      AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false) AND has_any_column_privilege('boxtrail_app', c.oid, 'SELECT') ORDER BY 1`;
    const ours = { relname: OWN_WINDOWS, barrier: true };
    expect((await owner.query(mighty)).rows).toEqual([ours]);
    await owner.query('BEGIN');
    await owner.query(
      'CREATE VIEW all_events AS SELECT * FROM tracking_event; GRANT SELECT ON all_events TO boxtrail_app',
    );
    expect((await owner.query(mighty)).rows).toEqual([{ relname: 'all_events', barrier: false }, ours]);
    await owner.query('ROLLBACK');
  });

  it('may call seven functions of the owner’s rights: each has its own search path, and tells only what is sealed', async () => {
    const { rows } = await owner.query<{ name: string; path: boolean }>(
      `SELECT p.proname AS name, coalesce(p.proconfig[1] = 'search_path=pg_catalog, pg_temp', false) AS path FROM pg_proc p
       WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND has_function_privilege('boxtrail_app', p.oid, 'EXECUTE') ORDER BY 1`,
    );
    expect(rows).toEqual(
      [
        'reader_company',
        'reader_foreign_shipments',
        'reader_ground',
        'reader_only_shipments',
        'reader_organisation',
        'reader_scope',
        'reader_sites',
      ].map((name) => ({ name, path: true })),
    );
    const told = `SELECT reader_scope() AS scope, reader_company() AS company, reader_sites() AS sites, reader_ground() AS ground,
      reader_foreign_shipments() AS "foreign", reader_only_shipments() AS "only"`;
    expect((await asFar(told)).rows).toMatchObject([{ scope: 'COMPANY', ground: 'PORT' }]);
    const forged = await inReadOf(company('near'), async () => {
      await intruder.query(`SELECT set_config('boxtrail.organisation', $1, true)`, [
        organisation('LOGISTICS_COMPANY', 'far'),
      ]);
      return intruder.query(told);
    });
    expect(forged.rows).toEqual([{ scope: null, company: null, sites: null, ground: null, foreign: null, only: null }]);
  });

  it('reaches no partition, whatever its name', async () => {
    const { rows } = await owner.query<{ name: string; open: boolean }>(
      `SELECT i.inhrelid::regclass::text AS name,
              has_any_column_privilege('boxtrail_app_login', i.inhrelid, 'SELECT')
                OR has_any_column_privilege('boxtrail_ingest_login', i.inhrelid, 'SELECT') AS open
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r'`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect(rows.filter(({ open }) => open)).toEqual([]);
  });
});

describe('a reading role that was granted more than it needs', () => {
  beforeAll(() => owner.query(`GRANT TEMPORARY ON DATABASE ${store.name} TO boxtrail_app`));
  afterAll(() => owner.query(`REVOKE TEMPORARY ON DATABASE ${store.name} FROM boxtrail_app`));

  it('puts no table of its own in front of the key’s', async () => {
    const ours = Buffer.from([0]);
    const shadowed = await inReadOf(company('near'), async () => {
      await intruder.query(`CREATE TEMPORARY TABLE reader_key AS SELECT true AS one, '\\x00'::bytea AS key`);
      await intruder.query(`CREATE TEMPORARY TABLE organisation AS SELECT NULL::uuid AS id, ''::text AS state`);
      await intruder.query('SET LOCAL search_path = pg_temp, public');
      for (const [name, value] of Object.entries(readerSettings(ours, company('far')))) {
        await intruder.query('SELECT set_config($1, $2, true)', [name, value]);
      }
      return intruder.query(FAR_EVENT);
    });
    expect(shadowed.rows).toEqual([]);
    expect((await asFar(FAR_EVENT)).rows).not.toEqual([]);
  });

  it('hears of no other’s row from a function of its own that is asked first', async () => {
    const heardBy = async (reader: Visibility): Promise<string> => {
      let heard = '';
      const listen = ({ message = '' }): void => {
        heard += message;
      };
      intruder.on('notice', listen);
      await inReadOf(reader, async () => {
        for (const type of ['text', 'uuid']) {
          await intruder.query(`CREATE FUNCTION pg_temp.tell(${type}) RETURNS bool LANGUAGE plpgsql COST 0.0000001 AS
            $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$`);
        }
        // an index would find the reader's own before the function is asked
        for (const path of ['indexscan', 'bitmapscan', 'indexonlyscan']) {
          await intruder.query(`SET LOCAL enable_${path} = off`);
        }
        await intruder.query('SELECT FROM tracking_event WHERE pg_temp.tell(truck_plate)');
        await intruder.query(`SELECT FROM ${OWN_WINDOWS} WHERE pg_temp.tell(organisation_id)`);
      });
      intruder.off('notice', listen);
      return heard;
    };
    const near = await heardBy(company('near'));
    expect(near).toContain(planted('near').plate);
    expect(near).not.toContain(plate);
    expect(near).toContain(organisation('LOGISTICS_COMPANY', 'near'));
    expect(near).not.toContain(organisation('LOGISTICS_COMPANY', 'far'));
    const far = await heardBy(company('far'));
    expect(far).toContain(plate);
    expect(far).toContain(organisation('LOGISTICS_COMPANY', 'far'));
  });
});
