import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { PostedSms, Vault } from '#libs/identity';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TextMessages } from '../support/text-messages.js';
import { CredentialsWorld, type Answer } from './credentials-world.js';
import { ORGANISATIONS } from './graphql-world.js';

const REQUEST = 'mutation ($phone: String!) { requestPhoneCode(phone: $phone) { expiresAt } }';
const SIGN_IN =
  'mutation ($phone: String!, $code: String!) { signInByPhone(phone: $phone, code: $code) { token role } }';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let gateway: TextMessages;
let world: CredentialsWorld;
let drivers = 0;

/** @returns a number that a driver has from now on */
async function driver(): Promise<string> {
  drivers += 1;
  const phone = `+86138000${String(drivers).padStart(5, '0')}`;
  await world.add(ORGANISATIONS.tidewell, 'DRIVER', { DISPLAY_NAME: `Driver ${drivers}`, PHONE: phone });
  return phone;
}

async function codeFor(phone: string): Promise<string> {
  const { body } = await gateway.next(() => world.get(null, REQUEST, { phone }));
  return (JSON.parse(body) as { code: string }).code;
}

/** @returns the refusal's code, if it is one */
async function bring(phone: string, code: string, address: string): Promise<string | undefined> {
  const answer = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ query: SIGN_IN, variables: { phone, code } }),
  });
  return ((await answer.json()) as Answer).errors?.[0]?.extensions.code;
}

const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

beforeAll(async () => {
  gateway = await TextMessages.open();
  // the spec itself is the proxy
  world = await CredentialsWorld.open({ sms: new PostedSms(gateway.url, SECRET) }, Vault.unkept(), 0, ['127.0.0.1']);
});

afterAll(async () => {
  await world.close();
  await gateway.close();
});

