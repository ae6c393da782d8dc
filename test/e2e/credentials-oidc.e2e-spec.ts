import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { oidcSubject, parseIssuers } from '#libs/identity';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { LyingIssuer, type Lie } from '../support/lying-issuer.js';
import { browserCookie } from '../../apps/server/src/api/sign-in/browser-cookies.js';
import { CredentialsWorld, type Answer } from './credentials-world.js';
import { ORGANISATIONS } from './graphql-world.js';

const REDEEM = 'mutation ($code: String!) { redeemSignIn(code: $code) { token secondFactor role } }';

let world: CredentialsWorld;
let provider: ChildProcess;
let liar: LyingIssuer;
let url = '';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  provider = fork(join(import.meta.dirname, '../support/oidc-provider.mjs'), [`${url}/auth/oidc/port-group/callback`], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    execArgv: [],
  });
  if (provider.stdout === null) throw new Error('the provider has no output');
  const [line] = (await once(provider.stdout, 'data')) as [Buffer];
  liar = await LyingIssuer.open();
  const issuers = parseIssuers(
    [
      { name: 'port-group', issuer: String(line).trim(), clientId: 'boxtrail', clientSecret: 'a secret of the spec' },
      { name: 'liar', issuer: liar.url, clientId: 'boxtrail', clientSecret: 'secret', secondFactorAmr: ['mfa'] },
    ],
    'the spec',
  );
  world = await CredentialsWorld.open({ issuers, publicUrl: url }, undefined, port);
  await world.add(ORGANISATIONS.tidewell, 'LOGISTICS', {
    DISPLAY_NAME: 'Li',
    OIDC_SUBJECT: oidcSubject(String(line).trim(), 'li.wei'),
  });
  for (const [subject, role] of [
    ['somebody', 'LOGISTICS'],
    ['boss', 'COMPANY_ADMINISTRATOR'],
  ] as const) {
    await world.add(ORGANISATIONS.tidewell, role, {
      DISPLAY_NAME: subject,
      OIDC_SUBJECT: oidcSubject(liar.url, subject),
    });
  }
});

afterEach(() => {
  liar.lie = {};
  liar.subject = 'somebody';
});

afterAll(async () => {
  provider.disconnect();
  await world.close();
  await liar.close();
});

/** As the page does that the browser came to. */
async function redeem(browser: Browser, code: string): Promise<Answer> {
  const answer = await browser.request(`${url}/graphql`, JSON.stringify({ query: REDEEM, variables: { code } }));
  return (await answer.json()) as Answer;
}

const refusalOf = ({ errors }: Answer): string | undefined => errors?.[0]?.extensions.code;

const isCallback = (at: string): boolean => at.includes('/callback?');
/** Where the form of a page goes. */
const actionIn = (page: string | null): string => /action="([^"]+)"/.exec(page ?? '')?.[1] ?? '';
const codeIn = (at: string): string => /#sign-in=(bxh_[\w-]+)$/.exec(at)?.[1] ?? '';

/** From our own start to the address that the issuer sends the browser back to. */
async function atLiar(browser: Browser): Promise<string> {
  return (await browser.follow(`${url}/auth/oidc/liar/start`, { stop: isCallback })).url;
}

describe('an OpenID Connect provider', () => {
  it('lets in whom it knows and we know, and sends them back to where they came from', async () => {
    const browser = new Browser();
    const login = await browser.follow(`${url}/auth/oidc/port-group/start?return=/graphql`);
    const consent = await browser.follow(actionIn(login.page), {
      form: { prompt: 'login', login: 'li.wei', password: 'x' },
    });
    const { url: at } = await browser.follow(actionIn(consent.page), {
      form: { prompt: 'consent' },
      stop: (where) => where.includes('#'),
    });
    expect(at).toMatch(new RegExp(`^${url}/graphql#sign-in=bxh_`));
    const { data } = await redeem(browser, codeIn(at));
    const { redeemSignIn: session } = data as unknown as { redeemSignIn: { token: string } };
    expect(await world.get(session.token, '{ viewer { displayName role } }')).toEqual({
      displayName: 'Li',
      role: 'LOGISTICS',
    });
    expect(refusalOf(await redeem(browser, codeIn(at)))).toBe('SIGN_IN_REFUSED');
  });

  it('that is not configured is not there, and goes nowhere but to paths of ours', async () => {
    const statusOf = (path: string) => new Browser().request(`${url}${path}`).then(({ status }) => status);
    expect(await statusOf('/auth/oidc/other/start')).toBe(404);
    expect(await statusOf('/auth/oidc/liar/start?return=https://elsewhere.example')).toBe(422);
    expect(await statusOf('/auth/oidc/liar/start?return=//elsewhere.example')).toBe(422);
    expect(await statusOf('/auth/oidc/liar/start?return=/\\elsewhere.example')).toBe(422);
    expect(await statusOf('/auth/oidc/liar/start?return=/graphql')).toBe(303);
  });
});

