import 'reflect-metadata';
import { createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RevocationFile } from '#libs/identity';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sm2 } from 'sm-crypto-v2';
import { CredentialsWorld } from './credentials-world.js';

interface KeyHolder {
  readonly certificate: string;
  readonly key: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/vectors/certificates.json', import.meta.url), 'utf8'),
) as { readonly authorities: Record<string, KeyHolder>; readonly people: Record<string, KeyHolder> };

const AUTHORITIES = ['rsa', 'p256', 'sm2'].map(
  (name) => new X509Certificate(vectors.authorities[name]?.certificate ?? ''),
);
const NONCE = 'mutation { requestCertificateNonce { nonce expiresAt } }';
const SIGN_IN = `mutation ($input: SignInByCertificateInput!) { signInByCertificate(input: $input) { token role secondFactor } }`;
const ADD = `mutation ($input: AddPersonInput!, $key: IdempotencyKey!) { addPerson(input: $input, idempotencyKey: $key) { personId } }`;

const keyOf = (name: string): KeyObject => createPrivateKey(vectors.people[name]?.key ?? '');

/** The scalar of an SM2 key: the last field of its PKCS #8 before the point. */
function sm2Scalar(name: string): string {
  const { d } =
    keyOf(name)
      .export({ format: 'der', type: 'pkcs8' })
      .toString('hex')
      .match(/020101(?:04)20(?<d>[0-9a-f]{64})/)?.groups ?? {};
  return d ?? '';
}

/** What the USB key makes of a text. */
function signed(name: string, text: string, key = keyOf(name)): string {
  const bytes = Buffer.from(text);
  if (name.startsWith('sm2')) {
    return Buffer.from(sm2.doSignature(bytes, sm2Scalar(name), { der: true, hash: true }), 'hex').toString('base64');
  }
  return sign(name === 'p384' ? 'sha384' : 'sha256', bytes, key).toString('base64');
}

const RESET = `mutation ($person: ID!, $key: IdempotencyKey!) {
  resetCredentials(person: $person, secondFactor: true, idempotencyKey: $key) { code } }`;

let world: CredentialsWorld;
let administrator: string;
const people: Record<string, string> = {};

beforeAll(async () => {
  world = await CredentialsWorld.open({ authorities: AUTHORITIES });
  world.clock.set(Date.parse('2026-12-01T00:00:00Z'));
  administrator = await world.companyAdministrator();
  for (const name of ['rsa', 'p256', 'p384', 'sm2', 'foreign', 'brief']) {
    const input = { displayName: name, role: 'COMPANY_ADMINISTRATOR', certificate: vectors.people[name]?.certificate };
    const { personId } = await world.get<{ personId: string }>(administrator, ADD, { input, key: newId() });
    people[name] = personId;
  }
});

afterAll(() => world.close());

const nonce = async (): Promise<string> => (await world.get<{ nonce: string }>(null, NONCE)).nonce;
const proof = (name: string, text: string, of: string) => ({
  input: { certificate: vectors.people[name]?.certificate, nonce: of, signature: signed(name, text) },
});

describe('a certificate on a USB key', () => {
  it.each(['rsa', 'p256', 'p384', 'sm2'])('lets its holder in with two factors shown: %s', async (name) => {
    const drawn = await nonce();
    const session = await world.get<{ token: string }>(null, SIGN_IN, proof(name, `Boxtrail sign-in\n${drawn}`, drawn));
    // A privileged role: with a password alone it would have to enrol a factor first.
    expect(session).toMatchObject({ role: 'COMPANY_ADMINISTRATOR', secondFactor: 'PASSED' });
    expect(await world.get(session.token, '{ viewer { displayName } }')).toEqual({ displayName: name });
  });

  it('signs each nonce once, and none but ours', async () => {
    const drawn = await nonce();
    const right = proof('rsa', `Boxtrail sign-in\n${drawn}`, drawn);
    expect(await world.refusal(null, SIGN_IN, right)).toBeUndefined();
    expect(await world.refusal(null, SIGN_IN, right)).toBe('SIGN_IN_REFUSED');
    expect(await world.refusal(null, SIGN_IN, proof('rsa', 'Boxtrail sign-in\nbxn_own', 'bxn_own'))).toBe(
      'SIGN_IN_REFUSED',
    );
    const late = await nonce();
    await world.owner.query(`UPDATE one_time_code SET expires_at = now() WHERE purpose = 'CERTIFICATE_NONCE'`);
    expect(await world.refusal(null, SIGN_IN, proof('rsa', `Boxtrail sign-in\n${late}`, late))).toBe('SIGN_IN_REFUSED');
  });

  it.each([
    ['a signature over the bare nonce', (of: string) => proof('rsa', of, of)],
    [
      'a signature by another key',
      (of: string) => ({
        input: { ...proof('rsa', '', of).input, signature: signed('unrestricted', `Boxtrail sign-in\n${of}`) },
      }),
    ],
    [
      'a certificate of an authority that only bears the same name',
      (of: string) => proof('foreign', `Boxtrail sign-in\n${of}`, of),
    ],
    ['a certificate that nobody here holds', (of: string) => proof('unrestricted', `Boxtrail sign-in\n${of}`, of)],
    ['no certificate', (of: string) => ({ input: { certificate: 'x', nonce: of, signature: 'eA==' } })],
  ])('is refused with %s', async (_, bring) => {
    expect(await world.refusal(null, SIGN_IN, bring(await nonce()))).toBe('SIGN_IN_REFUSED');
  });

  it('is refused when its time is over', async () => {
    const bring = async () => {
      const drawn = await nonce();
      return world.refusal(null, SIGN_IN, proof('brief', `Boxtrail sign-in\n${drawn}`, drawn));
    };
    expect(await bring()).toBeUndefined();
    const now = world.clock.now();
    world.clock.advance(60 * 86_400_000);
    expect(await bring()).toBe('SIGN_IN_REFUSED');
    world.clock.set(now);
  });

  it('lets nobody in any more once its holder was reset with the second factor', async () => {
    const bring = async () => {
      const drawn = await nonce();
      return world.refusal(null, SIGN_IN, proof('p256', `Boxtrail sign-in\n${drawn}`, drawn));
    };
    expect(await bring()).toBeUndefined();
    await world.get(administrator, RESET, { person: people['p256'], key: newId() });
    expect(await bring()).toBe('SIGN_IN_REFUSED');
  });
});

