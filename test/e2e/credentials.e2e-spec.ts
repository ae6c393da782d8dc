import 'reflect-metadata';
import { drawEnrolment, Vault } from '#libs/identity';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { subjectOf } from '../../libs/identity/src/sign-in/attempts.js';
import { until } from '../support/until.js';
import { CredentialsWorld, OTHER_PASSWORD, PASSWORD } from './credentials-world.js';
import { ORGANISATIONS } from './graphql-world.js';

const VIEWER = '{ viewer { id kind displayName role secondFactor scopes } }';
const VERIFY = 'mutation ($code: String!) { verifySecondFactor(code: $code) { token secondFactor } }';

let world: CredentialsWorld;

beforeAll(async () => {
  // the specs themselves are the proxy
  world = await CredentialsWorld.open({}, Vault.unkept(), 0, ['127.0.0.1']);
});

afterAll(() => world.close());

describe('a password', () => {
  it('is set with an enrolment code that works once, and lets its owner in by their name in any case', async () => {
    const { personId, code } = await world.add(ORGANISATIONS.tidewell, 'LOGISTICS', { DISPLAY_NAME: 'Li Wei 李伟' });
    const weak = { code, password: 'passwordpassword', loginName: 'li.wei' };
    const enrol = 'mutation ($input: EnrolInput!) { enrol(input: $input) { token } }';
    expect(await world.refusal(null, enrol, { input: weak })).toBe('INVALID_INPUT');
    const { token } = await world.enrol(code, 'li.wei');
    expect(await world.get(token, VIEWER)).toEqual({
      id: globalId('Person', personId),
      kind: 'PERSON',
      displayName: 'Li Wei 李伟',
      role: 'LOGISTICS',
      secondFactor: 'NOT_NEEDED',
      scopes: ['READ', 'WRITE', 'SUBSCRIBE', 'EXPORT', 'WEBHOOKS', 'MANAGE'],
    });
    expect(await world.refusal(null, enrol, { input: { ...weak, password: PASSWORD } })).toBe('SIGN_IN_REFUSED');
    expect((await world.signIn(' LI.Wei ')).role).toBe('LOGISTICS');
  });

  it('is refused like a name that nobody has: the same answer, after one hash verified', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'wrong.password');
    const answers: unknown[] = [];
    for (const name of ['wrong.password', 'nobody.at.all', 'x'.repeat(90)]) {
      const before = await world.counted('passwordsVerified');
      answers.push(await world.trySignIn(name, 'not the password 1'));
      expect((await world.counted('passwordsVerified')) - before).toBe(1);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'SIGN_IN_REFUSED', details: {} } }],
    });
    expect((await world.signIn('wrong.password')).token).toMatch(/^bxs_/);
  });

  it('is of one person alone: a login name that is taken is refused, whoever has it', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'taken.name');
    const { code } = await world.add(ORGANISATIONS.northbank, 'LOGISTICS', { DISPLAY_NAME: 'Second' });
    const input = { code, password: PASSWORD, loginName: 'Taken.Name' };
    const enrol = 'mutation ($input: EnrolInput!) { enrol(input: $input) { token } }';
    expect(await world.refusal(null, enrol, { input })).toBe('CONFLICT');
    expect((await world.enrol(code, 'second.name')).token).toMatch(/^bxs_/);
  });

  it('is changed by whoever knows it, and ends the other sessions', async () => {
    const { personId } = await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'changes');
    const [here, there] = [(await world.signIn('changes')).token, (await world.signIn('changes')).token];
    const unused = (await world.database.write((tx) => drawEnrolment(tx, personId))).code;
    const enrol = 'mutation ($input: EnrolInput!) { enrol(input: $input) { token } }';
    const change = 'mutation ($present: String!, $next: String!) { changePassword(present: $present, next: $next) }';
    expect(await world.refusal(here, change, { present: 'another 123456789', next: OTHER_PASSWORD })).toBe(
      'SIGN_IN_REFUSED',
    );
    expect(await world.refusal(here, change, { present: PASSWORD, next: 'changes 123456789' })).toBe('INVALID_INPUT');
    expect(await world.refusal(here, change, { present: PASSWORD, next: OTHER_PASSWORD })).toBeUndefined();
    expect(await world.refusal(here, VIEWER)).toBeUndefined();
    expect(await world.refusal(there, VIEWER)).toBe('UNAUTHENTICATED');
    expect((await world.trySignIn('changes')).errors?.[0]?.extensions.code).toBe('SIGN_IN_REFUSED');
    expect(await world.refusal(null, enrol, { input: { code: unused, password: PASSWORD } })).toBe('SIGN_IN_REFUSED');
    await world.signIn('changes', OTHER_PASSWORD);
  });

  it('that is changed leaves API tokens as they are, unless its owner asks otherwise', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'keeps.tokens');
    const { token: session } = await world.signIn('keeps.tokens');
    const { token } = await world.get<{ token: string }>(
      session,
      `mutation ($input: CreateApiTokenInput!, $key: IdempotencyKey!) { createApiToken(input: $input, idempotencyKey: $key) { token } }`,
      {
        input: { name: 'x', scopes: ['READ'], expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
        key: newId(),
      },
    );
    const change = `mutation ($present: String!, $next: String!, $endTokens: Boolean) {
      changePassword(present: $present, next: $next, endTokens: $endTokens) }`;
    for (const [present, next, endTokens, outcome] of [
      [PASSWORD, OTHER_PASSWORD, undefined, undefined],
      [OTHER_PASSWORD, PASSWORD, false, undefined],
      [PASSWORD, OTHER_PASSWORD, true, 'UNAUTHENTICATED'],
    ] as const) {
      expect(await world.refusal(session, change, { present, next, endTokens })).toBeUndefined();
      expect([endTokens, await world.refusal(token, VIEWER)]).toEqual([endTokens, outcome]);
    }
    expect(await world.refusal(session, VIEWER)).toBeUndefined();
  });

  it('begins no session when it is changed while it is looked at', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'changes.meanwhile');
    await world.owner.query('BEGIN');
    await world.owner.query(
      `UPDATE password SET hash = hash || 'x' WHERE changed_at = (SELECT max(changed_at) FROM password)`,
    );
    const answer = world.trySignIn('changes.meanwhile');
    try {
      await until('the sign-in to wait', async () => {
        const waiting = await world.database.readRecorded(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '%FROM password%'`,
          [],
        );
        return waiting.length > 0;
      });
    } finally {
      await world.owner.query('COMMIT');
    }
    expect((await answer).errors?.[0]?.extensions.code).toBe('SIGN_IN_REFUSED');
  });
});

describe('failures behind each other', () => {
  const failures = (name: string) =>
    world.rows<{ failures: number; pause: number | null }>(
      `SELECT failures, extract(epoch FROM locked_until - created_at)::integer AS pause FROM sign_in_attempt WHERE subject = $1`,
      [subjectOf(world.vault, 'LOGIN_NAME', name).index],
    );
  const set = (name: string, assignment: string) =>
    world.owner.query(`UPDATE sign_in_attempt SET ${assignment} WHERE subject = $1`, [
      subjectOf(world.vault, 'LOGIN_NAME', name).index,
    ]);

  it('cost growing pauses, for a name that nobody has alike, and not even the right password passes meanwhile', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'locked.out');
    for (const name of ['locked.out', 'locked.nobody']) {
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        expect(await world.trySignIn(name, 'not the password 1')).toMatchObject({
          errors: [{ extensions: { code: 'SIGN_IN_REFUSED' } }],
        });
        expect(await failures(name)).toEqual([{ failures: attempt, pause: attempt < 5 ? null : 1 }]);
      }
      await set(name, `locked_until = now() - interval '1 second'`);
      await world.trySignIn(name, 'not the password 1');
      expect(await failures(name)).toEqual([{ failures: 6, pause: 2 }]);
      await set(name, `locked_until = now() + interval '1 hour'`);
      const refused = (await world.trySignIn(name)).errors?.[0]?.extensions;
      expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
      expect(Math.ceil(Number(refused?.details['retryAfterSeconds']) / 600)).toBe(6);
      expect(await failures(name)).toMatchObject([{ failures: 6 }]);
    }
    await set('locked.out', 'locked_until = now()');
    expect((await world.signIn('locked.out')).token).toMatch(/^bxs_/);
    expect(await failures('locked.out')).toEqual([]);
  });

  it('count when they come all at once', async () => {
    await world.trySignIn('many.at.once', 'not the password 1');
    await set('many.at.once', 'failures = 15');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => world.trySignIn('many.at.once', 'not the password 1')),
    );
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code);
    expect(codes.filter((code) => code === 'SIGN_IN_REFUSED')).toHaveLength(1);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(19);
  });

  it('of one address are counted too, whatever the names, and are known without the address', async () => {
    const address = subjectOf(world.vault, 'ADDRESS', '127.0.0.1').index;
    await world.owner.query('UPDATE sign_in_attempt SET failures = 99 WHERE subject = $1', [address]);
    await world.trySignIn('somebody.else', 'not the password 1');
    expect((await world.trySignIn('yet.another')).errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    await world.owner.query('DELETE FROM sign_in_attempt WHERE subject = $1', [address]);
    expect((await world.trySignIn('yet.another')).errors?.[0]?.extensions.code).toBe('SIGN_IN_REFUSED');
  });
});

describe('a second factor', () => {
  it('must be enrolled by a privileged role before it does anything else', async () => {
    const { code } = await world.add(ORGANISATIONS.customs, 'CUSTOMS_OFFICER', { DISPLAY_NAME: 'Zhao' });
    const { token, secondFactor } = await world.enrol(code, 'zhao');
    expect(secondFactor).toBe('TO_ENROL');
    const refused = (await world.ask(token, VIEWER)).errors?.[0]?.extensions;
    expect(refused).toMatchObject({ code: 'SECOND_FACTOR_REQUIRED', details: { secondFactor: 'TO_ENROL' } });
    const events = '{ events(first: 1) { nodes { id } } }';
    expect(await world.refusal(token, events)).toBe('SECOND_FACTOR_REQUIRED');
    const raised = await world.withFactor(token);
    expect(raised.recoveryCodes).toHaveLength(10);
    expect(await world.refusal(raised.token, events)).toBeUndefined();
    // The token from before the factor is worth nothing any more.
    expect(await world.refusal(token, 'mutation { signOut }')).toBe('UNAUTHENTICATED');
  });

  it('is asked for at the next sign-in, and takes no code twice', async () => {
    const { code } = await world.add(ORGANISATIONS.customs, 'CUSTOMS_OFFICER', { DISPLAY_NAME: 'Qian' });
    const { secret } = await world.withFactor((await world.enrol(code, 'qian')).token);
    const [first, second] = [await world.signIn('qian'), await world.signIn('qian')];
    expect(first.secondFactor).toBe('TO_VERIFY');
    expect(await world.refusal(first.token, VIEWER)).toBe('SECOND_FACTOR_REQUIRED');
    // Nor may another be put in its place by whoever knows the password alone.
    expect(await world.refusal(first.token, 'mutation { offerSecondFactor { secret } }')).toBe(
      'SECOND_FACTOR_REQUIRED',
    );
    const now = world.codeOf(secret);
    expect(await world.refusal(first.token, VERIFY, { code: world.codeOf(secret, -4) })).toBe('SIGN_IN_REFUSED');
    const raised = await world.get<{ token: string }>(first.token, VERIFY, { code: now });
    expect(await world.refusal(raised.token, VIEWER)).toBeUndefined();
    expect(await world.refusal(second.token, VERIFY, { code: now })).toBe('SIGN_IN_REFUSED');
    expect(await world.refusal(second.token, VERIFY, { code: world.codeOf(secret, -1) })).toBe('SIGN_IN_REFUSED');
    expect(await world.refusal(second.token, VERIFY, { code: world.codeOf(secret, 1) })).toBeUndefined();
  });

  it('is stood in for by a recovery code, once', async () => {
    const { code } = await world.add(ORGANISATIONS.customs, 'CUSTOMS_OFFICER', { DISPLAY_NAME: 'Sun' });
    const { recoveryCodes } = await world.withFactor((await world.enrol(code, 'sun')).token);
    const spare = recoveryCodes[3]?.toLowerCase();
    expect(await world.refusal((await world.signIn('sun')).token, VERIFY, { code: spare })).toBeUndefined();
    expect(await world.refusal((await world.signIn('sun')).token, VERIFY, { code: spare })).toBe('SIGN_IN_REFUSED');
  });

  it('is not guessed: wrong codes cost pauses, whichever session brings them', async () => {
    const { personId, code } = await world.add(ORGANISATIONS.customs, 'CUSTOMS_OFFICER', { DISPLAY_NAME: 'Zhou' });
    const { secret } = await world.withFactor((await world.enrol(code, 'zhou')).token);
    const tried = async (steps: number) =>
      world.refusal((await world.signIn('zhou')).token, VERIFY, { code: world.codeOf(secret, steps) });
    expect(await tried(10)).toBe('SIGN_IN_REFUSED');
    const subject = subjectOf(world.vault, 'PERSON', personId).index;
    await world.owner.query('UPDATE sign_in_attempt SET failures = 15 WHERE subject = $1', [subject]);
    expect(await tried(10)).toBe('SIGN_IN_REFUSED');
    expect(await tried(0)).toBe('RATE_LIMITED');
    await world.owner.query('UPDATE sign_in_attempt SET locked_until = NULL WHERE subject = $1', [subject]);
    expect(await tried(0)).toBeUndefined();
  });

  it('stands in the database sealed, and recovery codes hashed', async () => {
    const { code } = await world.add(ORGANISATIONS.customs, 'CUSTOMS_OFFICER', { DISPLAY_NAME: 'Wu' });
    const { secret, recoveryCodes } = await world.withFactor((await world.enrol(code, 'wu')).token);
    const stored = JSON.stringify([
      await world.rows('SELECT * FROM second_factor'),
      await world.rows('SELECT * FROM recovery_code'),
    ]);
    expect(stored).toContain('secret');
    for (const plain of [secret, ...recoveryCodes]) expect(stored).not.toContain(plain);
  });
});

describe('a session', () => {
  const SESSIONS = '{ sessions { id method address isThisOne hasSecondFactor role } }';

  it('is listed with its fellows, and ended by its owner and nobody else', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'has.sessions');
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'colleague');
    const [own, other] = [(await world.signIn('has.sessions')).token, (await world.signIn('has.sessions')).token];
    const colleague = (await world.signIn('colleague')).token;
    const sessions = await world.get<{ id: string; isThisOne: boolean }[]>(own, SESSIONS);
    expect(sessions).toEqual([
      expect.objectContaining({ isThisOne: false, method: 'PASSWORD', address: '127.0.0.1', role: 'LOGISTICS' }),
      expect.objectContaining({ isThisOne: true }),
    ]);
    const revoke = `mutation ($id: ID!, $key: IdempotencyKey!) { revokeSession(id: $id, idempotencyKey: $key) { ended } }`;
    const id = sessions[0]?.id;
    expect(await world.refusal(colleague, revoke, { id, key: newId() })).toBe('NOT_FOUND');
    expect(await world.refusal(other, VIEWER)).toBeUndefined();
    expect(await world.get(own, revoke, { id, key: newId() })).toEqual({ ended: 1 });
    expect(await world.refusal(other, VIEWER)).toBe('UNAUTHENTICATED');
    expect(await world.get(own, SESSIONS)).toHaveLength(1);
    expect(await world.refusal(own, 'mutation { signOut }')).toBeUndefined();
    expect(await world.refusal(own, VIEWER)).toBe('UNAUTHENTICATED');
  });

  it('of anybody is listed and ended by a security administrator, and by no other', async () => {
    const { personId } = await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'stolen.telephone');
    const { token } = await world.signIn('stolen.telephone');
    const person = globalId('Person', personId);
    const [security, company] = [await world.securityAdministrator(), await world.companyAdministrator()];
    const list = 'query ($person: ID) { sessions(person: $person) { personId } }';
    const revoke =
      'mutation ($person: ID, $key: IdempotencyKey!) { revokeSessions(person: $person, idempotencyKey: $key) { ended } }';
    for (const query of [list, revoke]) {
      expect(await world.refusal(company, query, { person, key: newId() })).toBe('NOT_FOUND');
    }
    expect(await world.get(security, list, { person })).toEqual([{ personId: person }]);
    expect(await world.get(security, revoke, { person, key: newId() })).toEqual({ ended: 1 });
    expect(await world.refusal(token, VIEWER)).toBe('UNAUTHENTICATED');
  });

  it('ends after an hour without use, and after twelve however much it is used', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'idles');
    for (const [column, minutes] of [
      ['used_at', 60],
      ['ends_at', 12 * 60],
    ] as const) {
      for (const [over, outcome] of [
        [-1, undefined],
        [1, 'UNAUTHENTICATED'],
      ] as const) {
        const { token } = await world.signIn('idles');
        await world.owner.query(
          `UPDATE session SET ${column} = ${column} - make_interval(mins => $1)
           WHERE created_at = (SELECT max(created_at) FROM session)`,
          [minutes + over],
        );
        expect([column, over, await world.refusal(token, VIEWER)]).toEqual([column, over, outcome]);
      }
    }
  });

  it('is kept from ending by what is asked in it, and not by a socket that only looks whether it still holds', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'uses');
    const { token } = await world.signIn('uses');
    const idleFor = async (minutes: number) => {
      const sql = `UPDATE session SET used_at = now() - make_interval(mins => $2) WHERE token_hash = $1`;
      await world.owner.query(sql, [world.vault.suite.digest(token), minutes]);
      world.server.identity.forget();
    };
    const idle = async () => {
      const sql = `SELECT extract(epoch FROM now() - used_at)::integer / 60 AS minutes FROM session WHERE token_hash = $1`;
      return (await world.rows<{ minutes: number }>(sql, [world.vault.suite.digest(token)]))[0]?.minutes;
    };
    await idleFor(10);
    await world.server.identity.holderOf(token, { isUse: false });
    expect(await idle()).toBe(10);
    await world.get(token, VIEWER);
    expect(await idle()).toBe(0);
  });

  it('goes on for another of its owner’s memberships, and for no other', async () => {
    const { personId } = await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'two.hats');
    await world.owner.query(`INSERT INTO membership VALUES ($1, $2, 'GATE_OPERATOR')`, [
      personId,
      ORGANISATIONS.terminalA,
    ]);
    const { token, role, memberships } = await world.signIn('two.hats');
    expect([role, memberships.map((membership) => membership.role)]).toEqual([
      'GATE_OPERATOR',
      ['GATE_OPERATOR', 'LOGISTICS'],
    ]);
    const to =
      'mutation ($organisation: ID!, $role: Role!) { switchMembership(organisation: $organisation, role: $role) }';
    const tidewell = globalId('Organisation', ORGANISATIONS.tidewell);
    expect(await world.refusal(token, to, { organisation: tidewell, role: 'GATE_OPERATOR' })).toBe('NOT_FOUND');
    expect(
      await world.refusal(token, to, {
        organisation: globalId('Organisation', ORGANISATIONS.customs),
        role: 'CUSTOMS_OFFICER',
      }),
    ).toBe('NOT_FOUND');
    expect(await world.refusal(token, '{ shipments { nodes { id } } }')).toBe('FORBIDDEN');
    expect(await world.refusal(token, to, { organisation: tidewell, role: 'LOGISTICS' })).toBeUndefined();
    expect(await world.get(token, '{ shipments { nodes { reference } } }')).toEqual({ nodes: [{ reference: 'TW-1' }] });
    await world.owner.query(`DELETE FROM membership WHERE person_id = $1 AND role = 'LOGISTICS'`, [personId]);
    expect(
      await world.refusal((await world.signIn('two.hats')).token, to, { organisation: tidewell, role: 'LOGISTICS' }),
    ).toBe('NOT_FOUND');
  });

  it('begins for an organisation that is not suspended, and is refused for one that is', async () => {
    const { personId } = await world.addWithPassword(ORGANISATIONS.terminalA, 'GATE_OPERATOR', 'half.suspended');
    const suspended = newId();
    await world.owner.query(
      `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, 'LOGISTICS_COMPANY', 'A', 'A', 'A', 'SUSPENDED')`,
      [suspended],
    );
    await world.owner.query(`INSERT INTO membership VALUES ($1, $2, 'LOGISTICS')`, [personId, suspended]);
    const { token, role } = await world.signIn('half.suspended');
    expect([role, await world.refusal(token, VIEWER)]).toEqual(['GATE_OPERATOR', undefined]);
    const to =
      'mutation ($organisation: ID!, $role: Role!) { switchMembership(organisation: $organisation, role: $role) }';
    const there = { organisation: globalId('Organisation', suspended), role: 'LOGISTICS' };
    expect(await world.refusal(token, to, there)).toBeUndefined();
    expect(await world.refusal(token, VIEWER)).toBe('ORGANISATION_SUSPENDED');
  });

  it('keeps no token: the database holds digests alone', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'no.tokens');
    const { token } = await world.signIn('no.tokens');
    const stored = JSON.stringify(
      await world.rows('SELECT encode(token_hash, $1) AS hash, * FROM session', ['escape']),
    );
    expect(stored).not.toContain(token);
    expect(stored).not.toContain('127.0.0.1');
  });

  it('is known by the address that a trusted proxy names, over HTTP and on a socket', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'behind.proxy');
    const query = `mutation { signIn(input: { loginName: "behind.proxy", password: "${PASSWORD}" }) { token } }`;
    await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' },
      body: JSON.stringify({ query }),
    });
    const client = createClient({
      url: `${world.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers: { 'x-forwarded-for': '203.0.113.8' } });
        }
      },
      connectionParams: { authorization: `Bearer ${world.tokens.tidewell}` },
      retryAttempts: 0,
    });
    const asked = client.iterate<{ signIn: { token: string } }>({ query });
    const answer = await asked.next();
    await client.dispose();
    if (answer.done === true) throw new Error('the socket closed without an answer');
    const sessions = await world.get<{ address: string }[]>(
      answer.value.data?.signIn.token ?? null,
      '{ sessions { address } }',
    );
    expect(sessions.map(({ address }) => address).toSorted()).toEqual(['203.0.113.7', '203.0.113.8']);
  });
});
