import 'reflect-metadata';
import { bindVault, Identity, SCOPE_NAMES, sealClearNames, standingOf, tokenHash, Vault } from '#libs/identity';
import { newId } from '#libs/kernel';
import { createDataSource, Database, migrate } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let store: TestDatabase;
let owner: Client;

beforeAll(async () => {
  store = await createTestDatabase({ migrated: false });
  owner = new Client({ connectionString: store.ownerUrl });
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await store.drop();
});

/** The migrations before the one of this class name, as a former release left them. */
async function migrateUntil(name: string): Promise<void> {
  const source = await createDataSource(store.ownerUrl).initialize();
  const runner = source.createQueryRunner();
  await owner.query('CREATE TABLE migration (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL)');
  for (const migration of source.migrations) {
    if (migration.name === undefined || migration.name === name) break;
    await migration.up(runner);
    const timestamp = migration.name.slice(-13);
    await owner.query('INSERT INTO migration (timestamp, name) VALUES ($1, $2)', [timestamp, migration.name]);
  }
  await runner.release();
  await source.destroy();
}

describe('the migration of credentials', () => {
  it('runs over a database with people, tokens and webhooks, who all go on as they were', async () => {
    await migrateUntil('Credentials1764154800000');
    const [organisation, person, token, endpoint] = [newId(), newId(), 'bxt_from-before', newId()];
    await owner.query(`INSERT INTO organisation VALUES ($1, 'LOGISTICS_COMPANY', 'o', 'o', 'o')`, [organisation]);
    await owner.query(`INSERT INTO person (id, display_name) VALUES ($1, 'Li Wei')`, [person]);
    await owner.query(`INSERT INTO membership VALUES ($1, $2, 'LOGISTICS')`, [person, organisation]);
    await owner.query(
      `INSERT INTO access_token (id, token_hash, person_id, organisation_id, role) VALUES ($1, $2, $3, $4, 'LOGISTICS')`,
      [newId(), tokenHash(token), person, organisation],
    );
    await owner.query(
      `INSERT INTO webhook_endpoint (id, organisation_id, made_by, role, url, description, secret, cursor_xid, cursor_position)
       VALUES ($1, $2, $3, 'LOGISTICS', 'https://hooks.example.com/', 'd', '\\x00', '1', 0)`,
      [endpoint, organisation, person],
    );

    await migrate(store.ownerUrl);
    const database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
    try {
      const vault = Vault.unkept();
      await database.write((tx) => bindVault(tx, vault));
      for (const name of ['in clear', 'sealed']) {
        const principal = await new Identity(database, { vault }).principalOf(token);
        expect({ name, ...principal }).toMatchObject({
          name,
          kind: 'PERSON',
          personId: person,
          displayName: 'Li Wei',
          role: 'LOGISTICS',
          scopes: SCOPE_NAMES,
          secondFactor: 'NOT_NEEDED',
        });
        await sealClearNames(database, vault);
      }
      expect((await owner.query('SELECT display_name FROM person')).rows).toEqual([{ display_name: null }]);
      const { rows } = await owner.query<{ made_by: string; role: string; made_with: string | null }>(
        'SELECT made_by, role, made_with FROM webhook_endpoint',
      );
      expect(rows).toEqual([{ made_by: person, role: 'LOGISTICS', made_with: null }]);
      expect((await owner.query('SELECT drawn_with FROM access_token')).rows).toEqual([{ drawn_with: null }]);
      const stand = { personId: person, organisationId: organisation, role: 'LOGISTICS', tokenId: null };
      expect(await database.write((tx) => standingOf(tx, vault, stand))).toMatchObject({ displayName: 'Li Wei' });
    } finally {
      await database.close();
    }
  });
});
