import 'reflect-metadata';
import { listTokens, sealClearNames } from '#libs/identity';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { drawnIn, inDays, REVOKE, VIEWER } from './api-tokens.js';
import { CredentialsWorld, PASSWORD } from './credentials-world.js';
import { LANE_A, ORGANISATIONS, SITE_A } from './graphql-world.js';

let world: CredentialsWorld;
const create = drawnIn(() => world);

beforeAll(async () => {
  world = await CredentialsWorld.open();
});

afterAll(() => world.close());

/** What a security administrator is answered who acts on somebody of the role. */
const BY_SECURITY = [
  ['AUDIT_ADMINISTRATOR', 'FORBIDDEN'],
  ['SYSTEM_ADMINISTRATOR', 'FORBIDDEN'],
  ['SECURITY_ADMINISTRATOR', 'FORBIDDEN'],
  ['PLATFORM_OPERATOR', undefined],
] as const;

describe('a person', () => {
  const ADD = `mutation ($input: AddPersonInput!, $key: IdempotencyKey!) { addPerson(input: $input, idempotencyKey: $key) { personId code } }`;
  const RESET = `mutation ($person: ID!, $factor: Boolean!, $key: IdempotencyKey!) {
    resetCredentials(person: $person, secondFactor: $factor, idempotencyKey: $key) { code } }`;
  const ERASE = `mutation ($person: ID!, $key: IdempotencyKey!) { erasePerson(person: $person, idempotencyKey: $key) { personId } }`;
  type Added = { readonly personId: string; readonly code: string };

  it('is added by the company’s administrator, and enrols with the code', async () => {
    const administrator = await world.companyAdministrator();
    const data = {
      displayName: 'Feng Jun',
      role: 'LOGISTICS',
      loginName: 'feng.jun',
      phone: '138 1234 5678',
      email: 'feng@tidewell.example',
    };
    const request = { input: data, key: newId() };
    const added = await world.get<Added>(administrator, ADD, request);
    expect(await world.get(administrator, ADD, request)).toEqual({ ...added, code: null });
    expect((await world.enrol(added.code)).role).toBe('LOGISTICS');
    expect((await world.signIn('feng.jun')).secondFactor).toBe('NOT_NEEDED');
    expect(
      await world.refusal(administrator, ADD, {
        input: { ...data, loginName: 'other', phone: '+86 13812345678' },
        key: newId(),
      }),
    ).toBe('CONFLICT');
    expect(
      await world.refusal(administrator, ADD, { input: { ...data, phone: '12', loginName: 'o' }, key: newId() }),
    ).toBe('INVALID_INPUT');
    expect(await world.refusal(world.tokens.tidewell, ADD, { ...request, key: newId() })).toBe('FORBIDDEN');
    const stranger = {
      ...data,
      loginName: 'o',
      phone: null,
      organisation: globalId('Organisation', ORGANISATIONS.northbank),
    };
    expect(await world.refusal(administrator, ADD, { input: stranger, key: newId() })).toBe('NOT_FOUND');
  });

  it('becomes none of the three administrators over the API', async () => {
    const security = await world.securityAdministrator();
    const [platform] = await world.rows<{ id: string }>(`SELECT id FROM organisation WHERE kind = 'PLATFORM_OPERATOR'`);
    for (const [role, outcome] of BY_SECURITY) {
      const organisation = globalId('Organisation', platform?.id ?? '');
      expect([
        role,
        await world.refusal(security, ADD, { input: { displayName: 'x', role, organisation }, key: newId() }),
      ]).toEqual([role, outcome]);
    }
    const { personId } = await world.add(platform?.id ?? '', 'AUDIT_ADMINISTRATOR', { DISPLAY_NAME: 'Audit' });
    const reset = { person: globalId('Person', personId), factor: true, key: newId() };
    expect(await world.refusal(security, RESET, reset)).toBe('FORBIDDEN');
  });

  it('is erased by no security administrator who is one of the three administrators', async () => {
    const [platform] = await world.rows<{ id: string }>(`SELECT id FROM organisation WHERE kind = 'PLATFORM_OPERATOR'`);
    const { personId } = await world.add(platform?.id ?? '', 'AUDIT_ADMINISTRATOR', {
      DISPLAY_NAME: 'Keeps the audit',
    });
    const person = globalId('Person', personId);
    const security = await world.securityAdministrator();
    expect(await world.refusal(security, ERASE, { person, key: newId() })).toBe('FORBIDDEN');
    expect(await world.rows('SELECT 1 FROM personal_datum WHERE person_id = $1', [personId])).toHaveLength(1);
  });

  it('is signed out by no security administrator who is one of the three administrators, and signs out themselves', async () => {
    const security = await world.securityAdministrator();
    const [platform] = await world.rows<{ id: string }>(`SELECT id FROM organisation WHERE kind = 'PLATFORM_OPERATOR'`);
    const revoke = `mutation ($id: ID!, $key: IdempotencyKey!) { revokeSession(id: $id, idempotencyKey: $key) { ended } }`;
    const revokeAll = `mutation ($person: ID, $key: IdempotencyKey!) { revokeSessions(person: $person, idempotencyKey: $key) { ended } }`;
    for (const [role, outcome] of BY_SECURITY) {
      const login = `office ${role}`;
      const { personId, code } = await world.add(platform?.id ?? '', role, { DISPLAY_NAME: login, LOGIN_NAME: login });
      const { token: session } = await world.withFactor((await world.enrol(code)).token);
      const drawn = await create(session, { scopes: ['MANAGE', 'READ'] });
      const [{ id } = { id: '' }] = await world.get<{ id: string }[]>(session, '{ sessions { id } }');
      const person = globalId('Person', personId);
      expect([role, await world.refusal(security, REVOKE, { id: drawn.apiToken.id, key: newId() })]).toEqual([
        role,
        outcome,
      ]);
      expect([role, await world.refusal(security, revoke, { id, key: newId() })]).toEqual([role, outcome]);
      expect([role, await world.refusal(security, revokeAll, { person, key: newId() })]).toEqual([role, outcome]);
      const ended = outcome === undefined ? 'UNAUTHENTICATED' : undefined;
      for (const token of [session, drawn.token])
        expect([role, await world.refusal(token, VIEWER)]).toEqual([role, ended]);
      if (ended !== undefined) continue;
      expect(await world.refusal(session, REVOKE, { id: drawn.apiToken.id, key: newId() })).toBeUndefined();
      expect(await world.refusal(session, revoke, { id, key: newId() })).toBeUndefined();
      for (const token of [session, drawn.token]) expect(await world.refusal(token, VIEWER)).toBe('UNAUTHENTICATED');
    }
  });

  it('who audits is not sent away by the suspension of their organisation', async () => {
    const security = await world.securityAdministrator();
    const suspend = `mutation ($organisation: ID!, $key: IdempotencyKey!) {
      suspendOrganisation(organisation: $organisation, reason: "x", idempotencyKey: $key) { organisation { state } } }`;
    for (const [role, outcome] of [
      ['AUDIT_ADMINISTRATOR', 'FORBIDDEN'],
      ['PLATFORM_OPERATOR', undefined],
    ] as const) {
      const organisationId = newId();
      await world.owner.query(
        `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, 'PLATFORM_OPERATOR', 'x', 'x', $2, 'VERIFIED')`,
        [organisationId, `SECOND-${role}`],
      );
      await world.add(organisationId, role, { DISPLAY_NAME: `Of another house ${role}` });
      const organisation = globalId('Organisation', organisationId);
      expect([role, await world.refusal(security, suspend, { organisation, key: newId() })]).toEqual([role, outcome]);
    }
  });

  it('who lost password and telephone begins anew by a new code, and nothing from before works', async () => {
    const administrator = await world.companyAdministrator();
    const { personId } = await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'loses.all');
    const before = await world.withFactor((await world.signIn('loses.all')).token);
    const person = globalId('Person', personId);
    const other = await world.companyAdministrator(ORGANISATIONS.northbank);
    expect(await world.refusal(other, RESET, { person, factor: true, key: newId() })).toBe('NOT_FOUND');
    const own = await create(before.token, { scopes: ['READ', 'MANAGE'], expiresAt: inDays(2) });
    const drawn = await create(own.token, { expiresAt: inDays(1) });
    const { serviceAccount } = await world.get<{ serviceAccount: { id: string } }>(
      administrator,
      `mutation ($input: CreateServiceAccountInput!, $key: IdempotencyKey!) {
         createServiceAccount(input: $input, idempotencyKey: $key) { serviceAccount { id } } }`,
      { input: { name: 'stays', role: 'LOGISTICS' }, key: newId() },
    );
    const service = await create(administrator, { serviceAccount: serviceAccount.id });
    for (const token of [before.token, own.token, drawn.token])
      expect(await world.refusal(token, VIEWER)).toBeUndefined();
    const { code } = await world.get<Added>(administrator, RESET, { person, factor: true, key: newId() });
    for (const token of [before.token, own.token, drawn.token])
      expect(await world.refusal(token, VIEWER)).toBe('UNAUTHENTICATED');
    expect(await world.refusal(service.token, VIEWER)).toBeUndefined();
    expect((await world.trySignIn('loses.all')).errors?.[0]?.extensions.code).toBe('SIGN_IN_REFUSED');
    expect((await world.enrol(code, undefined, `${PASSWORD} again`)).secondFactor).toBe('NOT_NEEDED');
    // Whoever works for another company too is not reset from here.
    await world.owner.query(`INSERT INTO membership VALUES ($1, $2, 'LOGISTICS')`, [personId, ORGANISATIONS.northbank]);
    expect(await world.refusal(administrator, RESET, { person, factor: true, key: newId() })).toBe('NOT_FOUND');
  });

  it('who is erased is a reference: journal, passes and hashes stand, names and credentials are gone', async () => {
    const { personId } = await world.addWithPassword(ORGANISATIONS.terminalA, 'GATE_OPERATOR', 'to.be.erased', {
      PHONE: '13900001111',
    });
    const { token } = await world.signIn('to.be.erased');
    const report = `mutation ($input: ReportPassInput!, $key: IdempotencyKey!) { reportPass(input: $input, idempotencyKey: $key) { pass { id } } }`;
    const pass = {
      lane: LANE_A,
      direction: 'IN',
      truck: '浙B77788',
      containers: [],
      occurredAt: new Date(Date.now() - 60_000),
      verdict: 'ACCEPTED',
      reason: 'tag broken',
    };
    const { token: apiToken } = await create(token, { scopes: ['READ'] });
    await world.get(token, report, { input: pass, key: newId() });
    const journal = () =>
      world.rows('SELECT id, hash, payload FROM tracking_event WHERE site_id = $1 ORDER BY id', [SITE_A]);
    const passes = () => world.rows<{ reported_by: string }>(`SELECT * FROM gate_pass WHERE truck_plate = '浙B77788'`);
    const before = [await journal(), await passes()];
    expect((await passes())[0]?.reported_by).toBe(personId);
    const person = globalId('Person', personId);
    expect(await world.refusal(await world.companyAdministrator(), ERASE, { person, key: newId() })).toBe('FORBIDDEN');
    expect(await world.refusal(token, VIEWER)).toBeUndefined();
    expect(await world.get(await world.securityAdministrator(), ERASE, { person, key: newId() })).toEqual({
      personId: person,
    });
    expect([await journal(), await passes()]).toEqual(before);
    for (const gone of [token, apiToken]) expect(await world.refusal(gone, VIEWER)).toBe('UNAUTHENTICATED');
    expect((await world.trySignIn('to.be.erased')).errors?.[0]?.extensions.code).toBe('SIGN_IN_REFUSED');
    const listed = await world.database.write((tx) => listTokens(tx, world.vault));
    expect(listed.filter(({ name }) => name === personId)).toHaveLength(1);
    expect(
      await world.rows('SELECT wrapped, destroyed_at IS NOT NULL AS gone FROM person_key WHERE person_id = $1', [
        personId,
      ]),
    ).toEqual([{ wrapped: null, gone: true }]);
    // The name and number are free again.
    await world.addWithPassword(ORGANISATIONS.terminalA, 'GATE_OPERATOR', 'to.be.erased', { PHONE: '13900001111' });
  });

  it('whose name stood in clear from before is sealed when the service starts', async () => {
    const clear = () => world.rows<{ id: string }>('SELECT id FROM person WHERE display_name IS NOT NULL');
    expect((await clear()).length).toBeGreaterThan(3);
    const before = await world.get(world.tokens.northbank, '{ viewer { displayName } }');
    await sealClearNames(world.database, world.vault);
    expect(await clear()).toEqual([]);
    world.server.identity.forget();
    expect(await world.get(world.tokens.northbank, '{ viewer { displayName } }')).toEqual(before);
    expect(before).toEqual({ displayName: 'northbank' });
  });

  it('stands in the database sealed: neither names nor numbers are in it', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'DRIVER', 'sealed.name', {
      PHONE: '13955556666',
      E_MAIL: 'sealed@mail.example',
    });
    await world.signIn('sealed.name');
    const tables = await world.rows<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    for (const { name } of tables) {
      const [row] = await world.rows<{ content: string }>(
        `SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text AS content FROM ${name} t`,
      );
      for (const plain of ['sealed.name', '13955556666', 'sealed@mail']) {
        // bytea is told in hex
        for (const spelling of [plain, Buffer.from(plain).toString('hex')])
          expect([name, row?.content.includes(spelling)]).toEqual([name, false]);
      }
    }
  });
});

describe('the answering role', () => {
  it('reads no credential and no personal datum', async () => {
    const readings = await Promise.all(
      [
        'vault',
        'person_key',
        'personal_datum',
        'password',
        'second_factor',
        'recovery_code',
        'one_time_code',
        'phone_code',
        'sign_in_attempt',
        'session',
        'service_account',
        'access_token',
      ].map((table) =>
        world.database
          .readPublic((tx) => tx.query(`SELECT * FROM ${table} LIMIT 1`))
          .then(
            () => `${table} is read`,
            (error: { code?: string }) => error.code,
          ),
      ),
    );
    // 42501: insufficient privilege
    expect(new Set(readings)).toEqual(new Set(['42501']));
    const operator = { scope: 'PLATFORM', organisationId: ORGANISATIONS.customs } as const;
    expect(await world.database.read(operator, (tx) => tx.query('SELECT id FROM person LIMIT 1'))).toHaveLength(1);
    expect(await world.database.readPublic((tx) => tx.query('SELECT id FROM person LIMIT 1'))).toHaveLength(0);
    await expect(world.database.readPublic((tx) => tx.query('SELECT display_name FROM person'))).rejects.toMatchObject({
      code: '42501',
    });
  });
});
