import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { agree, confirmation, drawHalf, readSigned, sign, type SignedRequest } from '#libs/signing';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { Identity } from '../identity.js';
import { SecretBox } from '../secret-box.js';
import { issueGatewayToken } from '../tokens.js';
import { admit } from './admission.js';
import { drawEnrolmentCode, exchangeCode } from './enrolment.js';
import { askForChange, changeKey, listKeys, revokeKeys, type GivenKey } from './key-book.js';
import { MachineKeys } from './machine-keys.js';
import type { MachineAlarm } from './refusal.js';

const SITE = 'CNNBO-BLYUA';
const box = new SecretBox(Buffer.alloc(32, 7));
const MINUTE = 60_000;

let store: TestDatabase;
let database: Database;
let clock: ManualClock;
let keys: MachineKeys;
let gateway: string;
let count = 0;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  await database.write((tx) =>
    tx.query(`INSERT INTO site VALUES ($1, 'CNNBO', 'BLYUA', $1, $1, 122.05, 29.88)`, [SITE]),
  );
}, 60_000);

afterAll(async () => {
  await database.close();
  await store.drop();
});

// PostgreSQL's now() stands in some columns: the clock that is moved by hand begins there.
beforeEach(() => {
  clock = new ManualClock(Date.now());
  keys = new MachineKeys(database, box, clock);
  gateway = `${SITE}/GW-${(count += 1)}`;
});

const draw = (offer: { minutes?: number; keyDays?: number | null } = {}) =>
  database.write((tx) =>
    drawEnrolmentCode(
      tx,
      { gatewayId: gateway, siteId: SITE, minutes: 30, keyDays: null, drawnBy: null, ...offer },
      clock.now(),
    ),
  );

const exchange = (code: string, machinePublic: Buffer, { gatewayId = gateway, siteId = SITE } = {}) =>
  database.write((tx) => exchangeCode(tx, box, { code, gatewayId, siteId, machinePublic }, clock.now()));

/** A machine as the gateway is one, with all that it needs to sign. */
class Machine {
  sequence = 0;
  boot = 'boot-one';
  half = drawHalf();

  constructor(
    readonly keyId: string,
    readonly secret: Buffer,
  ) {}

  static async enrol(offer: { keyDays?: number | null } = {}): Promise<Machine> {
    const half = drawHalf();
    const { code } = await draw(offer);
    return Machine.with(await exchange(code, half.publicValue), half);
  }

  static with(given: GivenKey, half: ReturnType<typeof drawHalf>): Machine {
    const { keyId, servicePublic } = given;
    const secret = agree({
      side: 'MACHINE',
      privateValue: half.privateValue,
      machinePublic: half.publicValue,
      servicePublic,
      machineId: gateway,
    });
    expect(given.confirmation).toBe(confirmation(secret, keyId));
    return new Machine(keyId, secret);
  }

  request({ at = clock.now(), machineId = gateway, secret = this.secret } = {}): SignedRequest {
    const facts = { method: 'POST', target: '/x', keyId: this.keyId, machineId, boot: this.boot, at };
    const headers = sign({ ...facts, sequence: (this.sequence += 1) }, Buffer.from('{}'), secret);
    const request = readSigned('POST', '/x', headers);
    if (request === null) throw new Error('it bears no signature');
    return request;
  }

  async send(request = this.request(), address = '10.0.0.7'): Promise<MachineAlarm | null> {
    const sender = await keys.recognise(request);
    return database.write((tx) => admit(tx, sender, request, { address, receivedAt: clock.now() }));
  }

  async change(): Promise<Machine> {
    const { publicValue: machinePublic } = this.half;
    const asking = { gatewayId: gateway, keyId: this.keyId, machinePublic };
    const given = await database.write((tx) => changeKey(tx, box, asking, clock.now()));
    return Machine.with(given, this.half);
  }
}

const statesNow = async (): Promise<string[]> =>
  (await database.write(listKeys)).filter(({ gatewayId }) => gatewayId === gateway).map(({ state }) => state);