describe('an issuer’s word', () => {
  const outcome = async (lie: Lie): Promise<unknown> => {
    liar.lie = lie;
    const browser = new Browser();
    const {
      url: at,
      status,
      page,
    } = await browser.follow(await atLiar(browser), { stop: (where) => where.includes('#') });
    return status === null
      ? codeIn(at).slice(0, 4)
      : [status, (JSON.parse(page ?? '') as { error: { code: string } }).error.code];
  };

  it('counts when it is true', async () => {
    expect(await outcome({})).toBe('bxh_');
  });

  it.each<[string, Lie]>([
    ['another nonce', { claims: (claims) => ({ ...claims, nonce: 'another' }) }],
    ['no nonce', { claims: ({ nonce: _, ...claims }) => claims }],
    ['another audience', { claims: (claims) => ({ ...claims, aud: 'somebody else' }) }],
    ['an end that has passed', { claims: (claims) => ({ ...claims, exp: Math.floor(Date.now() / 1_000) - 3_600 }) }],
    ['another issuer', { claims: (claims) => ({ ...claims, iss: 'https://elsewhere.example' }) }],
    ['a key that it does not publish', { foreignKey: true }],
    ['a person whom nobody knows', { claims: (claims) => ({ ...claims, sub: 'nobody' }) }],
    ['no person', { claims: ({ sub: _, ...claims }) => claims }],
    ['no ID token', { silent: true }],
  ])('does not count with %s', async (_, lie) => {
    expect(await outcome(lie)).toEqual([401, 'SIGN_IN_REFUSED']);
  });

  it('counts once for each state, in the browser that began it, at the issuer that it was for', async () => {
    const browser = new Browser();
    const came = await atLiar(browser);
    const statusOf = (who: Browser, at: string) => who.request(at).then(({ status }) => status);
    const stolen = await atLiar(new Browser());
    expect(await statusOf(browser, stolen)).toBe(401);
    expect(await statusOf(browser, came)).toBe(303);
    expect(await statusOf(browser, came)).toBe(401);
    const elsewhere = new Browser();
    const crossed = (await atLiar(elsewhere)).replace('/liar/', '/port-group/');
    expect(await statusOf(elsewhere, crossed)).toBe(401);
    const invented = new Browser();
    const replaced = (await atLiar(invented)).replace(/state=[^&]+/, 'state=bxo_invented');
    expect(await statusOf(invented, replaced)).toBe(401);
    const late = new Browser();
    const waiting = await atLiar(late);
    await world.owner.query(`UPDATE one_time_code SET expires_at = now() WHERE purpose = 'OIDC_STATE'`);
    expect(await statusOf(late, waiting)).toBe(401);
  });

  it('gives its session to the browser that began, and neither to a thief of the code nor to whom somebody sends their own', async () => {
    const cameBack = async (browser: Browser) =>
      codeIn((await browser.follow(await atLiar(browser), { stop: (where) => where.includes('#') })).url);
    const [browser, other] = [new Browser(), new Browser()];
    const [own, others] = [await cameBack(browser), await cameBack(other)];
    expect(await world.refusal(null, REDEEM, { code: own })).toBe('SIGN_IN_REFUSED');
    expect(refusalOf(await redeem(new Browser(), own))).toBe('SIGN_IN_REFUSED');
    expect(refusalOf(await redeem(browser, others))).toBe('SIGN_IN_REFUSED');
    expect(refusalOf(await redeem(other, own))).toBe('SIGN_IN_REFUSED');
    for (const [who, code] of [
      [browser, own],
      [other, others],
    ] as const) {
      expect(refusalOf(await redeem(who, code))).toBeUndefined();
    }
  });

  it('is bound by cookies that no script reads, for as long as they are good for something', async () => {
    const browser = new Browser();
    const begun = await browser.request(`${url}/auth/oidc/liar/start`);
    const back = await browser.request(await atLiar(browser));
    const attributes = (answer: Response) =>
      answer.headers.getSetCookie().map((line) => line.replace(/=[\w-]{43}; /, '=…; '));
    const lax = 'HttpOnly; SameSite=Lax';
    expect(attributes(begun)).toEqual([`boxtrail_oidc=…; Path=/auth/oidc; ${lax}; Max-Age=600`]);
    expect(attributes(back)).toEqual([
      `boxtrail_oidc=; Path=/auth/oidc; ${lax}; Max-Age=0`,
      `boxtrail_hand_over=…; Path=/graphql; ${lax}; Max-Age=60`,
    ]);
    expect(browserCookie('boxtrail_hand_over', 'x', true)).toMatch(/; Secure$/);
  });

  it('does not stand in for the second factor of a privileged role, unless it says so and is believed', async () => {
    liar.subject = 'boss';
    for (const [amr, state] of [
      [undefined, 'TO_ENROL'],
      [['pwd'], 'TO_ENROL'],
      [['pwd', 'mfa'], 'PASSED'],
    ] as const) {
      liar.lie = { claims: (claims) => ({ ...claims, amr }) };
      const browser = new Browser();
      const { url: at } = await browser.follow(await atLiar(browser), { stop: (where) => where.includes('#') });
      expect(await redeem(browser, codeIn(at))).toMatchObject({ data: { redeemSignIn: { secondFactor: state } } });
    }
  });
});
