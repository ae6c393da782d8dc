import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { SITE_A } from './graphql-world.js';
import { openWindowsHouse, type WindowsHouse } from './windows-house.js';

let house: WindowsHouse;

beforeAll(async () => {
  house = await openWindowsHouse();
});

afterAll(() => house.close());

let [one, two] = ['', ''];

beforeEach(() => {
  [one, two] = [house.freshBox(), house.freshBox()];
});

const HOUR = 3_600_000;

const SHIPMENT = `query ($reference: String!) { shipment(reference: $reference) {
  bookingNumber billNumber parties { role } legs { mode } milestones { code } history { kind } containers { number } } }`;

interface Shown {
  readonly shipment: {
    readonly bookingNumber: string | null;
    readonly billNumber: string | null;
    readonly parties: readonly { readonly role: string }[];
    readonly legs: readonly { readonly mode: string }[];
    readonly milestones: readonly { readonly code: string }[];
    readonly history: readonly { readonly kind: string }[];
    readonly containers: readonly { readonly number: string }[];
  };
}

const booking = (reference: string) => ({
  legs: [
    { mode: 'ROAD', fromPlace: 'Ningbo', toPlace: SITE_A },
    { mode: 'SEA', fromPlace: SITE_A, toPlace: 'Rotterdam' },
  ],
  milestones: [{ code: 'GTIN' }, { code: 'LOAD' }],
  reference,
});

describe('the parties of one shipment', () => {
  it('see what their part needs: a haulier its box on the road, and neither bill nor sea nor others', async () => {
    const reference = `PARTS-${newId()}`;
    await house.book([one, two], {
      ...booking(reference),
      parties: [
        {
          organisation: 'northbank',
          role: 'HAULIER',
          containers: [one],
          pickUpAt: new Date(Date.now() - HOUR).toISOString(),
          deliverBy: new Date(Date.now() + HOUR).toISOString(),
        },
        { organisation: 'stranger', role: 'CONSIGNEE' },
      ],
    });
    const shown = async (token: string) => (await house.data<Shown>(token, SHIPMENT, { reference })).shipment;
    expect(await shown(house.forwarder)).toMatchObject({
      bookingNumber: expect.any(String) as unknown,
      billNumber: expect.any(String) as unknown,
      parties: [{ role: 'CONSIGNEE' }, { role: 'FORWARDER' }, { role: 'HAULIER' }],
      legs: [{ mode: 'ROAD' }, { mode: 'SEA' }],
      milestones: [{ code: 'GTIN' }, { code: 'LOAD' }],
      history: [{ kind: 'BOOKED' }],
    });
    expect(await shown(house.haulier)).toEqual({
      bookingNumber: expect.any(String) as unknown,
      billNumber: null,
      parties: [{ role: 'FORWARDER' }, { role: 'HAULIER' }],
      legs: [{ mode: 'ROAD' }],
      milestones: [{ code: 'GTIN' }],
      history: [],
      containers: [{ number: one }],
    });
    expect(await shown(house.guest)).toMatchObject({
      bookingNumber: null,
      billNumber: expect.any(String) as unknown,
      parties: [{ role: 'CONSIGNEE' }, { role: 'FORWARDER' }],
      history: [],
    });
    // found by a number that is theirs alone
    const byNumber = (token: string, number: string) =>
      house.ask<{ shipment: object | null }>(token, SHIPMENT, { reference: number });
    const full = await shown(house.forwarder);
    expect((await byNumber(house.haulier, full.billNumber ?? '')).data?.shipment ?? null).toBeNull();
    expect((await byNumber(house.haulier, full.bookingNumber ?? '')).data?.shipment).not.toBeNull();
    const onItsBox = await house.happens(one);
    const onTheOther = await house.happens(two);
    expect(await house.seen(house.haulier, one)).toEqual([onItsBox]);
    expect(await house.seen(house.haulier, two)).toEqual([]);
    expect(await house.seen(house.guest, two)).toEqual([onTheOther]);
  });

  it('do with it what their part lets them, and others are told that it is not theirs to do', async () => {
    const { id: shipment } = await house.book([one], {
      parties: [
        {
          organisation: 'northbank',
          role: 'HAULIER',
          pickUpAt: new Date().toISOString(),
          deliverBy: new Date(Date.now() + HOUR).toISOString(),
        },
      ],
    });
    expect(await house.end(house.haulier, shipment)).toBe('FORBIDDEN');
    expect(await house.end(house.guest, shipment)).toBe('NOT_FOUND');
    expect(await house.change(house.haulier, 'grantWindow', { shipment, organisation: 'stranger' })).toBe('FORBIDDEN');
    expect(await house.end(house.forwarder, shipment)).toBe('OK');
  });
});

