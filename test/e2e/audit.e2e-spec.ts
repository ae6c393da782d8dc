import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { AuditTrail, offerArchive, readArchive, recordSignIn, removeArchived } from '#libs/audit';
import { createLogger, newId } from '#libs/kernel';
import { Database, migrate, type Visibility } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import request from 'supertest';
import { buildAuditWorld, CASE, codesOf, PEOPLE, PLATFORM } from './audit-world.js';
import { BOXES, GATEWAY_A, SITE_A } from './graphql-world.js';
import { AuditHouse, type Row } from './audit-house.js';

let house: AuditHouse;

beforeAll(async () => {
  house = await AuditHouse.open();
});

afterAll(() => house.close());

describe('three administrators', () => {
  const ENROL = `mutation ($key: IdempotencyKey!) { enrolGateway(input: { gateway: "${GATEWAY_A}", site: "${SITE_A}" }, idempotencyKey: $key) { code } }`;
  const ROLES_OF_THREE = ['SYSTEM_ADMINISTRATOR', 'SECURITY_ADMINISTRATOR', 'AUDIT_ADMINISTRATOR'] as const;

  it('are three people: the database lets nobody hold two of the roles', async () => {
    for (const [name, person] of Object.entries(PEOPLE)) {
      for (const role of ROLES_OF_THREE) {
        const held = ROLES_OF_THREE[['system', 'security', 'auditor'].indexOf(name)];
        if (role === held) continue;
        await expect(
          house.database.write((tx) =>
            tx.query('INSERT INTO membership VALUES ($1, $2, $3)', [person, PLATFORM, role]),
          ),
        ).rejects.toThrow('membership_one_administration');
      }
    }
  });

  it('do their own work and nobody else’s', async () => {
    expect(codesOf(await house.ask(house.tokens.system, ENROL, { key: newId() }))).toEqual([]);
    for (const other of [house.tokens.security, house.tokens.auditor]) {
      expect(codesOf(await house.ask(other, ENROL, { key: newId() }))).toEqual(['FORBIDDEN']);
    }
    const read = '{ auditRecords(first: 1) { nodes { sequence } } }';
    expect(codesOf(await house.ask(house.tokens.auditor, read))).toEqual([]);
    for (const other of [
      house.tokens.system,
      house.tokens.security,
      house.tokens.customs,
      house.tokens.operatorA,
      house.tokens.tidewell,
    ]) {
      expect(codesOf(await house.ask(other, read))).toEqual(['FORBIDDEN']);
    }
  });

  it('are recorded in the transaction of what they do, and with what they were refused', async () => {
    const before = await house.head();
    await house.ask(house.tokens.system, ENROL, { key: newId() }, null);
    await house.ask(house.tokens.security, ENROL, { key: newId() }, null);
    const [done, refused] = await house.recordsSince(before);
    expect(done).toMatchObject({
      operation: 'Mutation.enrolGateway',
      actor_id: PEOPLE.system,
      subject_keys: [GATEWAY_A, SITE_A, expect.stringMatching(/^[0-9a-f-]{36}$/)],
      outcome: 'DONE',
    });
    expect(refused).toMatchObject({ actor_id: PEOPLE.security, outcome: 'FORBIDDEN' });
    const [same] = await house.rows(
      `SELECT count(DISTINCT r.xmin::text)::int AS n FROM (SELECT xmin FROM audit_record WHERE sequence = $1::bigint + 1
         UNION ALL SELECT xmin FROM enrolment_code WHERE id::text = $2) AS r`,
      [before, (done?.['subject_keys'] as string[])[2]],
    );
    expect(same).toEqual({ n: 1 });
  });

  it('do nothing that is not recorded: a command whose record fails has no effect', async () => {
    const codes = async () => (await house.rows('SELECT count(*)::int AS n FROM enrolment_code'))[0];
    const before = await codes();
    await house.owner.query('REVOKE INSERT (operation) ON audit_record FROM boxtrail_ingest');
    try {
      expect(codesOf(await house.ask(house.tokens.system, ENROL, { key: newId() }))).toEqual(['UNAVAILABLE']);
    } finally {
      await house.owner.query('GRANT INSERT (operation) ON audit_record TO boxtrail_ingest');
    }
    expect(await codes()).toEqual(before);
  });

  it('leave no secret in the audit', async () => {
    const key = newId();
    const revoke = `mutation ($key: IdempotencyKey!) { revokeGatewayKeys(input: { gateway: "${GATEWAY_A}", reason: "lost" }, idempotencyKey: $key) { keys { keyId } } }`;
    const enrolled = await house.ask<{ enrolGateway: { code: string } }>(house.tokens.system, ENROL, { key });
    await house.ask(house.tokens.system, revoke, { key: newId() });
    const [found] = await house.rows(
      'SELECT count(*)::int AS n FROM audit_record r WHERE strpos(audit_line(r), $1) > 0',
      [enrolled.data?.enrolGateway.code],
    );
    expect(found).toEqual({ n: 0 });
  });
});

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

  it('is archived by its administrator: records go when the file’s hash is shown, and never before', async () => {
    const OFFER = `mutation ($until: DateTime!, $key: IdempotencyKey!) { offerAuditArchive(until: $until, idempotencyKey: $key) {
      archive { archiveId state nextStates firstSequence lastSequence } } }`;
    const REMOVE = `mutation ($id: ID!, $sha256: String!, $key: IdempotencyKey!) { removeArchivedAudit(archiveId: $id, sha256: $sha256, idempotencyKey: $key) {
      archive { state nextStates } } }`;
    const until = new Date(Date.now() + 1_000).toISOString();
    expect(codesOf(await house.ask(house.tokens.security, OFFER, { until, key: newId() }))).toEqual(['FORBIDDEN']);
    expect(
      codesOf(await house.ask(house.tokens.auditor, OFFER, { until: '2020-01-01T00:00:00Z', key: newId() })),
    ).toEqual(['NOT_FOUND']);
    const offered = await house.ask<{ offerAuditArchive: { archive: Record<string, string> } }>(
      house.tokens.auditor,
      OFFER,
      {
        until,
        key: newId(),
      },
    );
    const { archiveId: id = '', firstSequence, lastSequence } = offered.data?.offerAuditArchive.archive ?? {};
    expect(firstSequence).toBe('1');

    const file = (token: string, caseNumber = CASE) =>
      request(house.url)
        .get(`/audit/v1/archives/${id}`)
        .set('authorization', `Bearer ${token}`)
        .set('x-case-number', caseNumber)
        .buffer(true)
        .parse((res, done) => {
          const parts: Buffer[] = [];
          res.on('data', (part: Buffer) => parts.push(part));
          res.on('end', () => done(null, Buffer.concat(parts).toString('utf8')));
        });
    expect((await file(house.tokens.system)).status).toBe(403);
    expect((await file(house.tokens.auditor, '')).status).toBe(422);
    const fetched = await file(house.tokens.auditor);
    const text = fetched.body as string;
    const reading = await readArchive(text.trimEnd().split('\n'));
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(reading).toMatchObject({
      records: Number(lastSequence),
      firstSequence: 1,
      lastSequence: Number(lastSequence),
      brokenLine: null,
      previousHash: '0'.repeat(64),
      sha256,
    });

    const remaining = async () =>
      (await house.rows('SELECT count(*)::int AS n, min(sequence)::int AS first FROM audit_record'))[0];
    const wrong = createHash('sha256').update('another file').digest('hex');
    expect(codesOf(await house.ask(house.tokens.auditor, REMOVE, { id, sha256: wrong, key: newId() }))).toEqual([
      'CONFLICT',
    ]);
    expect(codesOf(await house.ask(house.tokens.system, REMOVE, { id, sha256, key: newId() }))).toEqual(['FORBIDDEN']);
    // the function asks for itself who it is
    await expect(
      house.database.write((tx) =>
        tx.query('SELECT audit_archive_remove($1, $2, $3)', [id, Buffer.from(sha256, 'hex'), PEOPLE.system]),
      ),
    ).rejects.toMatchObject({ code: 'BX002' });
    expect(await remaining()).toMatchObject({ first: 1 });

    const key = newId();
    const removed = await house.ask(house.tokens.auditor, REMOVE, { id, sha256, key });
    expect(removed.data?.['removeArchivedAudit']).toEqual({ archive: { state: 'REMOVED', nextStates: [] } });
    expect(await remaining()).toMatchObject({ first: Number(lastSequence) + 1 });
    expect(await broken()).toBeNull();
    expect(codesOf(await house.ask(house.tokens.auditor, REMOVE, { id, sha256, key: newId() }))).toEqual(['NOT_FOUND']);
    expect((await file(house.tokens.auditor)).status).toBe(404);
    // what was removed does not open the table for further removals
    await expect(house.owner.query('DELETE FROM audit_record')).rejects.toMatchObject({ code: 'BX001' });
    const deeds = await house.rows(
      `SELECT operation, outcome FROM audit_record WHERE actor_id = $1 AND operation ~ 'Archive' ORDER BY sequence`,
      [PEOPLE.auditor],
    );
    expect(deeds).toEqual(
      expect.arrayContaining([
        { operation: 'Audit.fetchArchive', outcome: 'DONE' },
        { operation: 'Mutation.removeArchivedAudit', outcome: 'CONFLICT' },
        { operation: 'Mutation.removeArchivedAudit', outcome: 'DONE' },
        { operation: 'Audit.fetchArchive', outcome: 'NOT_FOUND' },
      ]),
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
      await Promise.all(
        Array.from({ length: 300 }, (_, n) => recordSignIn(trails[n % 2] ?? (house.database as never), event)),
      );
    } finally {
      await second.close();
    }
    expect(Number(await house.head())).toBe(before + 300);
    expect(await broken()).toBeNull();
  });
});

