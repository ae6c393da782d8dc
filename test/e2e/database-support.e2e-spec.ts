import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('a test database', () => {
  let first: TestDatabase;
  let second: TestDatabase;

  beforeAll(async () => {
    first = await createTestDatabase();
    second = await createTestDatabase();
  });

  afterAll(async () => {
    await first.drop();
    await second.drop();
  });

  it('is migrated, in UTF-8, and separate from every other', async () => {
    const ask = async (url: string, sql: string): Promise<unknown> => {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows[0];
      } finally {
        await client.end();
      }
    };
    expect(await ask(first.ownerUrl, 'SELECT count(*)::int > 0 AS migrated FROM migration')).toEqual({
      migrated: true,
    });
    await ask(first.ownerUrl, 'CREATE TABLE only_here (x int)');
    expect(await ask(second.ownerUrl, `SELECT to_regclass('only_here') AS found`)).toEqual({ found: null });
    expect(await ask(second.appUrl, `SELECT current_user AS name, current_database() AS db`)).toEqual({
      name: 'boxtrail_app_login',
      db: second.name,
    });
    expect(await ask(first.ingestUrl, `SHOW server_encoding`)).toEqual({ server_encoding: 'UTF8' });
  });

  it('can be had empty, to try migrations on', async () => {
    const empty = await createTestDatabase({ migrated: false });
    const client = new Client({ connectionString: empty.ownerUrl });
    await client.connect();
    expect((await client.query(`SELECT to_regclass('migration') AS found`)).rows[0]).toEqual({ found: null });
    await client.end();
    await empty.drop();
  });
});