describe('a grant', () => {
  const WITHDRAW = `mutation ($grant: ID!, $key: IdempotencyKey!) { withdrawWindow(grant: $grant, idempotencyKey: $key) { __typename } }`;
  type Windows = { windows: { nodes: { id: string; seenAs: string; withdrawnAt: string | null }[] } };
  const windowsOf = async (token: string, direction: string): Promise<Windows['windows']['nodes']> =>
    (
      await house.data<Windows>(
        token,
        `query ($direction: GrantDirection) { windows(direction: $direction) { nodes { id seenAs withdrawnAt } } }`,
        { direction },
      )
    ).windows.nodes;

  it('lets another company see a box from then on, and nothing of it once it is withdrawn', async () => {
    const { id: shipment, reference } = await house.book([one, two]);
    const heard = await house.listen<{ eventRecorded: { id: string } }>(
      house.guest,
      `subscription { eventRecorded { id } }`,
    );
    const granted = await house.around([one, two], async () =>
      expect(
        await house.change(house.forwarder, 'grantWindow', { shipment, container: one, organisation: 'stranger' }),
      ).toBe('OK'),
    );
    expect(await house.seen(house.guest, one)).toEqual([granted.behind[0]]);
    expect(await house.seen(house.guest, two)).toEqual([]);
    await until('the guest to be told live', () => heard.values.length === 1);
    expect((await house.data<Shown>(house.guest, SHIPMENT, { reference })).shipment).toMatchObject({
      bookingNumber: null,
      billNumber: null,
      parties: [],
      history: [],
      containers: [{ number: one }],
    });
    const [grant] = await windowsOf(house.guest, 'RECEIVED');
    expect(grant).toMatchObject({ seenAs: 'GUEST', withdrawnAt: null });
    // what one was granted is not one's to grant, nor to withdraw
    expect(await house.change(house.guest, 'grantWindow', { shipment, organisation: 'northbank' })).toBe('FORBIDDEN');
    expect(await house.outcome(house.guest, WITHDRAW, { grant: grant?.id })).toBe('NOT_FOUND');
    expect(await house.outcome(house.forwarder, WITHDRAW, { grant: grant?.id })).toBe('OK');
    expect(await house.outcome(house.forwarder, WITHDRAW, { grant: grant?.id })).toBe('CONFLICT');
    const after = await house.happens(one);
    expect(await house.seen(house.guest, one)).toEqual([]);
    expect(await house.seen(house.forwarder, one)).toContain(after);
    expect(await house.codeOf(house.guest, SHIPMENT, { reference })).toBe('NOT_FOUND');
    expect(heard.values.map(({ eventRecorded }) => eventRecorded.id)).toEqual([granted.behind[0]]);
    // that it was given stays known to both
    for (const [token, direction] of [
      [house.forwarder, 'GIVEN'],
      [house.guest, 'RECEIVED'],
    ] as const) {
      expect((await windowsOf(token, direction))[0]).toMatchObject({
        id: grant?.id,
        withdrawnAt: expect.any(String) as unknown,
      });
    }
    expect(await windowsOf(house.haulier, 'RECEIVED')).toEqual([]);
    heard.stop();
  });

  it('reaches no further than the grantor’s own window, and ends with it', async () => {
    const { id: shipment } = await house.book([one]);
    const early = new Date(Date.now() - HOUR).toISOString();
    expect(
      await house.change(house.forwarder, 'grantWindow', { shipment, organisation: 'stranger', from: early }),
    ).toBe('INVALID_PERIOD');
    expect(await house.change(house.forwarder, 'grantWindow', { shipment, organisation: 'tidewell' })).toBe(
      'INVALID_INPUT',
    );
    expect(await house.change(house.forwarder, 'grantWindow', { shipment, organisation: 'nobody' })).toBe('NOT_FOUND');
    expect(await house.change(house.forwarder, 'grantWindow', { shipment, organisation: 'stranger' })).toBe('OK');
    const ended = await house.around([one], async () => expect(await house.end(house.forwarder, shipment)).toBe('OK'));
    expect(await house.seen(house.guest, one)).toEqual(ended.before);
  });
});