const refusal = (code: string, details: object = {}, kind: string | null = null) =>
  expect.objectContaining({
    code,
    details: expect.objectContaining(details),
    alarm: kind === null ? null : expect.objectContaining({ kind, gatewayId: gateway, siteId: SITE }),
  });

describe('a code', () => {
  it('is exchanged once; the same machine whose answer was lost gets the same key', async () => {
    const { code } = await draw();
    expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
    const half = drawHalf();
    const first = await exchange(code, half.publicValue);
    expect(await exchange(code.toLowerCase().replaceAll('-', ' '), half.publicValue)).toEqual(first);
    await expect(exchange(code, drawHalf().publicValue)).rejects.toEqual(
      refusal('UNAUTHENTICATED', { field: 'code' }, 'DEVICE_SIGNATURE'),
    );
    await Machine.with(first, half).send();
    await expect(exchange(code, half.publicValue)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('gives two who come at once one key', async () => {
    const { code } = await draw();
    const attempts = await Promise.allSettled([1, 2, 3].map(() => exchange(code, drawHalf().publicValue)));
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await statesNow()).toEqual(['NEW']);
  });

  it('is refused alike when it is wrong, of another gateway or site, withdrawn or too old', async () => {
    const own = await draw({ minutes: 1 });
    const refused = refusal('UNAUTHENTICATED', { field: 'code' });
    const { publicValue } = drawHalf();
    await expect(exchange('00000-00000-00000-00000', publicValue)).rejects.toEqual(refused);
    await expect(exchange(own.code, publicValue, { gatewayId: 'another' })).rejects.toEqual(refused);
    await expect(exchange(own.code, publicValue, { siteId: 'another' })).rejects.toEqual(refused);
    const newer = await draw({ minutes: 1 });
    await expect(exchange(own.code, publicValue)).rejects.toEqual(refused);
    clock.advance(MINUTE);
    await expect(exchange(newer.code, publicValue)).rejects.toEqual(refused);
    expect(await statesNow()).toEqual([]);
  });

  it.each([{ minutes: 0 }, { minutes: 1_441 }, { minutes: 1.5 }, { keyDays: 0 }, { keyDays: 3_651 }])(
    'is not drawn with %j',
    async (offer) => {
      await expect(draw(offer)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    },
  );
});

describe('a key', () => {
  it('is in the database sealed, and its code hashed', async () => {
    const { code } = await draw();
    const half = drawHalf();
    const machine = Machine.with(await exchange(code, half.publicValue), half);
    const rows = await database.write((tx) =>
      tx.query(
        `SELECT to_jsonb(k) || to_jsonb(c) AS row
      FROM machine_key k JOIN enrolment_code c ON c.key_id = k.id WHERE k.gateway_id = $1`,
        [gateway],
      ),
    );
    const stored = JSON.stringify(rows);
    for (const secret of [machine.secret.toString('hex'), code, Buffer.from(code).toString('hex')]) {
      expect(stored.toLowerCase()).not.toContain(secret.toLowerCase());
    }
    const elsewhere = new MachineKeys(database, new SecretBox(Buffer.alloc(32, 8)), clock);
    await expect(elsewhere.recognise(machine.request())).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('signs for its own gateway alone', async () => {
    const machine = await Machine.enrol();
    const wrong = refusal('UNAUTHENTICATED', { reason: 'SIGNATURE' }, 'DEVICE_SIGNATURE');
    await expect(keys.recognise(machine.request({ secret: Buffer.alloc(32) }))).rejects.toEqual(wrong);
    await expect(keys.recognise(machine.request({ machineId: 'another' }))).rejects.toEqual(wrong);
    const nobodys = new Machine('0190f5a6-7c3e-7d4a-9b1f-3f6c2a5d8e01', machine.secret);
    await expect(keys.recognise(nobodys.request())).rejects.toEqual(
      refusal('UNAUTHENTICATED', { reason: 'SIGNATURE' }),
    );
    expect(await keys.recognise(machine.request())).toMatchObject({ gatewayId: gateway, siteId: SITE });
  });

  it('is changed with both valid until the new one was used', async () => {
    const old = await Machine.enrol();
    await old.send();
    expect(await statesNow()).toEqual(['ACTIVE']);
    const next = await old.change();
    // Asked again, as behind a lost answer: the same key.
    expect((await old.change()).keyId).toBe(next.keyId);
    expect(await statesNow()).toEqual(['NEW', 'RETIRING']);
    old.sequence += 10;
    await old.send();
    next.sequence = old.sequence;
    await next.send();
    expect(await statesNow()).toEqual(['ACTIVE', 'ENDED']);
    clock.advance(3_000);
    await expect(old.send()).rejects.toEqual(refusal('UNAUTHENTICATED', { reason: 'KEY_ENDED' }));
    await next.send();
    await expect(old.change()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('that was given out and never used gives way to another; the one in use then has its overlap and no more', async () => {
    const old = await Machine.enrol();
    await old.send();
    await old.change();
    old.half = drawHalf();
    const second = await old.change();
    expect(await statesNow()).toEqual(['NEW', 'ENDED', 'RETIRING']);
    clock.advance(24 * 60 * MINUTE);
    await expect(old.send()).rejects.toEqual(refusal('UNAUTHENTICATED', { reason: 'KEY_ENDED' }));
    second.sequence = old.sequence;
    await second.send();
  });

  it('ends the gateway’s bearer token once it has signed', async () => {
    const machine = await Machine.enrol();
    const token = await database.write((tx) => issueGatewayToken(tx, gateway));
    const identity = () => new Identity(database, { clock }).gatewayOf(token);
    expect(await identity()).toEqual({ gatewayId: gateway, siteId: SITE });
    await machine.send();
    await expect(identity()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is refused from three seconds on after it was revoked, and its gateway’s code with it', async () => {
    const machine = await Machine.enrol();
    await machine.send();
    const { code } = await draw();
    const revocation = { gatewayId: gateway, keyId: null, by: null, reason: 'stolen' };
    expect(await database.write((tx) => revokeKeys(tx, revocation))).toEqual([machine.keyId]);
    clock.advance(3_000);
    await expect(machine.send()).rejects.toEqual(refusal('UNAUTHENTICATED', { reason: 'KEY_REVOKED' }));
    await expect(exchange(code, drawHalf().publicValue)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(database.write((tx) => revokeKeys(tx, revocation))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is to be changed when a person says so, or a quarter of its days is left', async () => {
    const shouldChange = async (machine: Machine): Promise<boolean> =>
      (await keys.recognise(machine.request())).shouldChange;
    const machine = await Machine.enrol({ keyDays: 4 });
    await machine.send();
    clock.advance(3 * 24 * 60 * MINUTE - MINUTE);
    expect(await shouldChange(machine)).toBe(false);
    clock.advance(2 * MINUTE);
    expect(await shouldChange(machine)).toBe(true);
    clock.advance(24 * 60 * MINUTE);
    await expect(shouldChange(machine)).rejects.toEqual(refusal('UNAUTHENTICATED', { reason: 'KEY_ENDED' }));

    gateway = `${gateway}-b`;
    await expect(database.write((tx) => askForChange(tx, gateway))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const other = await Machine.enrol();
    await other.send();
    clock.advance(3_000);
    expect(await shouldChange(other)).toBe(false);
    expect(await database.write((tx) => askForChange(tx, gateway))).toBe(other.keyId);
    clock.advance(3_000);
    expect(await shouldChange(other)).toBe(true);
  });
});

describe('a signed request', () => {
  it('is taken once, also by another process of the service, also when both have it at once', async () => {
    const machine = await Machine.enrol();
    const request = machine.request();
    const other = new MachineKeys(database, box, clock);
    const take = async (by: MachineKeys): Promise<MachineAlarm | null> => {
      const sender = await by.recognise(request);
      return database.write((tx) => admit(tx, sender, request, { address: '10.0.0.7', receivedAt: clock.now() }));
    };
    const attempts = await Promise.allSettled([take(keys), take(other), take(keys), take(other)]);
    const refusals = attempts.flatMap((attempt): unknown[] => (attempt.status === 'rejected' ? [attempt.reason] : []));
    const seen: unknown = refusal('REQUEST_REPLAYED', { reason: 'SEQUENCE_SEEN' }, 'DEVICE_REPLAY');
    expect(refusals).toEqual([seen, seen, seen]);
  });

  it('is not taken when what it brought was not stored', async () => {
    const machine = await Machine.enrol();
    const request = machine.request();
    const sender = await keys.recognise(request);
    const failing = database.write(async (tx) => {
      await admit(tx, sender, request, { address: '10.0.0.7', receivedAt: clock.now() });
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await machine.send(request)).toBeNull();
  });

  it('of a new process is refused from before the last word of the old one', async () => {
    const machine = await Machine.enrol();
    await machine.send();
    machine.boot = 'boot-two';
    const early = machine.request({ at: clock.now() - 1 });
    await expect(machine.send(early)).rejects.toEqual(
      refusal('REQUEST_REPLAYED', { reason: 'BOOT_BEGINS_IN_THE_PAST' }, 'DEVICE_REPLAY'),
    );
    expect(await machine.send(machine.request({ at: clock.now() + 1 }))).toBeNull();
  });

  it('out of its time is told our time; one that was here before is a replay however old', async () => {
    const machine = await Machine.enrol();
    for (const off of [-5 * MINUTE - 1, 5 * MINUTE + 1]) {
      await expect(machine.send(machine.request({ at: clock.now() + off }))).rejects.toEqual(
        refusal('CLOCK_SKEW', { serverTime: new Date(clock.now()).toISOString() }, 'DEVICE_CLOCK'),
      );
    }
    await machine.send(machine.request({ at: clock.now() - 5 * MINUTE }));
    const request = machine.request();
    await machine.send(request);
    clock.advance(60 * MINUTE);
    await expect(machine.send(request)).rejects.toEqual(refusal('REQUEST_REPLAYED', {}, 'DEVICE_REPLAY'));
  });

  it('raises an alarm when two processes of one gateway speak in turn, and is taken all the same', async () => {
    const machine = await Machine.enrol();
    const twin = new Machine(machine.keyId, machine.secret);
    twin.boot = 'boot-twin';
    const said: (string | undefined)[] = [];
    for (const each of [machine, twin, machine, twin]) {
      clock.advance(1_000);
      said.push((await each.send())?.kind);
    }
    expect(said).toEqual([undefined, undefined, 'DEVICE_CLONED', 'DEVICE_CLONED']);
  });

  it('raises an alarm when it comes from another network within a minute', async () => {
    const machine = await Machine.enrol();
    await machine.send(machine.request(), '10.0.0.7');
    expect(await machine.send(machine.request(), '192.0.2.9')).toMatchObject({
      kind: 'DEVICE_CLONED',
      details: { gatewayId: gateway, sign: 'TWO_ADDRESSES', addresses: ['10.0.0.7', '192.0.2.9'] },
    });
  });
});

describe('the role that answers', () => {
  it('reads no secret, code or boot, and keys for who runs the system alone', async () => {
    await Machine.enrol();
    const organisationId = '6f1c3f0e-5a0e-4c55-9d0b-5d2c2b7a9e41';
    const as = (scope: 'SYSTEM' | 'DIRECTORY', sql: string) =>
      database.read({ scope, organisationId }, (tx) => tx.query(sql));
    expect(await as('DIRECTORY', 'SELECT id FROM machine_key')).toEqual([]);
    expect((await as('SYSTEM', 'SELECT id FROM machine_key')).length).toBeGreaterThan(0);
    for (const sql of [
      'SELECT sealed FROM machine_key',
      'SELECT id FROM enrolment_code',
      'SELECT boot FROM machine_boot',
    ]) {
      await expect(as('SYSTEM', sql)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