describe('a driver', () => {
  it('signs in by a code that is sent to the telephone, once', async () => {
    const phone = await driver();
    const { body, headers } = await gateway.next(() => world.get(null, REQUEST, { phone: phone.slice(3) }));
    const { code } = JSON.parse(body) as { code: string };
    expect(JSON.parse(body)).toEqual({ phone, code: expect.stringMatching(/^\d{6}$/) });
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(await world.refusal(null, SIGN_IN, { phone, code: wrong(code) })).toBe('SIGN_IN_REFUSED');
    const { token, role } = await world.get<{ token: string; role: string }>(null, SIGN_IN, { phone, code });
    expect(role).toBe('DRIVER');
    expect(await world.get(token, '{ viewer { role } }')).toEqual({ role: 'DRIVER' });
    expect(await world.refusal(null, SIGN_IN, { phone, code })).toBe('SIGN_IN_REFUSED');
  });

  it('has four attempts at a code, from whatever addresses, and then the right one is refused too', async () => {
    const [phone, other] = [await driver(), await driver()];
    const [code, control] = [await codeFor(phone), await codeFor(other)];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const address = `203.0.113.${attempt}`;
      expect(await bring(phone, wrong(code), address)).toBe('SIGN_IN_REFUSED');
      if (attempt < 4) expect(await bring(other, wrong(control), address)).toBe('SIGN_IN_REFUSED');
    }
    expect(await bring(other, control, '203.0.113.5')).toBeUndefined();
    expect(await bring(phone, code, '203.0.113.5')).toBe('SIGN_IN_REFUSED');
  });

  it('has them at all codes of an hour: more codes give no more guesses, and the hour lets the driver in again', async () => {
    const phone = await driver();
    for (let round = 1; round <= 2; round += 1) {
      const code = await codeFor(phone);
      for (const address of ['203.0.113.11', '203.0.113.12'])
        expect(await bring(phone, wrong(code), address)).toBe('SIGN_IN_REFUSED');
    }
    const refused = (await world.ask(null, REQUEST, { phone })).errors?.[0]?.extensions;
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 'wrong codes for one number' } });
    const wait = Number(refused?.details['retryAfterSeconds']);
    expect([wait > 3_500, wait <= 3_600]).toEqual([true, true]);
    await world.owner.query(`UPDATE phone_code SET created_at = created_at - interval '1 hour'`);
    const code = await codeFor(phone);
    for (let attempt = 1; attempt <= 3; attempt += 1)
      expect(await bring(phone, wrong(code), '203.0.113.13')).toBe('SIGN_IN_REFUSED');
    expect(await bring(phone, code, '203.0.113.14')).toBeUndefined();
  });

  it('has no more of them by bringing all at once', async () => {
    const phone = await driver();
    const code = await codeFor(phone);
    await Promise.all(Array.from({ length: 12 }, (_, at) => bring(phone, wrong(code), `203.0.113.${20 + at}`)));
    expect(await world.rows('SELECT max(attempts) AS most FROM phone_code WHERE used_at IS NULL')).toEqual([
      { most: 4 },
    ]);
    expect(await bring(phone, code, '203.0.113.40')).toBe('SIGN_IN_REFUSED');
  });

  it('spends none of them by the right code', async () => {
    const phone = await driver();
    for (let time = 1; time <= 5; time += 1)
      expect(await bring(phone, await codeFor(phone), '203.0.113.50')).toBeUndefined();
  });

  it('has five minutes, and the newest code alone', async () => {
    const phone = await driver();
    const code = await codeFor(phone);
    await world.owner.query(`UPDATE phone_code SET expires_at = expires_at - interval '5 minutes'`);
    expect(await world.refusal(null, SIGN_IN, { phone, code })).toBe('SIGN_IN_REFUSED');
    const [former, newest] = [await codeFor(phone), await codeFor(phone)];
    if (former !== newest) expect(await world.refusal(null, SIGN_IN, { phone, code: former })).toBe('SIGN_IN_REFUSED');
    expect(await world.refusal(null, SIGN_IN, { phone, code: newest })).toBeUndefined();
  });

  it('gets five codes an hour', async () => {
    const [phone, other] = [await driver(), await driver()];
    for (let count = 0; count < 5; count += 1) await codeFor(phone);
    const refused = (await world.ask(null, REQUEST, { phone })).errors?.[0]?.extensions;
    expect(refused?.code).toBe('RATE_LIMITED');
    expect(refused?.details['retryAfterSeconds']).toBeGreaterThan(3_500);
    expect(await codeFor(other)).toMatch(/^\d{6}$/);
    await world.owner.query(`UPDATE phone_code SET created_at = created_at - interval '1 hour'`);
    expect(await codeFor(phone)).toMatch(/^\d{6}$/);
  });
});

describe('a number that no driver has', () => {
  it('is answered alike, and nothing is sent to it', async () => {
    const office = '+8657400000001';
    await world.add(ORGANISATIONS.tidewell, 'LOGISTICS', { DISPLAY_NAME: 'Office', PHONE: office });
    const known = await driver();
    const before = gateway.sent.length;
    const answers = [];
    for (const phone of ['+8613700000000', office]) answers.push(await world.ask(null, REQUEST, { phone }));
    const sent = await gateway.next(async () => answers.push(await world.ask(null, REQUEST, { phone: known })));
    expect(JSON.parse(sent.body)).toMatchObject({ phone: known });
    expect(gateway.sent).toHaveLength(before + 1);
    const at = expect.any(String);
    expect(answers).toEqual(Array(3).fill({ data: { requestPhoneCode: { expiresAt: at } } }));
  });

  it('is refused when it is none', async () => {
    for (const phone of ['', '12345', '+0138', 'x'.repeat(500)]) {
      expect(await world.refusal(null, REQUEST, { phone })).toBe('INVALID_INPUT');
    }
  });
});

describe('a service without a sender', () => {
  it('says so, and draws no code', async () => {
    const mute = await CredentialsWorld.open({}, Vault.unkept());
    try {
      expect(await mute.refusal(null, REQUEST, { phone: '13800000001' })).toBe('UNAVAILABLE');
      expect(await mute.rows('SELECT * FROM phone_code')).toEqual([]);
    } finally {
      await mute.close();
    }
  });
});
