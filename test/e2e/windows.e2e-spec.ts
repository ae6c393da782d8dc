import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { globalId, parseGlobalId } from '../../apps/server/src/api/shared/global-id.js';
import { until } from '../support/until.js';
import { boxNumber, fact, ORGANISATIONS, SITE_A, tell } from './graphql-world.js';
import { openMembersHouse, type MembersHouse } from './members-world.js';

let house: MembersHouse;
/** Administrators of three companies. */
let forwarder: string;
let haulier: string;
let guest: string;

beforeAll(async () => {
  house = await openMembersHouse();
  forwarder = await house.member(ORGANISATIONS.tidewell, 'COMPANY_ADMINISTRATOR');
  haulier = await house.member(ORGANISATIONS.northbank, 'COMPANY_ADMINISTRATOR');
  guest = await house.member(ORGANISATIONS.stranger, 'COMPANY_ADMINISTRATOR');
});

afterAll(() => house.close());

let serial = 300_000;
let one: string;
let two: string;
let three: string;

beforeEach(() => {
  [one, two, three] = [0, 1, 2].map(() => boxNumber((serial += 1))) as [string, string, string];
});

const HOUR = 3_600_000;

interface Booked {
  readonly id: string;
  readonly reference: string;
}

async function book(boxes: readonly string[], extra: object = {}): Promise<Booked> {
  const reference = `REF-${newId()}`;
  const { bookShipment } = await house.data<{ bookShipment: { shipment: { id: string } } }>(
    forwarder,
    `mutation ($input: BookShipmentInput!, $key: IdempotencyKey!) { bookShipment(input: $input, idempotencyKey: $key) { shipment { id } } }`,
    {
      input: {
        reference,
        bookingNumber: `${reference}-BKG`,
        billNumber: `${reference}-BL`,
        trade: 'EXPORT',
        role: 'FORWARDER',
        containers: boxes.map((number) => ({ number })),
        ...extra,
      },
      key: newId(),
    },
  );
  return { id: bookShipment.shipment.id, reference };
}

/** @returns the code of its refusal, or OK */
const change = (token: string, name: string, input: object): Promise<string> =>
  house.outcome(
    token,
    `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!, $key: IdempotencyKey!) {
      ${name}(input: $input, idempotencyKey: $key) { __typename } }`,
    { input },
  );
const end = (token: string, shipment: string): Promise<string> =>
  house.outcome(
    token,
    `mutation ($shipment: ID!, $key: IdempotencyKey!) { endShipment(shipment: $shipment, idempotencyKey: $key) { __typename } }`,
    { shipment },
  );

/** By box, whoever may see it. */
const happened = new Map<string, string[]>();

/** An event of a box at this moment, or so long before. @returns its id */
async function happens(
  box: string,
  agoMs = 0,
  kind: 'ContainerGatedIn' | 'ZoneEntered' = 'ContainerGatedIn',
): Promise<string> {
  const occurredAt = Date.now() - agoMs;
  const event = fact(newId(), { kind, asset: { kind: 'CONTAINER', code: box }, occurredAt, receivedAt: occurredAt });
  const [id = ''] = await tell(house.database, event);
  const node = globalId('TrackingEvent', SITE_A, id);
  happened.set(box, [...(happened.get(box) ?? []), node]);
  return node;
}

interface Nodes {
  readonly nodes: readonly { readonly id: string; readonly containerNumber?: string | null }[];
}

