import { createDataSource, Database, migrate } from '#libs/persistence';
import { derivedId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { boxNumber } from './graphql-world.js';

const [COMPANY, SHIPMENT, BOX] = [derivedId('company'), derivedId('shipment'), boxNumber(700_001)];

let store: TestDatabase;
let ownerUrl: string;
let ownerRole: string;
let superuser: Client;

beforeAll(async () => {
  store = await createTestDatabase({ migrated: false });
  superuser = new Client({ connectionString: store.ownerUrl });
  await superuser.connect();
  // An owner as docs/OPERATING.md makes one: row-level security is forced on it too.
  ownerRole = `owner_of_${store.name}`;
  await superuser.query(`CREATE ROLE ${ownerRole} LOGIN PASSWORD 'owner'`);
  await superuser.query(
    `ALTER DATABASE ${store.name} OWNER TO ${ownerRole}; ALTER SCHEMA public OWNER TO ${ownerRole}`,
  );
  const url = new URL(store.ownerUrl);
  [url.username, url.password] = [ownerRole, 'owner'];
  ownerUrl = url.href;
});

afterAll(async () => {
  await superuser.end();
  await store.drop();
  const server = new URL(store.ownerUrl);
  server.pathname = '/postgres';
  const client = new Client({ connectionString: server.href });
  await client.connect();
  await client.query(`DROP ROLE ${ownerRole}`);
  await client.end();
});

/** As a service before `name` left its database. */
async function migrateUntil(name: string): Promise<void> {
  const source = createDataSource(ownerUrl);
  const all = Object.values(source.options.migrations ?? []) as { readonly name: string }[];
  const before = all.slice(
    0,
    all.findIndex((migration) => migration.name.startsWith(name)),
  );
  expect(before.length).toBeGreaterThan(0);
  source.setOptions({ migrations: before as unknown as string[] });
  await source.initialize();
  await source.runMigrations();
  await source.destroy();
}

describe('a database with rows', () => {
  it('is led on by an owner that row-level security binds: numbers, windows and members are kept', async () => {
    await migrateUntil('Organisations');
    await superuser.query(
      `INSERT INTO organisation (id, kind, name, name_zh, code) VALUES ($1, 'LOGISTICS_COMPANY', 'C', 'C', 'C')`,
      [COMPANY],
    );
    await superuser.query(
      `INSERT INTO shipment (id, reference, booking_number, bill_number, trade, created_at) VALUES ($1, 'R', 'BKG', 'BL', 'EXPORT', now())`,
      [SHIPMENT],
    );
    await superuser.query(`INSERT INTO shipment_party VALUES ($1, $2, 'FORWARDER')`, [SHIPMENT, COMPANY]);
    await superuser.query(`INSERT INTO shipment_container VALUES ($1, $2, 'LADEN')`, [SHIPMENT, BOX]);
    await superuser.query(`INSERT INTO company_window VALUES ($1, $2, $3, now(), NULL)`, [COMPANY, BOX, SHIPMENT]);
    await migrate(ownerUrl);
    const database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
    try {
      const seen = await database.read({ scope: 'COMPANY', organisationId: COMPANY }, async (tx) => [
        await tx.query('SELECT kind, number FROM shipment_number ORDER BY kind'),
        await tx.query('SELECT title, sees FROM company_window'),
        await tx.query('SELECT state FROM organisation'),
      ]);
      expect(seen).toEqual([
        [
          { kind: 'BILL', number: 'BL' },
          { kind: 'BOOKING', number: 'BKG' },
        ],
        [{ title: 'PARTY', sees: null }],
        [{ state: 'REGISTERED' }],
      ]);
      const forced = await superuser.query(
        `SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity AND relnamespace = 'public'::regnamespace`,
      );
      expect(forced.rows).toEqual([]);
      await expect(database.refuseMightyRoles()).resolves.toBeUndefined();
    } finally {
      await database.close();
    }
  });
});
