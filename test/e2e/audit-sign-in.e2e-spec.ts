import 'reflect-metadata';
import { addMember, enrolPerson, platformOperator } from '#libs/identity';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CredentialsWorld, OTHER_PASSWORD, PASSWORD } from './credentials-world.js';
import { ORGANISATIONS } from './graphql-world.js';

let world: CredentialsWorld;

beforeAll(async () => {
  world = await CredentialsWorld.open();
});

afterAll(() => world.close());

type Row = Readonly<Record<string, unknown>>;

const recordsSince = (sequence: string): Promise<Row[]> =>
  world.rows<Row>(
    `SELECT operation, actor_id, role, outcome, address FROM audit_record WHERE sequence > $1 ORDER BY sequence`,
    [sequence],
  );
const head = async (): Promise<string> =>
  String((await world.rows<Row>('SELECT sequence FROM audit_head'))[0]?.['sequence']);

/** Whether a word stands anywhere in the audit. */
const isTold = async (word: string): Promise<boolean> =>
  (await world.rows('SELECT 1 FROM audit_record r WHERE strpos(audit_line(r), $1) > 0', [word])).length > 0;

describe('a sign-in', () => {
  it('is recorded whether it succeeds or not, and neither names nor secrets are', async () => {
    const { personId } = await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'recorded.person');
    const before = await head();
    await world.trySignIn('recorded.person', OTHER_PASSWORD);
    await world.trySignIn('nobody.at.all');
    const { token } = await world.signIn('recorded.person');
    const from = { operation: 'SignIn.PASSWORD', address: '127.0.0.1' };
    expect(await recordsSince(before)).toEqual([
      { ...from, actor_id: 'unknown', role: null, outcome: 'SIGN_IN_REFUSED' },
      { ...from, actor_id: 'unknown', role: null, outcome: 'SIGN_IN_REFUSED' },
      { ...from, actor_id: personId, role: 'LOGISTICS', outcome: 'DONE' },
    ]);
    for (const word of ['recorded.person', 'nobody.at.all', PASSWORD, OTHER_PASSWORD, token]) {
      expect([word, await isTold(word)]).toEqual([word, false]);
    }
  });

  it('gives no session while the audit cannot be written', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'late.person');
    await world.owner.query('REVOKE INSERT (operation) ON audit_record FROM boxtrail_ingest');
    try {
      const { data, errors } = await world.trySignIn('late.person');
      expect([data ?? null, errors?.[0]?.extensions.code]).toEqual([null, 'UNAVAILABLE']);
    } finally {
      await world.owner.query('GRANT INSERT (operation) ON audit_record TO boxtrail_ingest');
    }
    expect((await world.signIn('late.person')).token).toMatch(/^bxs?_/);
  });
});

describe('what a security administrator changes', () => {
  it('is recorded by reference, without the names, numbers and codes that it is about', async () => {
    const token = await world.securityAdministrator();
    const codes = await world.rows<Row>(
      `SELECT operation, asked->'arguments'->>'code' AS code FROM audit_record WHERE asked->'arguments' ? 'code'`,
    );
    expect(codes).toEqual([{ operation: 'Mutation.confirmSecondFactor', code: '***' }]);
    const before = await head();
    const added = await world.get<{ personId: string; code: string }>(
      token,
      `mutation ($input: AddPersonInput!, $key: IdempotencyKey!) { addPerson(input: $input, idempotencyKey: $key) { personId code } }`,
      {
        input: {
          organisation: Buffer.from(`Organisation:${ORGANISATIONS.tidewell}`).toString('base64url'),
          role: 'LOGISTICS',
          displayName: 'Unspoken Name',
          loginName: 'unspoken.login',
          phone: '13912345678',
        },
        key: newId(),
      },
    );
    expect(await recordsSince(before)).toEqual([
      expect.objectContaining({ operation: 'Mutation.addPerson', role: 'SECURITY_ADMINISTRATOR', outcome: 'DONE' }),
    ]);
    for (const word of ['Unspoken Name', 'unspoken.login', '13912345678', added.code]) {
      expect([word, await isTold(word)]).toEqual([word, false]);
    }
  });
});

describe('the three administrators', () => {
  it('are not one person of one name in one organisation, by whichever command', async () => {
    await world.database.write(async (tx) => {
      const organisationCode = await platformOperator(tx);
      const [organisation] = await tx.query<{ id: string }>('SELECT id FROM organisation WHERE code = $1', [
        organisationCode,
      ]);
      const organisationId = organisation?.id ?? '';
      await enrolPerson(tx, world.vault, { organisationCode, role: 'SYSTEM_ADMINISTRATOR', displayName: 'Wang Fang' });
      const second = { code: 'CONFLICT', details: expect.objectContaining({ held: 'SYSTEM_ADMINISTRATOR' }) };
      for (const role of ['SECURITY_ADMINISTRATOR', 'AUDIT_ADMINISTRATOR'] as const) {
        await expect(
          enrolPerson(tx, world.vault, { organisationCode, role, displayName: ' Wang Fang ' }),
        ).rejects.toMatchObject(second);
        await expect(
          addMember(tx, world.vault, {
            organisationId,
            role,
            data: { DISPLAY_NAME: 'Wang Fang', LOGIN_NAME: newId() },
          }),
        ).rejects.toMatchObject(second);
      }
      // another person, and the same office again, are no conflict
      await enrolPerson(tx, world.vault, { organisationCode, role: 'AUDIT_ADMINISTRATOR', displayName: 'Li Na' });
      await enrolPerson(tx, world.vault, { organisationCode, role: 'SYSTEM_ADMINISTRATOR', displayName: 'Wang Fang' });
    });
  });
});