/** Which events of a box somebody is told, by every way of asking: they must agree. */
async function seen(token: string, box: string): Promise<string[]> {
  const { events, list } = await house.data<{ events: Nodes; list: Nodes }>(
    token,
    `query ($box: ContainerNumber!) {
      events(filter: { container: $box }, first: 100) { nodes { id } }
      list: events(first: 200) { nodes { id containerNumber } } }`,
    { box },
  );
  // To whoever sees nothing of a box there is none.
  const { data } = await house.ask<{ container: { events: Nodes } }>(
    token,
    `query ($box: ContainerNumber!) { container(number: $box) { events(first: 100) { nodes { id } } } }`,
    { box },
  );
  const exported = await fetch(`${house.url}/exports/v1/events.ndjson`, {
    headers: { authorization: `Bearer ${token}`, 'x-case-number': 'SPEC-0001' },
  });
  const rows = (await exported.text()).split('\n').filter(Boolean);
  const nodes: string[] = [];
  for (const id of happened.get(box) ?? []) {
    const { node } = await house.data<{ node: object | null }>(token, `query ($id: ID!) { node(id: $id) { id } }`, {
      id,
    });
    if (node !== null) nodes.push(id);
  }
  const ofBox = (all: Nodes['nodes']): string[] =>
    all.filter(({ containerNumber }) => containerNumber === box).map(({ id }) => id);
  const ways = {
    events: events.nodes.map(({ id }) => id),
    list: ofBox(list.nodes),
    container: data?.container.events.nodes.map(({ id }) => id) ?? [],
    exported: ofBox(rows.map((row) => JSON.parse(row) as Nodes['nodes'][number])),
    nodes,
  };
  for (const [way, ids] of Object.entries(ways)) expect([way, ids.toSorted()]).toEqual([way, ways.events.toSorted()]);
  return ways.events.toSorted();
}

/** Before and behind what is done. */
async function around(
  boxes: readonly string[],
  done: () => Promise<unknown>,
): Promise<{ before: string[]; behind: string[] }> {
  const before: string[] = [];
  const behind: string[] = [];
  for (const box of boxes) before.push(await happens(box, 1));
  await done();
  for (const box of boxes) behind.push(await happens(box));
  return { before, behind };
}

