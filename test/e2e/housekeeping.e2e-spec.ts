import { createLogger, newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Housekeeping } from '../../apps/server/src/operations/housekeeping.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let store: TestDatabase;
let database: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
}, 60_000);

afterAll(async () => {
  await database.close();
  await store.drop();
});

describe('housekeeping', () => {
  it('removes outbox rows after a day and kept answers after a week, however many, and nothing younger', async () => {
    await database.write(async (tx) => {
      await tx.query(
        `INSERT INTO outbox (topic, site_id, subject_id, created_at)
         SELECT 'event', 's', gen_random_uuid(), now() - make_interval(hours => CASE WHEN n = 1 THEN 23 ELSE 25 END)
         FROM generate_series(1, 5003) AS n`,
      );
      await tx.query(
        `INSERT INTO idempotency (person_id, key, operation, request_hash, answer, created_at)
         SELECT $1, 'key-' || n, 'o', '', 'null', now() - make_interval(days => n) FROM generate_series(1, 20) AS n`,
        [newId()],
      );
    });
    await new Housekeeping(database, createLogger('spec', 'silent')).sweep();
    const left = await database.write((tx) =>
      tx.query(
        `SELECT (SELECT count(*)::int FROM outbox) AS outbox, (SELECT count(*)::int FROM idempotency) AS answers`,
      ),
    );
    // days 1 to 6; the seventh is a week old to the moment, and older when the sweep looks
    expect(left).toEqual([{ outbox: 1, answers: 6 }]);
  });
});
