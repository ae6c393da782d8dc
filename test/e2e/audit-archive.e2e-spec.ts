import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { AuditTrail, offerArchive, readArchive, recordSignIn, removeArchived } from '#libs/audit';
import { createLogger, newId } from '#libs/kernel';
import { Database, migrate } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { CASE, codesOf } from '../support/api-house.js';
import { openAuditHouseWithRecords, type AuditHouse } from './audit-house.js';
import { buildAuditWorld, PEOPLE, PLATFORM } from './audit-world.js';

let house: AuditHouse;

beforeAll(async () => {
  house = await openAuditHouseWithRecords();
});

afterAll(() => house.close());

describe('the audit', () => {
  const CHECK = '{ auditCheck { firstSequence lastSequence headSequence brokenAt } }';
  interface Check {
    readonly auditCheck: { readonly brokenAt: string | null; readonly headSequence: string };
  }
  const broken = async (): Promise<unknown> =>
    (await house.ask<Check>(house.tokens.auditor, CHECK)).data?.auditCheck.brokenAt;

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
