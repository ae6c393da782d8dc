import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { globalId, parseGlobalId } from '../../apps/server/src/api/shared/global-id.js';
import { until } from '../support/until.js';
import { openWindowsHouse, type Booked, type WindowsHouse } from './windows-house.js';

let house: WindowsHouse;

beforeAll(async () => {
  house = await openWindowsHouse();
});

afterAll(() => house.close());

let [one, two, three] = ['', '', ''];

beforeEach(() => {
  [one, two, three] = [house.freshBox(), house.freshBox(), house.freshBox()];
});

describe('a window', () => {
  it('opens with the booking and closes with the end, and shows neither what was before nor what comes after', async () => {
    let shipment: Booked | undefined;
    const opened = await house.around([one], async () => (shipment = await house.book([one])));
    const closed = await house.around([one], async () =>
      expect(await house.end(house.forwarder, shipment?.id ?? '')).toBe('OK'),
    );
    expect(await house.seen(house.forwarder, one)).toEqual([...opened.behind, ...closed.before].toSorted());
    expect(await house.seen(house.guest, one)).toEqual([]);
    // a box that is free again goes with the next
    const next = await house.around([one], () => house.book([one]));
    expect(await house.seen(house.forwarder, one)).toEqual(
      [...opened.behind, ...closed.before, ...next.behind].toSorted(),
    );
  });

  it('follows a swap: the one box until then, the other from then on', async () => {
    const { id: shipment } = await house.book([one]);
    const { before, behind } = await house.around([one, two], async () =>
      expect(
        await house.change(house.forwarder, 'swapContainer', { shipment, out: one, in: two, reason: 'damaged' }),
      ).toBe('OK'),
    );
    expect(await house.seen(house.forwarder, one)).toEqual([before[0]]);
    expect(await house.seen(house.forwarder, two)).toEqual([behind[1]]);
  });

  it('stays as it is through a roll-over, a split and a merge', async () => {
    const { id: shipment } = await house.book([one, two], {
      legs: [{ mode: 'SEA', fromPlace: 'Ningbo', toPlace: 'Rotterdam', vessel: 'SIM STAR', voyage: '1W' }],
    });
    const rolled = await house.around([one], async () =>
      expect(
        await house.change(house.forwarder, 'rollOver', {
          shipment,
          legs: [{ ordinal: 1, vessel: 'SIM MOON', voyage: '2W' }],
        }),
      ).toBe('OK'),
    );
    const reference = `SPLIT-${newId()}`;
    const split = await house.around([one, two], async () =>
      expect(await house.change(house.forwarder, 'splitShipment', { shipment, containers: [one], reference })).toBe(
        'OK',
      ),
    );
    const found = await house.data<{ shipment: { id: string; containers: { number: string }[] } }>(
      house.forwarder,
      `query ($reference: String!) { shipment(reference: $reference) { id containers { number } } }`,
      { reference },
    );
    expect(found.shipment.containers).toEqual([{ number: one }]);
    const merged = await house.around([one, two], async () =>
      expect(await house.change(house.forwarder, 'mergeShipments', { into: shipment, from: found.shipment.id })).toBe(
        'OK',
      ),
    );
    const of = (nth: number): string[] =>
      [split, merged].flatMap(({ before, behind }) => [before[nth] ?? '', behind[nth] ?? '']);
    expect(await house.seen(house.forwarder, one)).toEqual([...rolled.before, ...rolled.behind, ...of(0)].toSorted());
    expect(await house.seen(house.forwarder, two)).toEqual(of(1).toSorted());
    // It has no box left, and so nobody who sees it.
    expect(await house.end(house.forwarder, found.shipment.id)).toBe('NOT_FOUND');
  });

  it('is held in the instant by who follows live, and by a box that nobody else can book meanwhile', async () => {
    type Told = { eventRecorded: { id: string; containerNumber: string } };
    const query = `subscription { eventRecorded { id containerNumber } }`;
    const heard = await house.listen<Told>(house.forwarder, query);
    const witness = await house.listen<Told>(house.tokens.customs, query);
    const { id: shipment } = await house.book([one]);
    expect(
      await house.change(house.haulier, 'bookShipment', {
        reference: 'X',
        trade: 'EXPORT',
        role: 'FORWARDER',
        containers: [{ number: one }],
      }),
    ).toBe('CONFLICT');
    const within = await house.happens(one);
    await until('the forwarder to be told', () => heard.values.length === 1);
    expect(await house.end(house.forwarder, shipment)).toBe('OK');
    await house.happens(one);
    const { id: next } = await house.book([two]);
    const last = await house.happens(two);
    await until('all to be told', () => witness.values.length === 3 && heard.values.length >= 2);
    expect(heard.values.map(({ eventRecorded }) => eventRecorded.id)).toEqual([within, last]);
    expect(await house.end(house.forwarder, next)).toBe('OK');
    heard.stop();
    witness.stop();
  });

  it('that is another’s cannot be told from one that is not there', async () => {
    const { id: shipment, reference } = await house.book([one]);
    const nowhere = globalId('Shipment', newId());
    const [key] = parseGlobalId(shipment)?.key ?? [];
    const asked = async (query: string, variables: object): Promise<string> =>
      JSON.stringify(await house.ask(house.guest, query, variables))
        .replaceAll(/[\w-]{20,}/g, '…')
        .replaceAll(one, '…')
        .replaceAll(three, '…');
    expect(key).toBeDefined();
    for (const [query, theirs, nobodys] of [
      [`query ($id: ID!) { node(id: $id) { id } }`, { id: shipment }, { id: nowhere }],
      [
        `query ($reference: String!) { shipment(reference: $reference) { id } }`,
        { reference },
        { reference: `REF-${newId()}` },
      ],
      [`query ($box: ContainerNumber!) { container(number: $box) { status } }`, { box: one }, { box: three }],
      [
        `mutation ($shipment: ID!) { endShipment(shipment: $shipment, idempotencyKey: "end-${newId()}") { __typename } }`,
        { shipment },
        { shipment: nowhere },
      ],
    ] as const) {
      expect(await asked(query, theirs)).toBe(await asked(query.replace('end-', 'eno-'), nobodys));
      // it is there for who may see it
      const own = await house.ask(house.forwarder, query, theirs);
      expect([query, own.errors]).toEqual([query, undefined]);
    }
  });
});
