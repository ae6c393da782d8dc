import { createLogger, DomainError } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import type { AuditFact } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';

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

const deed = (operation: string): AuditFact => ({
  actor: { kind: 'SYSTEM', id: 'spec', organisationId: null, role: null, address: null, requestId: null },
  operation,
  subject: { type: null, keys: [] },
  asked: { text: '甬"关\\' },
  rows: 1,
  caseNumber: null,
  outcome: 'DONE',
});

const recorded = (): Promise<{ operation: string; sequence: string }[]> =>
  database.read({ scope: 'AUDIT', organisationId: '' }, (tx) =>
    tx.query('SELECT operation, sequence::text FROM audit_record r ORDER BY r.sequence'),
  );

describe('the audit trail', () => {
  it('has recorded what it says it has, in the order of asking, some together', async () => {
    const trail = new AuditTrail(database, createLogger('spec', 'silent'));
    const names = Array.from({ length: 450 }, (_, n) => `deed ${n}`);
    await Promise.all(names.map((name) => trail.record(deed(name))));
    const kept = await recorded();
    expect(kept.map(({ operation }) => operation)).toEqual(names);
    expect(kept.map(({ sequence }) => Number(sequence))).toEqual(names.map((_, n) => n + 1));
    expect(trail.length).toBe(0);
  });

  it('takes what PostgreSQL’s text cannot hold with its place marked', async () => {
    const trail = new AuditTrail(database, createLogger('spec', 'silent'));
    await trail.record({
      ...deed('odd'),
      asked: { '\0name': ['a\0b', '\uD800'] },
      subject: { type: null, keys: ['\0'] },
    });
    const [kept] = await database.read({ scope: 'AUDIT', organisationId: '' }, (tx) =>
      tx.query(`SELECT asked, subject_keys FROM audit_record WHERE operation = 'odd'`),
    );
    expect(kept).toEqual({ asked: { '\uFFFDname': ['a\uFFFDb', '\uFFFD'] }, subject_keys: ['\uFFFD'] });
  });

  it('refuses one record that cannot be stored, and not those that came with it', async () => {
    const trail = new AuditTrail(database, createLogger('spec', 'silent'));
    const bad = { ...deed('bad'), actor: { ...deed('bad').actor, organisationId: 'no uuid' } };
    const ends = await Promise.allSettled(
      [deed('first'), deed('good'), bad, deed('good too')].map((one) => trail.record(one)),
    );
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses when it cannot write, and writes again when it can', async () => {
    const gone = new Database({ app: 'postgres://127.0.0.1:1/x', ingest: 'postgres://127.0.0.1:1/x' });
    const trail = new AuditTrail(gone, createLogger('spec', 'silent'));
    const refusals = await Promise.allSettled([trail.record(deed('lost')), trail.record(deed('lost too'))]);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        status: 'rejected',
        reason: { code: 'UNAVAILABLE', details: { part: 'audit' } },
      });
    }
    await gone.close();
    expect((await recorded()).some(({ operation }) => operation.startsWith('lost'))).toBe(false);
  });

  it('lets no more wait than it has room for', async () => {
    const trail = new AuditTrail(database, createLogger('spec', 'silent'));
    // The first is written at once, 10,000 wait.
    const asked = Array.from({ length: 10_101 }, () => trail.record(deed('many')));
    const ends = await Promise.allSettled(asked);
    const refused = ends.filter((end) => end.status === 'rejected');
    expect(refused).toHaveLength(100);
    expect(refused.every(({ reason }) => reason instanceof DomainError && reason.code === 'UNAVAILABLE')).toBe(true);
  }, 60_000);
});
