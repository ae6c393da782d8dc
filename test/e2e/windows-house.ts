import { newId } from '#libs/kernel';
import { expect } from '@jest/globals';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { CASE } from '../support/api-house.js';
import { boxNumber, fact, ORGANISATIONS, SITE_A, tell } from './graphql-world.js';
import { openMembersHouse, type MembersHouse } from './members-world.js';

export interface Booked {
  readonly id: string;
  readonly reference: string;
}

interface Nodes {
  readonly nodes: readonly { readonly id: string; readonly containerNumber?: string | null }[];
}

/** Administrators of three companies, what they do to shipments, and what they are then told of boxes. */
export interface WindowsHouse extends MembersHouse {
  readonly forwarder: string;
  readonly haulier: string;
  readonly guest: string;
  /** A box that no test has had. */
  freshBox(): string;
  book(boxes: readonly string[], extra?: object): Promise<Booked>;
  /** @returns the code of its refusal, or OK */
  change(token: string, name: string, input: object): Promise<string>;
  /** @returns the code of its refusal, or OK */
  end(token: string, shipment: string): Promise<string>;
  /** An event of a box at this moment, or so long before. @returns its id */
  happens(box: string, agoMs?: number): Promise<string>;
  /** Which events of a box somebody is told, by every way of asking: they must agree. */
  seen(token: string, box: string): Promise<string[]>;
  /** Before and behind what is done. */
  around(
    boxes: readonly string[],
    done: () => Promise<unknown>,
  ): Promise<{ readonly before: string[]; readonly behind: string[] }>;
}

export async function openWindowsHouse(): Promise<WindowsHouse> {
  const house = await openMembersHouse();
  const forwarder = await house.member(ORGANISATIONS.tidewell, 'COMPANY_ADMINISTRATOR');
  const haulier = await house.member(ORGANISATIONS.northbank, 'COMPANY_ADMINISTRATOR');
  const guest = await house.member(ORGANISATIONS.stranger, 'COMPANY_ADMINISTRATOR');
  let serial = 300_000;

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

  async function happens(box: string, agoMs = 0): Promise<string> {
    const occurredAt = Date.now() - agoMs;
    const event = fact(newId(), { asset: { kind: 'CONTAINER', code: box }, occurredAt, receivedAt: occurredAt });
    const [id = ''] = await tell(house.database, event);
    const node = globalId('TrackingEvent', SITE_A, id);
    happened.set(box, [...(happened.get(box) ?? []), node]);
    return node;
  }

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
      headers: { authorization: `Bearer ${token}`, 'x-case-number': CASE },
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

  return {
    ...house,
    forwarder,
    haulier,
    guest,
    freshBox: () => boxNumber((serial += 1)),
    book,
    change,
    end,
    happens,
    seen,
    around,
  };
}
