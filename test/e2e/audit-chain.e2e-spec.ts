import 'reflect-metadata';
import { AuditTrail, recordSignIn } from '#libs/audit';
import { createLogger } from '#libs/kernel';
import { Database, type Visibility } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { CASE, codesOf } from '../support/api-house.js';
import { openAuditHouseWithRecords, type AuditHouse, type Row } from './audit-house.js';
import { PEOPLE, PLATFORM } from './audit-world.js';
import { BOXES, SITE_A } from './graphql-world.js';

let house: AuditHouse;

beforeAll(async () => {
  house = await openAuditHouseWithRecords();
});

afterAll(() => house.close());

describe('the audit', () => {
  const READ = `query ($filter: AuditRecordFilter, $first: Int!, $after: String) { auditRecords(filter: $filter, first: $first, after: $after) {
    nodes { sequence operation outcome caseNumber subjectKeys actor { kind actorId role } rowCount hash } pageInfo { endCursor hasNextPage } } }`;
  interface Page {
    readonly auditRecords: { readonly nodes: Row[]; readonly pageInfo: { readonly endCursor: string } };
  }

  it('is read by its administrator alone, for a case, and that too is recorded', async () => {
    expect(codesOf(await house.ask(house.tokens.auditor, READ, { first: 2 }, null))).toEqual(['CASE_NUMBER_REQUIRED']);
    const first = await house.ask<Page>(house.tokens.auditor, READ, { first: 2 });
    const next = await house.ask<Page>(house.tokens.auditor, READ, {
      first: 2,
      after: first.data?.auditRecords.pageInfo.endCursor,
    });
    const sequences = [first, next].flatMap(({ data }) =>
      data?.auditRecords.nodes.map((node) => Number(node['sequence'])),
    );
    expect(sequences).toEqual([0, 1, 2, 3].map((n) => Number(sequences[0]) - n));
    expect(await house.recordsSince(String(Number(await house.head()) - 2))).toEqual(
      [0, 1].map(() =>
        expect.objectContaining({
          operation: 'Query.auditRecords',
          actor_id: PEOPLE.auditor,
          row_count: 2,
          case_number: CASE,
        }),
      ),
    );
  });

  it('is found by what it was about', async () => {
    await house.ask(house.tokens.customsA, `{ container(number: "${BOXES.reused}") { number } }`, {}, 'CASE-SUBJECT-1');
    const found = await house.ask<Page>(house.tokens.auditor, READ, {
      first: 1,
      filter: { subject: BOXES.reused, caseNumber: 'CASE-SUBJECT-1' },
    });
    expect(found.data?.auditRecords.nodes).toEqual([
      expect.objectContaining({ operation: 'Query.container', subjectKeys: [BOXES.reused], outcome: 'DONE' }),
    ]);
  });

  it('takes sign-ins through its port, with their transaction or by themselves', async () => {
    const before = await house.head();
    const event = {
      method: 'PASSWORD',
      personId: PEOPLE.system,
      organisationId: PLATFORM,
      role: 'SYSTEM_ADMINISTRATOR',
      address: '10.0.0.9',
      requestId: null,
    };
    await house.database.write((tx) => recordSignIn(tx, { ...event, outcome: 'DONE' }));
    await recordSignIn(new AuditTrail(house.database, createLogger('spec', 'silent')), {
      ...event,
      personId: null,
      outcome: 'UNAUTHENTICATED',
    });
    expect(await house.recordsSince(before)).toEqual([
      expect.objectContaining({ operation: 'SignIn.PASSWORD', actor_id: PEOPLE.system, outcome: 'DONE' }),
      expect.objectContaining({ operation: 'SignIn.PASSWORD', actor_id: 'unknown', outcome: 'UNAUTHENTICATED' }),
    ]);
  });

  const TAMPERING: readonly string[] = [
    `UPDATE audit_record SET outcome = 'DONE'`,
    `DELETE FROM audit_record`,
    `TRUNCATE audit_record`,
    `TRUNCATE audit_record, audit_head, audit_archive CASCADE`,
    `UPDATE audit_head SET sequence = 0`,
    `DELETE FROM audit_head`,
    `UPDATE audit_archive SET state = 'REMOVED', removed_at = now()`,
    `INSERT INTO audit_archive (id, state, first_sequence, last_sequence, first_at, last_at, previous_hash, last_hash, file_hash, made_by, removed_at)
       VALUES (gen_random_uuid(), 'REMOVED', 1, 1000000, now(), now(), '', '', '', gen_random_uuid(), now())`,
    `INSERT INTO audit_record (sequence, recorded_at, actor_kind, actor_id, operation, outcome, previous_hash, hash) VALUES (0, now(), 'SYSTEM', 'x', 'x', 'DONE', '', '')`,
    `ALTER TABLE audit_record DISABLE TRIGGER ALL`,
    `ALTER TABLE audit_record DISABLE ROW LEVEL SECURITY`,
    `SET session_replication_role = replica`,
    `DROP TABLE audit_record CASCADE`,
    `DROP POLICY audit_record_readers ON audit_record`,
    `SET row_security = off; DELETE FROM audit_record`,
    `SELECT audit_keep()`,
    `SELECT audit_chain()`,
    `CREATE RULE swallow AS ON INSERT TO audit_record DO INSTEAD NOTHING`,
    `CREATE TRIGGER swallow BEFORE INSERT ON audit_record FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
  ];

  it.each(TAMPERING)('is not touched by either role of the service: %s', async (sql) => {
    const [count] = await house.rows('SELECT count(*)::int AS n FROM audit_record');
    for (const connectionString of [house.store.appUrl, house.store.ingestUrl]) {
      const client = new Client({ connectionString });
      await client.connect();
      try {
        await client.query(`SELECT set_config('boxtrail.scope', 'AUDIT', false)`);
        const refusal = await client.query(sql).then(
          () => 'it was done',
          (error: unknown) => String((error as { code?: string }).code),
        );
        expect([sql, ['42501', 'BX001', '0A000'].includes(refusal), refusal]).toEqual([sql, true, refusal]);
      } finally {
        await client.end();
      }
    }
    expect(await house.rows('SELECT count(*)::int AS n FROM audit_record')).toEqual([count]);
    expect(await house.rows('SELECT audit_broken_at(1, 1000000)')).toEqual([{ audit_broken_at: null }]);
  });

  it('is not changed by a slip of its owner either', async () => {
    for (const sql of TAMPERING.slice(0, 4))
      await expect(house.owner.query(sql)).rejects.toMatchObject({ code: 'BX001' });
  });

  it('is seen by no other scope, whatever is asked of row-level security', async () => {
    const seen = (visibility: Visibility): Promise<number> =>
      house.database.read(visibility, async (tx) => (await tx.query('SELECT 1 FROM audit_record LIMIT 1')).length);
    expect(await seen({ scope: 'AUDIT', organisationId: PLATFORM })).toBe(1);
    for (const scope of ['COMPANY', 'DIRECTORY', 'SYSTEM'] as const) {
      expect([scope, await seen({ scope, organisationId: PLATFORM })]).toEqual([scope, 0]);
    }
    for (const scope of ['TERMINAL', 'CUSTOMS'] as const) {
      expect([scope, await seen({ scope, organisationId: PLATFORM, siteIds: [SITE_A] })]).toEqual([scope, 0]);
    }
    const client = new Client({ connectionString: house.store.appUrl });
    await client.connect();
    try {
      for (const table of ['audit_record', 'audit_head', 'audit_archive']) {
        expect((await client.query(`SELECT 1 FROM ${table}`)).rows).toEqual([]);
      }
      await client.query('SET row_security = off');
      await expect(client.query('SELECT 1 FROM audit_record')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
    const recorder = new Client({ connectionString: house.store.ingestUrl });
    await recorder.connect();
    try {
      await expect(recorder.query('SELECT 1 FROM audit_record')).rejects.toMatchObject({ code: '42501' });
      await expect(recorder.query('COPY audit_record TO STDOUT')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await recorder.end();
    }
  });

  const CHECK = '{ auditCheck { firstSequence lastSequence headSequence brokenAt } }';
  interface Check {
    readonly auditCheck: { readonly brokenAt: string | null; readonly headSequence: string };
  }
  const broken = async (): Promise<unknown> =>
    (await house.ask<Check>(house.tokens.auditor, CHECK)).data?.auditCheck.brokenAt;

  /** As somebody with the owner's rights who goes round the triggers, and puts back what they did. */
  async function tampered(sql: string, check: (brokenAt: unknown) => Promise<void> | void): Promise<void> {
    await house.owner.query('SET session_replication_role = replica');
    try {
      await house.owner.query('CREATE TEMP TABLE kept AS SELECT * FROM audit_record');
      await house.owner.query(sql);
      const brokenAt = await broken();
      const added = await house.rows(
        'SELECT * FROM audit_record r WHERE r.sequence > (SELECT max(sequence) FROM kept)',
      );
      await house.owner.query('DELETE FROM audit_record');
      await house.owner.query('INSERT INTO audit_record SELECT * FROM kept');
      const last = (await house.rows('SELECT sequence, hash, recorded_at FROM kept ORDER BY sequence DESC LIMIT 1'))[0];
      await house.owner.query('UPDATE audit_head SET sequence = $1, hash = $2', [last?.['sequence'], last?.['hash']]);
      expect(added.length).toBeLessThan(3);
      await check(brokenAt);
    } finally {
      await house.owner.query('DROP TABLE IF EXISTS kept');
      await house.owner.query('SET session_replication_role = DEFAULT');
    }
    expect(await broken()).toBeNull();
  }

  it('shows a record that was changed, with its hash made anew or not', async () => {
    const at = String(Number(await house.head()) - 5);
    await tampered(`UPDATE audit_record SET actor_id = 'somebody else' WHERE sequence = ${at}`, (brokenAt) =>
      expect(brokenAt).toBe(at),
    );
    await tampered(
      `UPDATE audit_record r SET actor_id = 'else' WHERE sequence = ${at}; UPDATE audit_record r SET hash = audit_hash(r) WHERE sequence = ${at}`,
      (brokenAt) => expect(brokenAt).toBe(String(Number(at) + 1)),
    );
  });

  it('shows a record that is missing, in the middle, at the beginning and at the end', async () => {
    const end = Number(await house.head());
    await tampered(`DELETE FROM audit_record WHERE sequence = ${end - 5}`, (brokenAt) =>
      expect(brokenAt).toBe(String(end - 4)),
    );
    await tampered(`DELETE FROM audit_record WHERE sequence = 1`, (brokenAt) => expect(brokenAt).toBe('2'));
    const last = Number(await house.head());
    await tampered(`DELETE FROM audit_record WHERE sequence = ${last}`, (brokenAt) =>
      expect(brokenAt).toBe(String(last)),
    );
  });

  it('keeps one chain under many writers at once', async () => {
    const second = new Database({ app: house.store.appUrl, ingest: house.store.ingestUrl });
    const before = Number(await house.head());
    try {
      const trails = [house.database, second].map((of) => new AuditTrail(of, createLogger('spec', 'silent')));
      const event = {
        method: 'TOTP',
        personId: PEOPLE.system,
        organisationId: PLATFORM,
        role: null,
        outcome: 'DONE',
        address: null,
        requestId: null,
      } as const;
      // Twelve at once: whoever waits longer than the pool lets them is refused, and on a busy machine three hundred would.
      await Promise.all(
        Array.from({ length: 12 }, async (_, writer) => {
          const trail = trails[writer % 2] ?? (house.database as never);
          for (let n = 0; n < 25; n += 1) await recordSignIn(trail, event);
        }),
      );
    } finally {
      await second.close();
    }
    expect(Number(await house.head())).toBe(before + 300);
    expect(await broken()).toBeNull();
  });
});