describe('a service that reads revocation lists', () => {
  const revocation = JSON.parse(
    readFileSync(new URL('../../fixtures/vectors/revocation.json', import.meta.url), 'utf8'),
  ) as {
    readonly authorities: Record<string, KeyHolder>;
    readonly people: Record<string, KeyHolder>;
    readonly lists: Record<string, string>;
  };
  const authority = (name: string) => new X509Certificate(revocation.authorities[name]?.certificate ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'boxtrail-lists-'));
  const path = join(folder, 'lists.pem');
  const bring = (...names: string[]) =>
    writeFileSync(path, names.map((name) => revocation.lists[name] ?? name).join('\n'));
  let reading: CredentialsWorld;

  beforeAll(async () => {
    bring('rsa-before', 'p256-before');
    reading = await CredentialsWorld.open({ authorities: ['rsa', 'p256', 'silent'].map(authority), revocations: path });
    reading.clock.set(Date.parse('2026-12-01T00:00:00Z'));
    const company = await reading.companyAdministrator();
    for (const name of ['rsa-held', 'rsa-revoked', 'p256-revoked', 'silent-held', 'encipherment', 'any-use']) {
      const input = { displayName: name, role: 'LOGISTICS', certificate: revocation.people[name]?.certificate };
      await reading.get(company, ADD, { input, key: newId() });
    }
  });

  afterAll(async () => {
    await reading.close();
    rmSync(folder, { recursive: true });
  });

  /** What is said to be wrong with the certificate; undefined for one that lets its holder in. */
  async function faultOf(name: string): Promise<unknown> {
    const { certificate, key } = revocation.people[name] ?? { certificate: '', key: '' };
    const { nonce: drawn } = await reading.get<{ nonce: string }>(null, NONCE);
    const signature = signed(name, `Boxtrail sign-in\n${drawn}`, createPrivateKey(key));
    const { errors } = await reading.ask(null, SIGN_IN, { input: { certificate, nonce: drawn, signature } });
    return errors?.[0]?.extensions.details['expected'];
  }

  it('lets in whom they leave alone, by keys that are for signing in', async () => {
    for (const name of ['rsa-held', 'rsa-revoked', 'p256-revoked', 'any-use'])
      expect([name, await faultOf(name)]).toEqual([name, undefined]);
    expect(await faultOf('encipherment')).toContain('its key is not for signing');
    expect(await faultOf('silent-held')).toContain('revocation list is not here');
  });

  it('reads them again when they change, and goes on by those from before when they cannot be read', async () => {
    bring('rsa-current', 'p256-before');
    expect(await faultOf('rsa-revoked')).toContain('it was revoked');
    expect(await faultOf('rsa-held')).toBeUndefined();
    bring('p256-current no more than half of');
    expect(await faultOf('rsa-revoked')).toContain('it was revoked');
    rmSync(path);
    expect(await faultOf('p256-revoked')).toBeUndefined();
    bring('rsa-current', 'p256-current');
    expect(await faultOf('p256-revoked')).toContain('it was revoked');
    bring('rsa-stale');
    expect(await faultOf('rsa-held')).toContain('revocation list is too old');
    expect(await faultOf('p256-revoked')).toContain('revocation list is not here');
  });

  it('does not start with a file that holds none', () => {
    writeFileSync(join(folder, 'none.pem'), 'none');
    for (const name of ['none.pem', 'not-there.pem']) {
      expect(() => new RevocationFile(join(folder, name), [authority('rsa')], () => undefined)).toThrow(
        expect.objectContaining({ code: 'INVALID_CONFIG' }),
      );
    }
  });
});