describe('a window', () => {
  it('opens with the booking and closes with the end, and shows neither what was before nor what comes after', async () => {
    let shipment: Booked | undefined;
    const opened = await around([one], async () => (shipment = await book([one])));
    const closed = await around([one], async () => expect(await end(forwarder, shipment?.id ?? '')).toBe('OK'));
    expect(await seen(forwarder, one)).toEqual([...opened.behind, ...closed.before].toSorted());
    expect(await seen(guest, one)).toEqual([]);
    // a box that is free again goes with the next
    const next = await around([one], () => book([one]));
    expect(await seen(forwarder, one)).toEqual([...opened.behind, ...closed.before, ...next.behind].toSorted());
  });

  it('follows a swap: the one box until then, the other from then on', async () => {
    const { id: shipment } = await book([one]);
    const { before, behind } = await around([one, two], async () =>
      expect(await change(forwarder, 'swapContainer', { shipment, out: one, in: two, reason: 'damaged' })).toBe('OK'),
    );
    expect(await seen(forwarder, one)).toEqual([before[0]]);
    expect(await seen(forwarder, two)).toEqual([behind[1]]);
  });

  it('stays as it is through a roll-over, a split and a merge', async () => {
    const { id: shipment } = await book([one, two], {
      legs: [{ mode: 'SEA', fromPlace: 'Ningbo', toPlace: 'Rotterdam', vessel: 'SIM STAR', voyage: '1W' }],
    });
    const rolled = await around([one], async () =>
      expect(
        await change(forwarder, 'rollOver', { shipment, legs: [{ ordinal: 1, vessel: 'SIM MOON', voyage: '2W' }] }),
      ).toBe('OK'),
    );
    const reference = `SPLIT-${newId()}`;
    const split = await around([one, two], async () =>
      expect(await change(forwarder, 'splitShipment', { shipment, containers: [one], reference })).toBe('OK'),
    );
    const found = await house.data<{ shipment: { id: string; containers: { number: string }[] } }>(
      forwarder,
      `query ($reference: String!) { shipment(reference: $reference) { id containers { number } } }`,
      { reference },
    );
    expect(found.shipment.containers).toEqual([{ number: one }]);
    const merged = await around([one, two], async () =>
      expect(await change(forwarder, 'mergeShipments', { into: shipment, from: found.shipment.id })).toBe('OK'),
    );
    const of = (nth: number): string[] =>
      [split, merged].flatMap(({ before, behind }) => [before[nth] ?? '', behind[nth] ?? '']);
    expect(await seen(forwarder, one)).toEqual([...rolled.before, ...rolled.behind, ...of(0)].toSorted());
    expect(await seen(forwarder, two)).toEqual(of(1).toSorted());
    // It has no box left, and so nobody who sees it.
    expect(await end(forwarder, found.shipment.id)).toBe('NOT_FOUND');
  });

  it('is held in the instant by who follows live, and by a box that nobody else can book meanwhile', async () => {
    type Told = { eventRecorded: { id: string; containerNumber: string } };
    const query = `subscription { eventRecorded { id containerNumber } }`;
    const heard = await house.listen<Told>(forwarder, query);
    const witness = await house.listen<Told>(house.tokens.customs, query);
    const { id: shipment } = await book([one]);
    expect(
      await change(haulier, 'bookShipment', {
        reference: 'X',
        trade: 'EXPORT',
        role: 'FORWARDER',
        containers: [{ number: one }],
      }),
    ).toBe('CONFLICT');
    const within = await happens(one);
    await until('the forwarder to be told', () => heard.values.length === 1);
    expect(await end(forwarder, shipment)).toBe('OK');
    await happens(one);
    const { id: next } = await book([two]);
    const last = await happens(two);
    await until('all to be told', () => witness.values.length === 3 && heard.values.length >= 2);
    expect(heard.values.map(({ eventRecorded }) => eventRecorded.id)).toEqual([within, last]);
    expect(await end(forwarder, next)).toBe('OK');
    heard.stop();
    witness.stop();
  });

  it('that is another’s cannot be told from one that is not there', async () => {
    const { id: shipment, reference } = await book([one]);
    const nowhere = globalId('Shipment', newId());
    const [key] = parseGlobalId(shipment)?.key ?? [];
    const asked = async (query: string, variables: object): Promise<string> =>
      JSON.stringify(await house.ask(guest, query, variables))
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
      const own = await house.ask(forwarder, query, theirs);
      expect([query, own.errors]).toEqual([query, undefined]);
    }
  });
});

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
    await book([one, two], {
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
    expect(await shown(forwarder)).toMatchObject({
      bookingNumber: expect.any(String) as unknown,
      billNumber: expect.any(String) as unknown,
      parties: [{ role: 'CONSIGNEE' }, { role: 'FORWARDER' }, { role: 'HAULIER' }],
      legs: [{ mode: 'ROAD' }, { mode: 'SEA' }],
      milestones: [{ code: 'GTIN' }, { code: 'LOAD' }],
      history: [{ kind: 'BOOKED' }],
    });
    expect(await shown(haulier)).toEqual({
      bookingNumber: expect.any(String) as unknown,
      billNumber: null,
      parties: [{ role: 'FORWARDER' }, { role: 'HAULIER' }],
      legs: [{ mode: 'ROAD' }],
      milestones: [{ code: 'GTIN' }],
      history: [],
      containers: [{ number: one }],
    });
    expect(await shown(guest)).toMatchObject({
      bookingNumber: null,
      billNumber: expect.any(String) as unknown,
      parties: [{ role: 'CONSIGNEE' }, { role: 'FORWARDER' }],
      history: [],
    });
    // found by a number that is theirs alone
    const byNumber = (token: string, number: string) =>
      house.ask<{ shipment: object | null }>(token, SHIPMENT, { reference: number });
    const full = await shown(forwarder);
    expect((await byNumber(haulier, full.billNumber ?? '')).data?.shipment ?? null).toBeNull();
    expect((await byNumber(haulier, full.bookingNumber ?? '')).data?.shipment).not.toBeNull();
    const onItsBox = await happens(one);
    const onTheOther = await happens(two);
    expect(await seen(haulier, one)).toEqual([onItsBox]);
    expect(await seen(haulier, two)).toEqual([]);
    expect(await seen(guest, two)).toEqual([onTheOther]);
  });

  it('do with it what their part lets them, and others are told that it is not theirs to do', async () => {
    const { id: shipment } = await book([one], {
      parties: [
        {
          organisation: 'northbank',
          role: 'HAULIER',
          pickUpAt: new Date().toISOString(),
          deliverBy: new Date(Date.now() + HOUR).toISOString(),
        },
      ],
    });
    expect(await end(haulier, shipment)).toBe('FORBIDDEN');
    expect(await end(guest, shipment)).toBe('NOT_FOUND');
    expect(await change(haulier, 'grantWindow', { shipment, organisation: 'stranger' })).toBe('FORBIDDEN');
    expect(await end(forwarder, shipment)).toBe('OK');
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
    const { id: shipment, reference } = await book([one, two]);
    const heard = await house.listen<{ eventRecorded: { id: string } }>(guest, `subscription { eventRecorded { id } }`);
    const granted = await around([one, two], async () =>
      expect(await change(forwarder, 'grantWindow', { shipment, container: one, organisation: 'stranger' })).toBe('OK'),
    );
    expect(await seen(guest, one)).toEqual([granted.behind[0]]);
    expect(await seen(guest, two)).toEqual([]);
    await until('the guest to be told live', () => heard.values.length === 1);
    expect((await house.data<Shown>(guest, SHIPMENT, { reference })).shipment).toMatchObject({
      bookingNumber: null,
      billNumber: null,
      parties: [],
      history: [],
      containers: [{ number: one }],
    });
    const [grant] = await windowsOf(guest, 'RECEIVED');
    expect(grant).toMatchObject({ seenAs: 'GUEST', withdrawnAt: null });
    // what one was granted is not one's to grant, nor to withdraw
    expect(await change(guest, 'grantWindow', { shipment, organisation: 'northbank' })).toBe('FORBIDDEN');
    expect(await house.outcome(guest, WITHDRAW, { grant: grant?.id })).toBe('NOT_FOUND');
    expect(await house.outcome(forwarder, WITHDRAW, { grant: grant?.id })).toBe('OK');
    expect(await house.outcome(forwarder, WITHDRAW, { grant: grant?.id })).toBe('CONFLICT');
    const after = await happens(one);
    expect(await seen(guest, one)).toEqual([]);
    expect(await seen(forwarder, one)).toContain(after);
    expect(
      (await house.data<{ shipment: object | null }>(guest, SHIPMENT, { reference }).catch(() => null))?.shipment ??
        null,
    ).toBeNull();
    expect(heard.values.map(({ eventRecorded }) => eventRecorded.id)).toEqual([granted.behind[0]]);
    // that it was given stays known to both
    for (const [token, direction] of [
      [forwarder, 'GIVEN'],
      [guest, 'RECEIVED'],
    ] as const) {
      expect((await windowsOf(token, direction))[0]).toMatchObject({
        id: grant?.id,
        withdrawnAt: expect.any(String) as unknown,
      });
    }
    expect(await windowsOf(haulier, 'RECEIVED')).toEqual([]);
    heard.stop();
  });

  it('reaches no further than the grantor’s own window, and ends with it', async () => {
    const { id: shipment } = await book([one]);
    const early = new Date(Date.now() - HOUR).toISOString();
    expect(await change(forwarder, 'grantWindow', { shipment, organisation: 'stranger', from: early })).toBe(
      'INVALID_PERIOD',
    );
    expect(await change(forwarder, 'grantWindow', { shipment, organisation: 'tidewell' })).toBe('INVALID_INPUT');
    expect(await change(forwarder, 'grantWindow', { shipment, organisation: 'nobody' })).toBe('NOT_FOUND');
    expect(await change(forwarder, 'grantWindow', { shipment, organisation: 'stranger' })).toBe('OK');
    const ended = await around([one], async () => expect(await end(forwarder, shipment)).toBe('OK'));
    expect(await seen(guest, one)).toEqual(ended.before);
  });
});
