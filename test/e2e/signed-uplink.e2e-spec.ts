import 'reflect-metadata';
import { Vault } from '#libs/identity';
import { newBootId, newId } from '#libs/kernel';
import { agree, drawHalf, sign } from '#libs/signing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { until } from '../support/until.js';
import { buildSweepWorld, planted } from './sweep-world.js';

const TARGET = '/ingest/v1/health';
const { gateway, site } = planted('near');

/** By role, of the side whose gateway this is. */
let house: ApiHouse<Readonly<Record<string, string>>>;

beforeAll(async () => {
  house = await openApiHouse(async (database) => {
    const { askers } = await buildSweepWorld(database, Vault.unkept());
    return Object.fromEntries(askers.filter(({ side }) => side === 'near').map(({ role, token }) => [role, token]));
  });
});

afterAll(() => house.close());

const ask = <T>(role: string, query: string, variables: object = {}): Promise<T> =>
  house.data<T>(house.tokens[role] ?? '', query, variables);

interface Key {
  readonly keyId: string;
  readonly secret: Buffer;
}

/** What a gateway does with the code that its operator was given. */
async function enrol(): Promise<Key> {
  const { enrolGateway } = await ask<{ enrolGateway: { code: string } }>(
    'SYSTEM_ADMINISTRATOR',
    `mutation ($input: EnrolGatewayInput!, $key: IdempotencyKey!) { enrolGateway(input: $input, idempotencyKey: $key) { code } }`,
    { input: { gateway, site }, key: newId() },
  );
  const half = drawHalf();
  const offer = {
    code: enrolGateway.code,
    gatewayId: gateway,
    siteId: site,
    publicValue: half.publicValue.toString('base64url'),
  };
  const answer = await request(house.url).post('/ingest/v1/enrol').send(offer);
  const { keyId, publicValue } = answer.body as { keyId: string; publicValue: string };
  const other = await request(house.url)
    .post('/ingest/v1/enrol')
    .send({ ...offer, publicValue: drawHalf().publicValue.toString('base64url') });
  expect([answer.status, other.status]).toEqual([200, 401]);
  const servicePublic = Buffer.from(publicValue, 'base64url');
  const { privateValue, publicValue: machinePublic } = half;
  return { keyId, secret: agree({ side: 'MACHINE', privateValue, machinePublic, servicePublic, machineId: gateway }) };
}

const report = (): string =>
  JSON.stringify({
    gatewayId: gateway,
    siteId: site,
    at: Date.now(),
    spool: { unsentItems: 0, oldestUnsentAt: null, bytes: 1, maxBytes: 2, damagedRecords: 0 },
    devices: [],
  });

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const boot = newBootId();
let sequence = 0;

function signed({ keyId, secret }: Key, at = Date.now()): Sent {
  const body = report();
  const facts = { method: 'POST', target: TARGET, keyId, machineId: gateway, boot, sequence: ++sequence, at };
  return { headers: { ...sign(facts, Buffer.from(body), secret) }, body };
}

async function post({ headers, body }: Sent): Promise<{ status: number; code: string | undefined }> {
  const answer = await request(house.url).post(TARGET).set('content-type', 'application/json').set(headers).send(body);
  return { status: answer.status, code: (answer.body as { error?: { code?: string } }).error?.code };
}

async function alarms(): Promise<string[]> {
  const { alerts } = await ask<{ alerts: { nodes: { kind: string }[] } }>(
    'GATE_OPERATOR',
    '{ alerts(first: 50) { nodes { kind } } }',
  );
  return alerts.nodes.map(({ kind }) => kind).filter((kind) => kind.startsWith('DEVICE_'));
}

describe('a signed request', () => {
  it('is taken once; what is sent again, changed or late is refused, and the terminal is alarmed', async () => {
    const key = await enrol();
    const first = signed(key);
    expect((await post(first)).status).toBe(204);
    expect((await post(first)).status).toBe(401);
    await until('the alarm of the replay', async () => (await alarms()).length >= 1);
    const changed = signed(key);
    expect((await post({ ...changed, body: changed.body.replace(site, site.replace('B', 'C')) })).status).toBe(401);
    for (const name of Object.keys(changed.headers)) {
      const value = changed.headers[name] ?? '';
      const other = value.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '1' ? '2' : '1'));
      const answer = await post({ ...signed(key), headers: { ...changed.headers, [name]: other } });
      expect([name, answer.status]).toEqual([name, 401]);
    }
    await until('the alarm of the signature', async () => new Set(await alarms()).size >= 2);
    // an hour off: the gateway is told, and nobody is alarmed by it
    expect((await post(signed(key, Date.now() - 3_600_000))).status).toBe(401);
    expect((await post(signed(key))).status).toBe(204);
  });

  it('is needed: a bearer token alone is refused', async () => {
    const answer = await request(house.url).post(TARGET).set('authorization', 'Bearer bxg_anything').send(report());
    expect(answer.status).toBe(401);
  });

  it('is refused within seconds once the key was revoked, and the next enrolment is taken', async () => {
    const key = await enrol();
    expect((await post(signed(key))).status).toBe(204);
    await ask(
      'SYSTEM_ADMINISTRATOR',
      `mutation ($input: RevokeGatewayKeysInput!, $key: IdempotencyKey!) { revokeGatewayKeys(input: $input, idempotencyKey: $key) { keys { keyId } } }`,
      { input: { gateway, reason: 'lost' }, key: newId() },
    );
    await until('the key to be refused', async () => (await post(signed(key))).status === 401);
    expect((await post(signed(await enrol()))).status).toBe(204);
  });
});
