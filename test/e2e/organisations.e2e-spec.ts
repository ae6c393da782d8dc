import 'reflect-metadata';
import { creditCodeCheckCharacter } from '#libs/identifiers';
import { createLogger, newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globalId, parseGlobalId } from '../../apps/server/src/api/shared/global-id.js';
import { Housekeeping } from '../../apps/server/src/operations/housekeeping.js';
import { DAY, ORGANISATIONS, TODAY } from './graphql-world.js';
import { openOrganisationsHouse, OPERATOR, type OrganisationsHouse } from './organisations-house.js';

let house: OrganisationsHouse;

beforeAll(async () => {
  house = await openOrganisationsHouse();
});

afterAll(() => house.close());

let drawn = 0;
function freshCreditCode(): string {
  const body = `91330206${String((drawn += 1)).padStart(9, '0')}`;
  return `${body}${creditCodeCheckCharacter(body)}`;
}

interface Company {
  readonly id: string;
  readonly organisationId: string;
  readonly administrator: string;
}

async function register(): Promise<Company> {
  const creditCode = freshCreditCode();
  const { registerOrganisation } = await house.data<{ registerOrganisation: { organisation: { id: string } } }>(
    house.clerk,
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

async function verified(papers: readonly object[] = FULL): Promise<Company> {
  const company = await register();
  expect(await submit(company.administrator, papers)).toBe('OK');
  expect(await house.step(house.judge, 'beginVerification', company.id)).toBe('OK');
  expect(await house.step(house.judge, 'verifyOrganisation', company.id)).toBe('OK');
  return company;
}

describe('real-name verification', () => {
  it('is a state with evidence, a verifier and a time, and books nothing before', async () => {
    const company = await register();
    expect(await house.standing(company.id)).toMatchObject({ state: 'REGISTERED', papers: [] });
    expect(await house.book(company.administrator)).toBe('ORGANISATION_NOT_VERIFIED');
    const { errors } = await house.ask(company.administrator, SUBMIT, {
      input: { papers: [paper('BUSINESS_LICENCE')] },
      key: newId(),
    });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', details: { missing: ['LEGAL_PERSON_ID'] } });
    expect(await house.standing(company.id)).toMatchObject({ state: 'REGISTERED', papers: [] });
    expect(await submit(company.administrator, FULL)).toBe('OK');
    expect(await house.step(house.judge, 'verifyOrganisation', company.id)).toBe('CONFLICT');
    expect(await house.step(house.judge, 'beginVerification', company.id)).toBe('OK');
    expect(await house.book(company.administrator)).toBe('ORGANISATION_NOT_VERIFIED');
    const before = Date.now();
    expect(await house.step(house.judge, 'verifyOrganisation', company.id)).toBe('OK');
    expect(await house.book(company.administrator)).toBe('OK');
    const { state, nextStates, papers, history } = await house.standing(company.id);
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
    expect(await submit(house.clerk, FULL, company.id)).toBe('OK');
    expect(await house.step(house.clerk, 'beginVerification', company.id)).toBe('OK');
    expect(await house.step(house.clerk, 'verifyOrganisation', company.id)).toBe('FORBIDDEN');
    expect((await house.standing(company.id)).state).toBe('VERIFYING');
    expect(await house.step(house.judge, 'verifyOrganisation', company.id)).toBe('OK');
    expect(await house.step(house.judge, 'suspendOrganisation', globalId('Organisation', OPERATOR), 'mine')).toBe(
      'FORBIDDEN',
    );
    expect(await house.step(company.administrator, 'suspendOrganisation', company.id, 'mine')).toBe('FORBIDDEN');
    expect(await submit(company.administrator, FULL, globalId('Organisation', ORGANISATIONS.tidewell))).toBe(
      'NOT_FOUND',
    );
  });

  it('that was refused has its reason, and begins anew with new papers', async () => {
    const company = await register();
    expect(await submit(company.administrator, FULL)).toBe('OK');
    expect(await house.step(house.judge, 'beginVerification', company.id)).toBe('OK');
    expect(await house.step(house.judge, 'rejectOrganisation', company.id, 'the copy cannot be read')).toBe('OK');
    const { state, papers, history } = await house.standing(company.id);
    expect([state, papers.map(({ verdict }) => verdict)]).toEqual(['REJECTED', ['REFUSED', 'REFUSED']]);
    expect(history[0]).toMatchObject({ command: 'REJECT', reason: 'the copy cannot be read' });
    expect(await submit(company.administrator, FULL)).toBe('OK');
    expect((await house.standing(company.id)).state).toBe('SUBMITTED');
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
    const first = await house.ask(house.clerk, register, { input, key });
    expect(await house.ask(house.clerk, register, { input, key })).toEqual(first);
    expect(await house.outcome(house.clerk, register, { input })).toBe('CONFLICT');
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
      expect((await house.standing(id)).state).toBe('VERIFIED');
    }
    await housekeeping.sweep(end);
    expect(await told()).toEqual([0, 1, 7, 30]);
    const { state, history } = await house.standing(id);
    expect([state, history[0]]).toMatchObject([
      'EXPIRED',
      { command: 'EXPIRE', by: null, reason: 'has run out: BUSINESS_LICENCE' },
    ]);
    expect(await house.book(administrator)).toBe('ORGANISATION_NOT_VERIFIED');
    // it still reads what is its own, and comes back with a new paper
    expect((await house.ask(administrator, `{ shipments { nodes { id } } }`)).errors).toBeUndefined();
    expect(await submit(administrator, [paper('BUSINESS_LICENCE', end + 400 * DAY)])).toBe('OK');
    expect(await house.step(house.judge, 'beginVerification', id)).toBe('OK');
    expect(await house.step(house.judge, 'verifyOrganisation', id)).toBe('OK');
    expect(await house.book(administrator)).toBe('OK');
    // another company learns nothing of it
    expect(
      await house.database.read({ scope: 'COMPANY', organisationId: ORGANISATIONS.tidewell }, (tx) =>
        tx.query('SELECT 1 FROM paper_alert WHERE organisation_id = $1', [organisationId]),
      ),
    ).toEqual([]);
  });
});