describe('the audit of a database whose owner is no superuser', () => {
  const name = `boxtrail_plain_${newId().slice(-12)}`;
  const at = (address: string, user?: string): string => {
    const changed = new URL(address);
    changed.pathname = name;
    if (user !== undefined) [changed.username, changed.password] = [user, 'plain'];
    return changed.href;
  };

  it('chains, checks, archives and removes by its functions, under row-level security that is forced on them', async () => {
    await house.owner.query(`CREATE ROLE ${name} LOGIN PASSWORD 'plain'`);
    await house.owner.query(`CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0 ENCODING 'UTF8'`);
    const plain = new Database({ app: at(house.store.appUrl), ingest: at(house.store.ingestUrl) });
    try {
      await migrate(at(house.store.ownerUrl, name));
      await buildAuditWorld(plain);
      const trail = new AuditTrail(plain, createLogger('spec', 'silent'));
      const event = {
        method: 'PASSWORD',
        personId: PEOPLE.system,
        organisationId: PLATFORM,
        role: null,
        outcome: 'DONE',
      } as const;
      for (let n = 0; n < 3; n += 1) await recordSignIn(trail, { ...event, address: null, requestId: null });
      const id = await plain.write((tx) =>
        offerArchive(tx, { until: new Date(Date.now() + 1_000), by: PEOPLE.auditor }),
      );
      const auditor = { scope: 'AUDIT', organisationId: PLATFORM } as const;
      const lines = await plain.read(auditor, (tx) =>
        tx.query<{ line: string }>('SELECT audit_file_line(r) AS line FROM audit_record r ORDER BY r.sequence'),
      );
      const sha256 = createHash('sha256')
        .update(lines.map(({ line }) => line).join(''))
        .digest();
      await plain.write((tx) => removeArchived(tx, { id, sha256, by: PEOPLE.auditor }));
      expect(
        await plain.read(auditor, (tx) =>
          tx.query('SELECT count(*)::int AS n, audit_broken_at(1, 9) AS broken FROM audit_record'),
        ),
      ).toEqual([{ n: 0, broken: null }]);
    } finally {
      await plain.close();
      await house.owner.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await house.owner.query(`DROP ROLE ${name}`);
    }
  });
});
