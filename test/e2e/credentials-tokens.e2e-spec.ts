import 'reflect-metadata';
import { createApiToken, SCOPE_NAMES } from '#libs/identity';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { until } from '../support/until.js';
import { CREATE, DAY, drawnIn, inDays, input, REVOKE, VIEWER, type Created } from './api-tokens.js';
import { CredentialsWorld } from './credentials-world.js';
import { ORGANISATIONS } from './graphql-world.js';

const LIST = '{ apiTokens { nodes { id name holderName } } }';

/** A socket that a token holds open. */
function socketOf(url: string, token: string) {
  let [isOpen, code] = [false, null as number | null];
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    on: {
      connected: () => (isOpen = true),
      closed: (event) => (code = (event as { readonly code: number }).code),
    },
  });
  return { isOpen: () => isOpen, closed: () => code, close: async () => client.dispose() };
}

let world: CredentialsWorld;
const create = drawnIn(() => world);

beforeAll(async () => {
  world = await CredentialsWorld.open();
});

afterAll(() => world.close());

describe('an API token', () => {
  it('is shown once, works as its holder, and is listed without itself', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'draws.tokens');
    const { token: session } = await world.signIn('draws.tokens');
    const key = newId();
    const first = await create(session, {}, key);
    expect(first).toMatchObject({
      token: expect.stringMatching(/^bxt_[\w-]{43}$/),
      apiToken: {
        name: 'nightly',
        scopes: ['READ'],
        holderKind: 'PERSON',
        holderName: 'Name of draws.tokens',
        role: 'LOGISTICS',
      },
    });
    const again = await create(session, {}, key).catch((error: unknown) => error);
    // Another expiry under the same key is another request.
    expect(String(again)).toContain('IDEMPOTENCY_MISMATCH');
    expect(await world.get(first.token, VIEWER)).toMatchObject({
      kind: 'PERSON',
      role: 'LOGISTICS',
      secondFactor: 'NOT_NEEDED',
      scopes: ['READ'],
    });
    expect(await world.get(session, LIST)).toMatchObject({ nodes: [{ id: first.apiToken.id, name: 'nightly' }] });
    const stored = JSON.stringify([
      await world.rows('SELECT * FROM access_token'),
      await world.rows('SELECT * FROM idempotency'),
    ]);
    expect(stored).toContain(first.apiToken.id);
    expect(stored).not.toContain(first.token);
  });

  it('is told once to whoever asks twice with one key', async () => {
    const request = { input: input(), key: newId() };
    const [first, second] = [
      await world.get<Created>(world.tokens.tidewell, CREATE, request),
      await world.get<Created>(world.tokens.tidewell, CREATE, request),
    ];
    expect(first.token).toMatch(/^bxt_/);
    expect(second).toEqual({ ...first, token: null });
  });

  it('opens what its scopes name and its role may, and no more', async () => {
    const OPERATIONS = {
      READ: '{ passes { nodes { id } } }',
      WRITE: 'mutation { ping }',
      MANAGE: LIST,
      WEBHOOKS: '{ webhookEndpoints { id } }',
    } as const;
    for (const scope of SCOPE_NAMES) {
      const { token } = await create(world.tokens.operatorA, { scopes: [scope] });
      for (const [needed, query] of Object.entries(OPERATIONS)) {
        expect([scope, needed, await world.refusal(token, query)]).toEqual([
          scope,
          needed,
          needed === scope ? undefined : 'FORBIDDEN',
        ]);
      }
    }
  });

  it('is told which is missing: the role, the scope or the session', async () => {
    const { token } = await create(world.tokens.operatorA, { scopes: ['READ', 'WRITE', 'MANAGE'] });
    const refused = async (query: string) => (await world.ask(token, query)).errors?.[0];
    expect(await refused('{ shipments { nodes { id } } }')).toMatchObject({
      message: 'Your role, GATE_OPERATOR, may not do this.',
      extensions: { code: 'FORBIDDEN', details: { role: 'GATE_OPERATOR' } },
    });
    expect(await refused('{ webhookEndpoints { id } }')).toMatchObject({
      message: 'Your token lacks the scope WEBHOOKS.',
      extensions: { code: 'FORBIDDEN', details: { scope: 'WEBHOOKS' } },
    });
    expect(await refused('mutation { signOut }')).toMatchObject({
      message: 'This is done in a session; a token may not do it.',
      extensions: { code: 'FORBIDDEN', details: { expected: 'a session' } },
    });
  });

  it('takes a list away as a file with the scope EXPORT, and the scope of the list', async () => {
    for (const [scopes, status] of [
      [['READ'], 403],
      [['EXPORT'], 403],
      [['READ', 'EXPORT'], 200],
    ] as const) {
      const { token } = await create(world.tokens.operatorA, { scopes });
      const answer = await fetch(`${world.url}/exports/v1/passes.csv`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await answer.text();
      expect([scopes, answer.status]).toEqual([scopes, status]);
    }
  });

  it('finds no webhook by its id without the scope WEBHOOKS', async () => {
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    const organisationId = ORGANISATIONS.terminalA;
    const [id] = [newId()];
    await world.owner.query(
      `INSERT INTO webhook_endpoint (id, organisation_id, made_by, role, url, description, secret, state, cursor_xid, cursor_position)
       VALUES ($1, $2, $1, 'GATE_OPERATOR', 'https://hooks.example.com/', 'd', '\\x00', 'PAUSED', '1', 0)`,
      [id, organisationId],
    );
    const variables = { id: globalId('WebhookEndpoint', id) };
    for (const scopes of [['READ'], ['READ', 'WEBHOOKS']]) {
      const { token } = await create(world.tokens.operatorA, { scopes });
      expect(await world.get(token, node, variables)).toEqual(scopes.includes('WEBHOOKS') ? variables : null);
    }
  });

  it('gives no scope that it has not itself', async () => {
    const { token } = await create(world.tokens.operatorA, { scopes: ['MANAGE'] });
    expect(await world.refusal(token, CREATE, { input: input({ scopes: ['MANAGE', 'WRITE'] }), key: newId() })).toBe(
      'FORBIDDEN',
    );
    const within = input({ scopes: ['MANAGE'], expiresAt: inDays(29) });
    expect(await world.refusal(token, CREATE, { input: within, key: newId() })).toBeUndefined();
  });

  it('draws none that lives longer than itself', async () => {
    const { token } = await create(world.tokens.operatorA, { scopes: ['MANAGE'], expiresAt: inDays(1) });
    const drawn = (days: number) =>
      world.refusal(token, CREATE, { input: input({ scopes: ['MANAGE'], expiresAt: inDays(days) }), key: newId() });
    expect([await drawn(0.5), await drawn(2)]).toEqual([undefined, 'INVALID_INPUT']);
  });

  it.each([
    ['no end', { expiresAt: null }],
    ['an end too far ahead', { expiresAt: new Date(Date.now() + 366 * DAY).toISOString() }],
    ['an end that has passed', { expiresAt: new Date(Date.now() - DAY).toISOString() }],
    ['no scope', { scopes: [] }],
    ['a scope that there is not', { scopes: ['ALL'] }],
    ['a long name', { name: 'x'.repeat(101) }],
  ])('is refused with %s', async (_, over) => {
    expect(await world.refusal(world.tokens.operatorA, CREATE, { input: input(over), key: newId() })).toBe(
      'INVALID_INPUT',
    );
  });

  it('ends at its end, and when it is revoked: by its holder, by a security administrator, by nobody else', async () => {
    const late = await create(world.tokens.tidewell);
    await world.owner.query(`UPDATE access_token SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      late.apiToken.id,
    ]);
    expect(await world.refusal(late.token, VIEWER)).toBe('UNAUTHENTICATED');
    const security = await world.securityAdministrator();
    for (const [who, outcome] of [
      [world.tokens.northbank, 'NOT_FOUND'],
      [await world.companyAdministrator(), 'NOT_FOUND'],
      [world.tokens.tidewell, undefined],
      [security, undefined],
    ] as const) {
      const { token, apiToken } = await create(world.tokens.tidewell);
      expect(await world.refusal(token, VIEWER)).toBeUndefined();
      expect(await world.refusal(who, REVOKE, { id: apiToken.id, key: newId() })).toBe(outcome);
      expect(await world.refusal(token, VIEWER)).toBe(outcome === undefined ? 'UNAUTHENTICATED' : undefined);
    }
  });

  it('ends with the token that it was drawn with, however far behind and whosever it is, and a socket that it holds open', async () => {
    const administrator = await world.companyAdministrator(ORGANISATIONS.stranger);
    const { serviceAccount } = await world.get<{ serviceAccount: { id: string } }>(
      administrator,
      `mutation ($input: CreateServiceAccountInput!, $key: IdempotencyKey!) {
         createServiceAccount(input: $input, idempotencyKey: $key) { serviceAccount { id } } }`,
      { input: { name: 'drawn from afar', role: 'LOGISTICS' }, key: newId() },
    );
    const all = { scopes: ['MANAGE', 'READ', 'SUBSCRIBE'], expiresAt: inDays(30) };
    const root = await create(administrator, all);
    const second = await create(root.token, all);
    const drawn = [
      second,
      await create(second.token, all),
      await create(second.token, { ...all, serviceAccount: serviceAccount.id }),
    ];
    const beside = [administrator, (await create(administrator, all)).token];
    const sockets = [...drawn.map(({ token }) => token), ...beside].map((token) => socketOf(world.url, token));
    await until('all sockets to be open', () => sockets.every(({ isOpen }) => isOpen()));
    expect(await world.refusal(administrator, REVOKE, { id: root.apiToken.id, key: newId() })).toBeUndefined();
    for (const { token } of [root, ...drawn]) expect(await world.refusal(token, VIEWER)).toBe('UNAUTHENTICATED');
    await until('their sockets to be closed', () => sockets.slice(0, 3).every(({ closed }) => closed() === 4403));
    for (const token of beside) expect(await world.refusal(token, VIEWER)).toBeUndefined();
    expect(sockets.slice(3).map(({ closed }) => closed())).toEqual([null, null]);
    for (const { close } of sockets) await close();
    const listed = await world.get<{ nodes: { id: string; drawnWith: string | null }[] }>(
      administrator,
      '{ apiTokens { nodes { id drawnWith } } }',
    );
    const lineage = new Map(listed.nodes.map(({ id, drawnWith }) => [id, drawnWith]));
    expect(drawn.map(({ apiToken }) => lineage.get(apiToken.id))).toEqual([
      root.apiToken.id,
      second.apiToken.id,
      second.apiToken.id,
    ]);
  });

  it('that was drawn in a session is of no lineage, and outlives the session', async () => {
    await world.addWithPassword(ORGANISATIONS.tidewell, 'LOGISTICS', 'draws.and.leaves');
    const { token: session } = await world.signIn('draws.and.leaves');
    const { token } = await create(session);
    await world.get(session, 'mutation { signOut }');
    expect(await world.refusal(token, VIEWER)).toBeUndefined();
  });

  it('is shortened with the token that it was drawn with', async () => {
    const all = { scopes: ['MANAGE'], expiresAt: inDays(30) };
    const root = await create(world.tokens.operatorA, all);
    const drawn = await create((await create(root.token, all)).token, all);
    expect(await world.refusal(drawn.token, LIST)).toBeUndefined();
    await world.owner.query('UPDATE access_token SET expires_at = now() WHERE id = $1', [root.apiToken.id]);
    world.server.identity.forget();
    expect(await world.refusal(drawn.token, LIST)).toBe('UNAUTHENTICATED');
  });

  it('ends with it also when it is drawn while that is revoked', async () => {
    const all = { scopes: ['MANAGE'], expiresAt: inDays(30) };
    const root = await create(world.tokens.operatorA, all);
    const second = await create(root.token, all);
    const principal = await world.server.identity.principalOf(second.token);
    let revoking: Promise<unknown> = Promise.resolve();
    const last = await world.database.write(async (tx) => {
      const drawn = await createApiToken(tx, world.vault, principal, {
        serviceAccountId: null,
        name: 'meanwhile',
        scopes: ['MANAGE'],
        expiresAt: new Date(Date.now() + DAY),
      });
      revoking = world.get(world.tokens.operatorA, REVOKE, { id: root.apiToken.id, key: newId() });
      await until('the revocation to wait', async () => {
        const waiting = await world.rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '%UPDATE access_token%'`);
        return waiting.length > 0;
      });
      return drawn;
    });
    await revoking;
    expect(await world.rows('SELECT revoked_at IS NULL AS lives FROM access_token WHERE id = $1', [last.id])).toEqual([
      { lives: false },
    ]);
    const late = {
      serviceAccountId: null,
      name: '',
      scopes: ['MANAGE'],
      expiresAt: new Date(Date.now() + DAY),
    } as const;
    await expect(world.database.write((tx) => createApiToken(tx, world.vault, principal, late))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('does nothing that is about a session', async () => {
    for (const query of ['mutation { signOut }', 'mutation { offerSecondFactor { secret } }']) {
      expect(await world.refusal(world.tokens.tidewell, query)).toBe('FORBIDDEN');
    }
  });
});

