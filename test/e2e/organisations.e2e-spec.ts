import 'reflect-metadata';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowedNetworks } from '#libs/exchange';
import { creditCodeCheckCharacter } from '#libs/identifiers';
import { createLogger, newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globalId, parseGlobalId } from '../../apps/server/src/api/shared/global-id.js';
import { Housekeeping } from '../../apps/server/src/operations/housekeeping.js';
import { until } from '../support/until.js';
import { BOXES, boxNumber, DAY, fact, HANDOVER, ORGANISATIONS, SITE_B, tell, TODAY } from './graphql-world.js';
import { openMembersHouse, type MembersHouse } from './members-world.js';

let house: MembersHouse;
const OPERATOR = newId();
/** Two people of the platform operator, and its security administrator. */
let clerk: string;
let judge: string;
let security: string;

beforeAll(async () => {
  house = await openMembersHouse({
    // What closes a socket here is that it was told, and not that it was looked at again.
    liveLimits: { recheckMs: 3_600_000 },
    webhooks: { networks: allowedNetworks(['127.0.0.0/8']), times: { pollMs: 20, answerMs: 60_000, pausesMs: [50] } },
    // One page of an export, and then it waits for points.
    gate: { rates: { principalPoints: 1_000 } },
  });
  await house.database.write((tx) =>
    tx.query(
      `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, 'PLATFORM_OPERATOR', 'operator', '平台', 'OPERATOR', 'VERIFIED')`,
      [OPERATOR],
    ),
  );
  clerk = await house.member(OPERATOR, 'PLATFORM_OPERATOR');
  judge = await house.member(OPERATOR, 'PLATFORM_OPERATOR');
  security = await house.member(OPERATOR, 'SECURITY_ADMINISTRATOR');
});

afterAll(() => house.close());

let drawn = 0;
function freshCreditCode(): string {
  const body = `91330206${String((drawn += 1)).padStart(9, '0')}`;
  return `${body}${creditCodeCheckCharacter(body)}`;
}

interface Standing {
  readonly state: string;
  readonly nextStates: readonly string[] | null;
  readonly papers: readonly {
    readonly kind: string;
    readonly verdict: string | null;
    readonly verifiedBy: string | null;
    readonly verifiedAt: string | null;
  }[];
  readonly history: readonly {
    readonly command: string;
    readonly fromState: string | null;
    readonly toState: string;
    readonly at: string;
    readonly by: string | null;
    readonly reason: string | null;
  }[];
}

/** What an operator is told of an organisation. */
async function standing(id: string): Promise<Standing> {
  const { node } = await house.data<{ node: Standing }>(
    clerk,
    `query ($id: ID!) { node(id: $id) { ... on Organisation {
      state nextStates papers { kind verdict verifiedBy verifiedAt } history { command fromState toState at by reason } } } }`,
    { id },
  );
  return node;
}

interface Company {
  readonly id: string;
  readonly organisationId: string;
  readonly administrator: string;
}

async function register(): Promise<Company> {
  const creditCode = freshCreditCode();
  const { registerOrganisation } = await house.data<{ registerOrganisation: { organisation: { id: string } } }>(
    clerk,
    `mutation ($input: RegisterOrganisationInput!, $key: IdempotencyKey!) {
      registerOrganisation(input: $input, idempotencyKey: $key) { organisation { id } } }`,
    { input: { kind: 'LOGISTICS_COMPANY', name: creditCode, nameZh: creditCode, creditCode }, key: newId() },
  );
  const { id } = registerOrganisation.organisation;
  const [organisationId = ''] = parseGlobalId(id)?.key ?? [];
  return { id, organisationId, administrator: await house.member(organisationId, 'COMPANY_ADMINISTRATOR') };
}

const instant = (at: number): string => new Date(at).toISOString();
const paper = (kind: string, validTo: number | null = null, number = '1234') => ({
  kind,
  number,
  issuer: '市场监督管理局',
  validFrom: instant(TODAY - 300 * DAY),
  validTo: validTo === null ? null : instant(validTo),
  documentRef: 'shelf 7',
});
const FULL = [paper('BUSINESS_LICENCE'), paper('LEGAL_PERSON_ID')];

