import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codesOf } from '../support/api-house.js';
import { openAuditHouse, type AuditHouse } from './audit-house.js';
import { PEOPLE, PLATFORM } from './audit-world.js';
import { GATEWAY_A, SITE_A } from './graphql-world.js';

let house: AuditHouse;

beforeAll(async () => {
  house = await openAuditHouse();
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