describe('a service account', () => {
  const ACCOUNT = `mutation ($input: CreateServiceAccountInput!, $key: IdempotencyKey!) {
    createServiceAccount(input: $input, idempotencyKey: $key) { serviceAccount { id role name } } }`;
  const CLOSE = `mutation ($id: ID!, $key: IdempotencyKey!) { closeServiceAccount(id: $id, idempotencyKey: $key) { serviceAccount { closedAt } } }`;
  const ACCOUNTS = '{ serviceAccounts { nodes { id name } } }';
  const account = (name: string, over: object = {}) => ({ input: { name, role: 'LOGISTICS', ...over }, key: newId() });

  it('acts for its company by tokens that the company’s administrator draws, and ends with them', async () => {
    const administrator = await world.companyAdministrator();
    const { serviceAccount } = await world.get<{ serviceAccount: { id: string } }>(
      administrator,
      ACCOUNT,
      account('booking system'),
    );
    const { token, apiToken } = await create(administrator, {
      serviceAccount: serviceAccount.id,
      scopes: ['READ', 'SUBSCRIBE'],
    });
    expect(apiToken.holderName).toBe('booking system');
    expect(await world.get(token, VIEWER)).toEqual({
      kind: 'SERVICE_ACCOUNT',
      displayName: 'booking system',
      role: 'LOGISTICS',
      secondFactor: 'NOT_NEEDED',
      scopes: ['READ', 'SUBSCRIBE'],
    });
    expect(await world.get(token, '{ shipments { nodes { reference } } }')).toEqual({ nodes: [{ reference: 'TW-1' }] });
    expect(await world.get(administrator, ACCOUNTS)).toEqual({
      nodes: [{ id: serviceAccount.id, name: 'booking system' }],
    });
    const other = await world.companyAdministrator(ORGANISATIONS.northbank);
    expect(await world.get(other, ACCOUNTS)).toEqual({ nodes: [] });
    expect(await world.refusal(other, CLOSE, { id: serviceAccount.id, key: newId() })).toBe('NOT_FOUND');
    expect(
      await world.refusal(other, CREATE, { input: input({ serviceAccount: serviceAccount.id }), key: newId() }),
    ).toBe('NOT_FOUND');
    expect(await world.refusal(other, REVOKE, { id: apiToken.id, key: newId() })).toBe('NOT_FOUND');
    expect(await world.refusal(token, VIEWER)).toBeUndefined();
    await world.get(administrator, CLOSE, { id: serviceAccount.id, key: newId() });
    expect(await world.refusal(token, VIEWER)).toBe('UNAUTHENTICATED');
  });

  it('is made by administrators alone, in their company, in a role that grants nothing', async () => {
    const [company, security] = [await world.companyAdministrator(), await world.securityAdministrator()];
    const at = (organisation: string) => globalId('Organisation', organisation);
    expect(await world.refusal(world.tokens.tidewell, ACCOUNT, account('x'))).toBe('FORBIDDEN');
    expect(await world.refusal(company, ACCOUNT, account('x', { organisation: at(ORGANISATIONS.northbank) }))).toBe(
      'NOT_FOUND',
    );
    expect(await world.refusal(company, ACCOUNT, account('x', { role: 'COMPANY_ADMINISTRATOR' }))).toBe(
      'INVALID_INPUT',
    );
    expect(await world.refusal(company, ACCOUNT, account('x', { role: 'CUSTOMS_OFFICER' }))).toBe('INVALID_INPUT');
    expect(await world.refusal(company, ACCOUNT, account(''))).toBe('INVALID_INPUT');
    const terminal = account('tos', { role: 'GATE_OPERATOR', organisation: at(ORGANISATIONS.terminalA) });
    expect(await world.refusal(security, ACCOUNT, terminal)).toBeUndefined();
  });
});