const SUBMIT = `mutation ($input: SubmitPapersInput!, $key: IdempotencyKey!) { submitPapers(input: $input, idempotencyKey: $key) { __typename } }`;
const submit = (token: string, papers: readonly object[], organisation?: string): Promise<string> =>
  house.outcome(token, SUBMIT, { input: { papers, ...(organisation === undefined ? {} : { organisation }) } });
const step = (token: string, name: string, organisation: string, reason?: string): Promise<string> =>
  house.outcome(
    token,
    `mutation ($organisation: ID!, ${reason === undefined ? '' : '$reason: String!, '}$key: IdempotencyKey!) {
      ${name}(organisation: $organisation, ${reason === undefined ? '' : 'reason: $reason, '}idempotencyKey: $key) { __typename } }`,
    { organisation, ...(reason === undefined ? {} : { reason }) },
  );

let serial = 600_000;
const book = (token: string): Promise<string> =>
  house.outcome(
    token,
    `mutation ($input: BookShipmentInput!, $key: IdempotencyKey!) { bookShipment(input: $input, idempotencyKey: $key) { __typename } }`,
    {
      input: { reference: 'R', trade: 'EXPORT', role: 'FORWARDER', containers: [{ number: boxNumber((serial += 1)) }] },
    },
  );

async function verified(papers: readonly object[] = FULL): Promise<Company> {
  const company = await register();
  expect(await submit(company.administrator, papers)).toBe('OK');
  expect(await step(judge, 'beginVerification', company.id)).toBe('OK');
  expect(await step(judge, 'verifyOrganisation', company.id)).toBe('OK');
  return company;
}

