import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import request from 'supertest';
import { enrolPerson, issueToken, Vault } from '#libs/identity';
import { createLogger } from '#libs/kernel';
import { Database, readerSettings, type Visibility } from '#libs/persistence';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { companyCode, seedScale, shipmentReference, type ScaleWorld } from '../../fixtures/scale/index.js';
import { DOCUMENTS } from '../bench/graphql/documents.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Almost everything is one company's, which has thousands of windows. */
const COUNTS = { companies: 2, shipments: 3_000, events: 30_000 };
const UNTIL = Date.UTC(2026, 10, 26);
const DAY = 86_400_000;
/** Rows that a plan may look at in any one table: what a page or a shipment holds, several times over. */
const MOST = { company: 150, customs: 1_500 } as const;

interface Statement {
  readonly visibility: Visibility;
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Tells what it is asked. */
class HeardDatabase extends Database {
  readonly heard: Statement[] = [];

  override readOne<R extends object>(...ask: Parameters<Database['readOne']>): Promise<R[]> {
    const [visibility, sql, values] = ask;
    this.heard.push({ visibility, sql, values });
    return super.readOne(...ask);
  }
}

let store: TestDatabase;
let database: HeardDatabase;
let server: BoxtrailServer;
let url: string;
let world: ScaleWorld;
let reader: pg.Client;
let sealKey: Buffer;
const tokens = { company: '', customs: '' };

beforeAll(async () => {
  store = await createTestDatabase();
  database = new HeardDatabase({ app: store.appUrl, ingest: store.ingestUrl });
  world = await seedScale({ ...store, counts: COUNTS, until: UNTIL });
  const [office] = await database.write((tx) =>
    tx.query<{ code: string; key: Buffer }>(
      `SELECT o.code, k.key FROM organisation o, reader_key k WHERE o.kind = 'CUSTOMS_OFFICE' ORDER BY o.code LIMIT 1`,
    ),
  );
  sealKey = office?.key ?? Buffer.alloc(0);
  tokens.company = await enrol('LOGISTICS', companyCode(0));
  tokens.customs = await enrol('CUSTOMS_OFFICER', office?.code ?? '');
  server = await BoxtrailServer.create({ database, logger: createLogger('spec', 'silent') });
  url = await server.listen(0, '127.0.0.1');
  reader = new pg.Client({ connectionString: store.appUrl });
  await reader.connect();
});

afterAll(async () => {
  await reader.end();
  await server.close();
  await database.close();
  await store.drop();
});

function enrol(role: 'LOGISTICS' | 'CUSTOMS_OFFICER', organisationCode: string): Promise<string> {
  return database.write(async (tx) => {
    const member = await enrolPerson(tx, Vault.unkept(), { organisationCode, role, displayName: role });
    return await issueToken(tx, { ...member, role });
  });
}

async function statementsOf(token: string, query: string, variables: object): Promise<readonly Statement[]> {
  database.heard.length = 0;
  const answer = await request(url)
    .post('/graphql')
    .set('authorization', `Bearer ${token}`)
    .set('x-case-number', 'SPEC-0001')
    .send({ query, variables });
  expect((answer.body as { errors?: unknown }).errors).toBeUndefined();
  return [...database.heard];
}

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
  readonly [removed: `Rows Removed by ${string}`]: number | undefined;
}

/** What a statement's kept plan looks at, table by table, as its reader runs it. */
async function lookedAt({ visibility, sql, values }: Statement): Promise<Map<string, number>> {
  await reader.query('BEGIN READ ONLY');
  try {
    for (const [name, value] of Object.entries({
      ...readerSettings(sealKey, visibility),
      plan_cache_mode: 'force_generic_plan',
    })) {
      await reader.query('SELECT set_config($1, $2, true)', [name, value]);
    }
    await reader.query(`PREPARE looked AS ${sql}`);
    const { rows } = await reader.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE looked(${values.map(literal).join(', ')})`,
    );
    const found = new Map<string, number>();
    const walk = (node: PlanNode): void => {
      const table = node['Relation Name'];
      if (table !== undefined) {
        const removed = Object.entries(node).flatMap(([key, value]) =>
          key.startsWith('Rows Removed by') ? [Number(value)] : [],
        );
        const rowsALoop = [node['Actual Rows'], ...removed].reduce((sum, count) => sum + count, 0);
        found.set(table, (found.get(table) ?? 0) + rowsALoop * node['Actual Loops']);
      }
      node.Plans?.forEach(walk);
    };
    walk(rows[0]?.['QUERY PLAN'][0].Plan ?? { 'Actual Rows': 0, 'Actual Loops': 0 });
    await reader.query('DEALLOCATE looked');
    return found;
  } finally {
    await reader.query('ROLLBACK');
  }
}

const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((one) => JSON.stringify(String(one))).join(',')}}`);
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  return pg.escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
};

describe('a kept plan', () => {
  const shipment = () => {
    const own = Array.from({ length: COUNTS.shipments }, (_, number) => world.shipment(number)).find(
      ({ forwarder, owner, boxes }) => [forwarder, owner].includes(0) && boxes.length > 1,
    );
    if (own === undefined) throw new Error('the company has no shipment of two boxes');
    return own;
  };
  const variablesOf = {
    shipment: () => ({ reference: shipmentReference(shipment().number) }),
    events: () => ({ from: new Date(UNTIL - 200 * DAY).toISOString(), to: new Date(UNTIL - 20 * DAY).toISOString() }),
    box: () => ({ number: shipment().boxes[0] }),
  };

  it('would be seen to look at all of a company’s windows', async () => {
    const visibility: Visibility = { scope: 'COMPANY', organisationId: world.companyId(0) };
    const all = await lookedAt({
      visibility,
      sql: 'SELECT count(*) FROM company_window WHERE $1::int > 0',
      values: [1],
    });
    expect(all.get('company_window')).toBeGreaterThan(2_000);
  });

  it.each(DOCUMENTS)('looks at no more than its answer needs, however much its reader has: $name', async (document) => {
    const { name, asker, ours } = document;
    const statements = await statementsOf(tokens[asker], ours, variablesOf[name]());
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      for (const [table, rows] of await lookedAt(statement))
        expect([table, Math.max(rows, MOST[asker])]).toEqual([table, MOST[asker]]);
    }
  });
});
