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
});

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

  it('removes codes, failures and sessions when nobody can ask for them any more', async () => {
    await database.write(async (tx) => {
      const [organisation, person] = [newId(), newId()];
      await tx.query(`INSERT INTO organisation VALUES ($1, 'LOGISTICS_COMPANY', 'o', 'o', 'o')`, [organisation]);
      await tx.query(`INSERT INTO person (id) VALUES ($1)`, [person]);
      const [at, hash] = [`now() - make_interval(days => n)`, `decode(lpad(n::text, 4, '0'), 'hex')`];
      await tx.query(
        `INSERT INTO one_time_code (code_hash, purpose, created_at, expires_at)
         SELECT ${hash}, 'OIDC_STATE', ${at}, now() FROM generate_series(1, 20) AS n`,
      );
      await tx.query(
        `INSERT INTO phone_code (id, phone_index, code_hash, created_at, expires_at)
         SELECT gen_random_uuid(), '', '', ${at}, now() FROM generate_series(1, 20) AS n`,
      );
      await tx.query(
        `INSERT INTO sign_in_attempt (subject, failures, created_at) SELECT ${hash}, 1, ${at} FROM generate_series(1, 20) AS n`,
      );
      await tx.query(
        `INSERT INTO session (id, token_hash, person_id, organisation_id, role, method, created_at, ends_at)
         SELECT gen_random_uuid(), ${hash}, $1, $2, 'LOGISTICS', 'PASSWORD', ${at}, now() FROM generate_series(170, 190) AS n`,
        [person, organisation],
      );
    });
    await new Housekeeping(database, createLogger('spec', 'silent')).sweep();
    const left = await database.write((tx) =>
      tx.query(
        `SELECT (SELECT count(*)::int FROM one_time_code) AS codes, (SELECT count(*)::int FROM phone_code) AS phones,
                (SELECT count(*)::int FROM sign_in_attempt) AS failures, (SELECT count(*)::int FROM session) AS sessions`,
      ),
    );
    expect(left).toEqual([{ codes: 6, phones: 1, failures: 1, sessions: 10 }]);
  });

  it('removes codes after a week and what a boot has sent after a day of silence', async () => {
    await database.write(async (tx) => {
      await tx.query(`INSERT INTO site VALUES ('s', 'CNNBO', 'S', 's', 's', 122, 29)`);
      await tx.query(`INSERT INTO gateway (id, site_id) VALUES ('g', 's')`);
      await tx.query(
        `INSERT INTO enrolment_code (id, code_hash, gateway_id, site_id, created_at, expires_at)
         SELECT gen_random_uuid(), n::text::bytea, 'g', 's', now() - make_interval(days => n), now()
         FROM generate_series(5, 9) AS n`,
      );
      await tx.query(
        `INSERT INTO machine_boot SELECT 'g', 'boot-' || n, now(), now(), 1, 1, '::1', now() - make_interval(hours => n)
         FROM generate_series(20, 30) AS n`,
      );
    });
    await new Housekeeping(database, createLogger('spec', 'silent')).sweep();
    const left = await database.write((tx) =>
      tx.query(
        `SELECT (SELECT count(*)::int FROM enrolment_code) AS codes, (SELECT count(*)::int FROM machine_boot) AS boots`,
      ),
    );
    expect(left).toEqual([{ codes: 2, boots: 4 }]);
  });
});