describe('real-name verification', () => {
  it('is a state with evidence, a verifier and a time, and books nothing before', async () => {
    const company = await register();
    expect(await standing(company.id)).toMatchObject({ state: 'REGISTERED', papers: [] });
    expect(await book(company.administrator)).toBe('ORGANISATION_NOT_VERIFIED');
    const { errors } = await house.ask(company.administrator, SUBMIT, {
      input: { papers: [paper('BUSINESS_LICENCE')] },
      key: newId(),
    });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', details: { missing: ['LEGAL_PERSON_ID'] } });
    expect(await standing(company.id)).toMatchObject({ state: 'REGISTERED', papers: [] });
    expect(await submit(company.administrator, FULL)).toBe('OK');
    expect(await step(judge, 'verifyOrganisation', company.id)).toBe('CONFLICT');
    expect(await step(judge, 'beginVerification', company.id)).toBe('OK');
    expect(await book(company.administrator)).toBe('ORGANISATION_NOT_VERIFIED');
    const before = Date.now();
    expect(await step(judge, 'verifyOrganisation', company.id)).toBe('OK');
    expect(await book(company.administrator)).toBe('OK');
    const { state, nextStates, papers, history } = await standing(company.id);
    expect([state, nextStates]).toEqual(['VERIFIED', ['EXPIRED', 'SUSPENDED']]);
    const verifiers = new Set(papers.map(({ verdict, verifiedBy }) => `${String(verdict)} ${String(verifiedBy)}`));
    expect([papers.length, verifiers.size]).toEqual([2, 1]);
    expect([...verifiers][0]).toMatch(/^ACCEPTED .+/);
    for (const { verifiedAt } of papers) expect(Date.parse(String(verifiedAt))).toBeGreaterThanOrEqual(before);
    expect(history.map(({ command, toState }) => [command, toState])).toEqual([
      ['VERIFY', 'VERIFIED'],
      ['BEGIN', 'VERIFYING'],
      ['SUBMIT', 'SUBMITTED'],
      ['REGISTER', 'REGISTERED'],
    ]);
  });

  it('is nobody’s own to give: neither of their organisation, nor of papers that they handed in', async () => {
    const company = await register();
    expect(await submit(clerk, FULL, company.id)).toBe('OK');
    expect(await step(clerk, 'beginVerification', company.id)).toBe('OK');
    expect(await step(clerk, 'verifyOrganisation', company.id)).toBe('FORBIDDEN');
    expect((await standing(company.id)).state).toBe('VERIFYING');
    expect(await step(judge, 'verifyOrganisation', company.id)).toBe('OK');
    expect(await step(judge, 'suspendOrganisation', globalId('Organisation', OPERATOR), 'mine')).toBe('FORBIDDEN');
    expect(await step(company.administrator, 'suspendOrganisation', company.id, 'mine')).toBe('FORBIDDEN');
    expect(await submit(company.administrator, FULL, globalId('Organisation', ORGANISATIONS.tidewell))).toBe(
      'NOT_FOUND',
    );
  });

  it('that was refused has its reason, and begins anew with new papers', async () => {
    const company = await register();
    expect(await submit(company.administrator, FULL)).toBe('OK');
    expect(await step(judge, 'beginVerification', company.id)).toBe('OK');
    expect(await step(judge, 'rejectOrganisation', company.id, 'the copy cannot be read')).toBe('OK');
    const { state, papers, history } = await standing(company.id);
    expect([state, papers.map(({ verdict }) => verdict)]).toEqual(['REJECTED', ['REFUSED', 'REFUSED']]);
    expect(history[0]).toMatchObject({ command: 'REJECT', reason: 'the copy cannot be read' });
    expect(await submit(company.administrator, FULL)).toBe('OK');
    expect((await standing(company.id)).state).toBe('SUBMITTED');
  });

  it('keeps of a person’s paper the last four characters alone', async () => {
    const company = await register();
    const whole = '330206198001011234';
    const answer = await house.ask(company.administrator, SUBMIT, {
      input: { papers: [paper('BUSINESS_LICENCE'), paper('LEGAL_PERSON_ID', null, whole)] },
      key: newId(),
    });
    expect(answer.errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
    expect(JSON.stringify(answer)).not.toContain(whole);
  });

  it('once asked is done once, however often it is sent', async () => {
    const creditCode = freshCreditCode();
    const input = { kind: 'BANK', name: 'A bank', nameZh: '银行', creditCode };
    const register = `mutation ($input: RegisterOrganisationInput!, $key: IdempotencyKey!) {
      registerOrganisation(input: $input, idempotencyKey: $key) { organisation { id } } }`;
    const key = newId();
    const first = await house.ask(clerk, register, { input, key });
    expect(await house.ask(clerk, register, { input, key })).toEqual(first);
    expect(await house.outcome(clerk, register, { input })).toBe('CONFLICT');
  });
});

describe('papers', () => {
  it('are told of before they run out, once at each distance, and then their organisation is verified no more', async () => {
    const end = TODAY + 40 * DAY;
    const { id, organisationId, administrator } = await verified([
      paper('BUSINESS_LICENCE', end),
      paper('LEGAL_PERSON_ID'),
    ]);
    const housekeeping = new Housekeeping(house.database, createLogger('spec', 'silent'));
    const told = async (): Promise<number[]> => {
      const { paperAlerts } = await house.data<{
        paperAlerts: { nodes: { daysBefore: number; paper: { kind: string } }[] };
      }>(administrator, `{ paperAlerts { nodes { daysBefore paper { kind } } } }`);
      expect(new Set(paperAlerts.nodes.map((alert) => alert.paper.kind)).size).toBeLessThanOrEqual(1);
      return paperAlerts.nodes.map(({ daysBefore }) => daysBefore);
    };
    const expected: [daysBefore: number, told: number[]][] = [
      [31, []],
      [30, [30]],
      [29, [30]],
      [7, [7, 30]],
      [1, [1, 7, 30]],
    ];
    for (const [days, alerts] of expected) {
      await housekeeping.sweep(end - days * DAY);
      await housekeeping.sweep(end - days * DAY);
      expect([days, await told()]).toEqual([days, alerts]);
      expect((await standing(id)).state).toBe('VERIFIED');
    }
    await housekeeping.sweep(end);
    expect(await told()).toEqual([0, 1, 7, 30]);
    const { state, history } = await standing(id);
    expect([state, history[0]]).toMatchObject([
      'EXPIRED',
      { command: 'EXPIRE', by: null, reason: 'has run out: BUSINESS_LICENCE' },
    ]);
    expect(await book(administrator)).toBe('ORGANISATION_NOT_VERIFIED');
    // it still reads what is its own, and comes back with a new paper
    expect((await house.ask(administrator, `{ shipments { nodes { id } } }`)).errors).toBeUndefined();
    expect(await submit(administrator, [paper('BUSINESS_LICENCE', end + 400 * DAY)])).toBe('OK');
    expect(await step(judge, 'beginVerification', id)).toBe('OK');
    expect(await step(judge, 'verifyOrganisation', id)).toBe('OK');
    expect(await book(administrator)).toBe('OK');
    // another company learns nothing of it
    expect(
      await house.database.read({ scope: 'COMPANY', organisationId: ORGANISATIONS.tidewell }, (tx) =>
        tx.query('SELECT 1 FROM paper_alert WHERE organisation_id = $1', [organisationId]),
      ),
    ).toEqual([]);
  });
});

const LIVE = `subscription { eventRecorded { id containerNumber } }`;
type Told = { eventRecorded: { containerNumber: string } };

/** A company's own server that takes every message. */
async function receiver(): Promise<{ readonly url: string; readonly bodies: string[]; close(): Promise<void> }> {
  const bodies: string[] = [];
  const server = createServer((incoming, answer) => {
    let body = '';
    incoming.on('data', (part: Buffer) => (body += part.toString('utf8')));
    incoming.on('end', () => {
      bodies.push(body);
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    bodies,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const exportOf = (token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) =>
    get(`${house.url}/exports/v1/events.ndjson`, { headers: { authorization: `Bearer ${token}` } }, resolve).on(
      'error',
      reject,
    ),
  );

describe('a suspension', () => {
  it('is there at once: questions are refused, what is followed is closed, webhooks and exports stop, until it is lifted', async () => {
    const { tidewell, northbank } = house.tokens;
    const id = globalId('Organisation', ORGANISATIONS.tidewell);
    const happen = (cause: string): Promise<string[]> =>
      tell(
        house.database,
        fact(`${cause} tidewell`, { asset: { kind: 'CONTAINER', code: BOXES.tidewell }, occurredAt: HANDOVER + DAY }),
        fact(`${cause} northbank`, { asset: { kind: 'CONTAINER', code: BOXES.northbank }, occurredAt: HANDOVER + DAY }),
      );
    await happen('long before');
    // More than goes into the sockets on the way: the rest waits for its reader.
    await house.database.write((tx) =>
      tx.query(
        `INSERT INTO tracking_event (site_id, id, kind, occurred_at, received_at, asset_kind, asset_code, container_number, source, causes, payload, hash)
         SELECT site_id, gen_random_uuid(), kind, occurred_at + n * interval '1 s', received_at, asset_kind, asset_code, container_number,
                source, causes, jsonb_build_object('direction', repeat('x', 4000)), hash
         FROM tracking_event, generate_series(1, 6000) AS n WHERE container_number = $1`,
        [BOXES.tidewell],
      ),
    );
    const hooks = await receiver();
    await house.data(
      tidewell,
      `mutation ($input: CreateWebhookInput!, $key: IdempotencyKey!) { createWebhook(input: $input, idempotencyKey: $key) { secret } }`,
      { input: { url: hooks.url, description: 'ours' }, key: newId() },
    );
    const heard = await house.listen<Told>(tidewell, LIVE);
    const others = await house.listen<Told>(northbank, LIVE);
    await happen('before');
    await until(
      'all to be told',
      () => heard.values.length === 1 && others.values.length === 1 && hooks.bodies.length === 1,
    );

    const file = await exportOf(tidewell);
    file.pause();
    expect(file.statusCode).toBe(200);

    expect(await step(security, 'suspendOrganisation', id, 'false papers')).toBe('OK');
    await until('the socket to be closed', () => heard.ends.length > 0);
    expect(heard.ends[0]).toMatchObject({ code: 4403, reason: 'ORGANISATION_SUSPENDED' });
    const { errors } = await house.ask(tidewell, `{ shipments { nodes { id } } }`);
    expect(errors?.[0]?.extensions.code).toBe('ORGANISATION_SUSPENDED');
    expect(await book(tidewell)).toBe('ORGANISATION_SUSPENDED');
    expect((await exportOf(tidewell)).statusCode).toBe(403);
    const again = await house.listen<Told>(tidewell, LIVE);
    expect(again.ends[0]).toMatchObject({ code: 4403, reason: 'ORGANISATION_SUSPENDED' });
    const broken = new Promise<string>((resolve) => {
      file.on('error', () => resolve('cut'));
      file.on('end', () => resolve('whole'));
    });
    file.resume();
    expect(await broken).toBe('cut');

    await happen('during');
    await until('the others to be told', () => others.values.length === 2);
    const disabled = async (): Promise<boolean> => {
      const [row] = await house.database.write((tx) =>
        tx.query(`SELECT state FROM webhook_endpoint WHERE organisation_id = $1`, [ORGANISATIONS.tidewell]),
      );
      return row?.['state'] === 'DISABLED';
    };
    await until('the webhook to be disabled', disabled);
    expect(hooks.bodies.length).toBe(1);
    expect(heard.values.length).toBe(1);
    expect((await house.ask(northbank, `{ shipments { nodes { id } } }`)).errors).toBeUndefined();

    expect(await step(security, 'liftSuspension', id, 'they were right')).toBe('OK');
    expect(await standing(id)).toMatchObject({
      state: 'VERIFIED',
      history: [
        { command: 'LIFT', reason: 'they were right' },
        { command: 'SUSPEND', reason: 'false papers' },
      ],
    });
    expect(await book(tidewell)).toBe('OK');
    const later = await house.listen<Told>(tidewell, LIVE);
    await happen('after');
    await until('tidewell to be told again', () => later.values.length === 1);
    later.stop();
    others.stop();
    await hooks.close();
  });
});

describe('a right that is taken', () => {
  const ofToken = (what: string) => (token: string) =>
    house.database.write((tx) =>
      tx.query(`UPDATE access_token SET ${what} WHERE token_hash = sha256($1)`, [Buffer.from(token)]),
    );

  it.each([
    ['a token is revoked', 'UNAUTHENTICATED', ofToken('revoked_at = now()')],
    ['a token is to end in a moment', 'UNAUTHENTICATED', ofToken(`expires_at = now() + interval '300 ms'`)],
    [
      'a site is no longer its organisation’s',
      'Your rights have changed: connect again',
      () =>
        house.database.write((tx) =>
          tx.query('UPDATE organisation_site SET site_id = $2 WHERE organisation_id = $1', [
            ORGANISATIONS.terminalA,
            SITE_B,
          ]),
        ),
    ],
  ])('closes what is followed when %s, and nobody else’s', async (_what, reason, take) => {
    const token = await house.member(ORGANISATIONS.terminalA, 'GATE_OPERATOR');
    const heard = await house.listen<Told>(token, LIVE);
    const other = await house.listen<Told>(house.tokens.operatorB, LIVE);
    expect([heard.ends, other.ends]).toEqual([[], []]);
    await take(token);
    await until('the socket to be closed', () => heard.ends.length > 0);
    expect(heard.ends[0]).toMatchObject({ code: 4403, reason });
    expect(other.ends).toEqual([]);
    other.stop();
  });
});
