import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enrolPerson, issueToken, Vault } from '#libs/identity';
import type { Database } from '#libs/persistence';
import { OWN_DOCUMENTS } from '../../apps/server/src/documents/index.js';
import { companyCode, seedScale, shipmentReference, type ScaleWorld } from '../../fixtures/scale/index.js';
import { DOCUMENTS } from '../bench/graphql/documents.js';
import { openApiHouse, total, type ApiHouse } from '../support/api-house.js';

/** Of one company almost everything is, so that its lists are long. */
const COUNTS = { companies: 2, shipments: 40, events: 1_500 };
const UNTIL = Date.UTC(2026, 10, 26);
const DAY = 86_400_000;

let house: ApiHouse<Readonly<Record<'company' | 'customs', string>>>;
let world: ScaleWorld;

beforeAll(async () => {
  house = await openApiHouse(async (database, store) => {
    world = await seedScale({ ...store, counts: COUNTS, until: UNTIL });
    const [office] = await database.write((tx) =>
      tx.query<{ code: string }>(`SELECT code FROM organisation WHERE kind = 'CUSTOMS_OFFICE' ORDER BY code LIMIT 1`),
    );
    return {
      company: await enrol(database, 'LOGISTICS', companyCode(0)),
      customs: await enrol(database, 'CUSTOMS_OFFICER', office?.code ?? ''),
    };
  });
  // the places, which are kept, are none of a document's statements
  await house.data(house.tokens.customs, '{ sites { code } }');
});

afterAll(() => house.close());

function enrol(database: Database, role: 'LOGISTICS' | 'CUSTOMS_OFFICER', organisationCode: string): Promise<string> {
  return database.write(async (tx) => {
    const member = await enrolPerson(tx, Vault.unkept(), { organisationCode, role, displayName: role });
    return await issueToken(tx, { ...member, role });
  });
}

type Variables = Readonly<Record<string, unknown>>;

async function statementsOf(token: string, query: string, variables: Variables = {}): Promise<number> {
  const before = await total(house.server.metrics.statements);
  await house.data(token, query, variables);
  return (await total(house.server.metrics.statements)) - before;
}

const ownDocument = (name: string): string => {
  const found = [...OWN_DOCUMENTS.values()].find((text) => text.includes(`query ${name}`));
  if (found === undefined) throw new Error(`no document of ours is called ${name}`);
  return found;
};

/** Shipments of the house.tokens.company, of all lengths. */
function ownShipments(): readonly number[] {
  const all = Array.from({ length: COUNTS.shipments }, (_, number) => number);
  return all.filter((number) => [world.shipment(number).forwarder, world.shipment(number).owner].includes(0));
}

const period = { from: new Date(UNTIL - 200 * DAY).toISOString(), to: new Date(UNTIL - 20 * DAY).toISOString() };

describe('the documents that people ask most', () => {
  const variables = (name: string): Variables => {
    const shipment = world.shipment(ownShipments()[0] ?? 0);
    return {
      shipment: { reference: shipmentReference(shipment.number) },
      events: period,
      box: { number: shipment.boxes[0] },
    }[name] as Variables;
  };

  it.each(DOCUMENTS)('load in one statement: $name', async ({ name, asker, ours }) => {
    expect(
      await statementsOf(asker === 'customs' ? house.tokens.customs : house.tokens.company, ours, variables(name)),
    ).toBe(1);
  });

  it.each([
    ['OneShipment', 'shipment'],
    ['OneContainer', 'box'],
  ])('load in one statement as our console asks them: %s', async (document, name) => {
    expect(await statementsOf(house.tokens.company, ownDocument(document), variables(name))).toBe(1);
  });

  it('load an event page with its passes in two', async () => {
    expect(await statementsOf(house.tokens.customs, ownDocument('PortEvents'))).toBe(2);
  });
});

/** Each over a list: as many statements for two of it as for twelve. */
const WORST: readonly (readonly [what: string, asker: 'company' | 'customs', query: string])[] = [
  [
    'shipments → boxes → events',
    'company',
    `query ($first: Int!) { shipments(first: $first) { nodes { status parties { organisation { name } } legs { mode }
      containers { container { status place { zone { code } } events(first: 3) { nodes { id } pageInfo { hasNextPage } } } } } } }`,
  ],
  [
    'shipments → milestones → events, twice under other names',
    'company',
    `query ($first: Int!) { shipments(first: $first) { nodes { milestones { reachedBy { event { kind } } } milestonesToCome { code }
      a: events(first: 2) { nodes { kind } } b: events(first: 5) { edges { cursor node { kind } } } } } }`,
  ],
  [
    'shipments → boxes → shipments → boxes → events',
    'company',
    `query ($first: Int!) { shipments(first: $first) { nodes { containers { container { shipments { reference
      containers { container { events(first: 1) { nodes { kind } } } } } } } } } }`,
  ],
  [
    'events → pass → events',
    'customs',
    `query ($first: Int!) { events(first: $first, filter: { kinds: [ContainerGatedIn, ContainerGatedOut] }) {
      nodes { pass { id outcome events { kind } } site { code } gate { code } lane { code } } } }`,
  ],
  [
    'passes → boxes, visit, events',
    'customs',
    `query ($first: Int!) { passes(first: $first) { nodes { id containerNumbers visit { id } events { kind } } } }`,
  ],
];

describe('the worst documents', () => {
  it.each(WORST)('load in batches, never one by one: %s', async (_what, asker, query) => {
    const token = asker === 'customs' ? house.tokens.customs : house.tokens.company;
    const few = await statementsOf(token, query, { first: 2 });
    const many = await statementsOf(token, query, { first: 12 });
    expect(many).toBe(few);
    expect(many).toBeLessThan(12);
  });
});

/** Selections of a shipment; `node(id)` loads the same in batches. */
const OF_SHIPMENT: Readonly<Record<string, string>> = {
  everything: `id reference bookingNumber billNumber trade status parties { role organisation { name } } legs { ordinal mode vessel }
    containers { number fullness windowFrom windowTo container { id sizeType status place { at longitude latitude zone { code } site { code } } } }
    milestones { ordinal code plannedAt actualAt reached site { code } zone { code } reachedBy { containerNumber event { id kind } } }
    milestonesToCome { code }
    events(first: 10) { nodes { id kind asset { kind code } containerNumber truckPlate occurredAt receivedAt recordedAt source late stands
      withdraws hash payload journalCursor gate { code } lane { code } zone { code } } edges { cursor } pageInfo { hasNextPage endCursor } }`,
  'pages under other names': `few: events(first: 2) { nodes { id } pageInfo { endCursor hasNextPage } } more: events(first: 7) { edges { cursor node { id } } }
    same: events(first: 2) { nodes { kind } }`,
  'fragments in fragments': `...A ... on Node { id ... on Shipment { milestones { code reached } } } ... on Shipment { containers { ... { number } } }`,
  'a box’s events': `containers { container { shipments { reference trade status } events(first: 3, filter: { kinds: [ZoneEntered, ZoneExited] }) { nodes { id stands } }
    withdrawn: events(first: 50, filter: { includeWithdrawn: true }) { nodes { id stands kind } }
    dated: events(first: 5, filter: { period: { from: "${period.from}", to: "${period.to}" } }) { nodes { id } } } }`,
  directives: `status @include(if: $yes) milestones @skip(if: $yes) { code } events(first: 3) @include(if: $no) { nodes { id } }
    containers @skip(if: $no) { number container @include(if: $yes) { status } }`,
};
const FRAGMENT = `fragment A on Shipment { reference events(first: 4) { nodes { ...B } } } fragment B on TrackingEvent { id kind site { code } }`;
const OF_BOX: Readonly<Record<string, string>> = {
  everything: `id number sizeType status place { at site { code } zone { code } } shipments { id reference status }
    events(first: 10) { nodes { id kind occurredAt truckPlate payload stands zone { code } } pageInfo { hasNextPage endCursor } }`,
  'pages under other names': `a: events(first: 1) { nodes { id } } b: events(first: 4, filter: { kinds: [ContainerGatedIn] }) { nodes { id kind } }`,
};

describe('what comes ahead is what batches give', () => {
  const withFragment = (selection: string): string => (selection.includes('...A') ? FRAGMENT : '');
  const flags = { yes: true, no: false };
  const head = (selection: string): string => (selection.includes('$yes') ? ', $yes: Boolean!, $no: Boolean!' : '');

  it.each(Object.entries(OF_SHIPMENT))('of a shipment: %s', async (_what, selection) => {
    for (const token of [house.tokens.company, house.tokens.customs]) {
      for (const number of ownShipments().slice(0, 12)) {
        const named = { key: shipmentReference(number), ...(head(selection) === '' ? {} : flags) };
        const { shipment } = await house.data<{ shipment: object }>(
          token,
          `query ($key: String!${head(selection)}) { shipment(reference: $key) { ${selection} } } ${withFragment(selection)}`,
          named,
        );
        const { node } = await house.data<{ node: object }>(
          token,
          `query ($key: ID!${head(selection)}) { node(id: $key) { ... on Shipment { ${selection} } } } ${withFragment(selection)}`,
          { ...named, key: Buffer.from(`Shipment:${world.shipment(number).shipmentId}`).toString('base64url') },
        );
        expect(shipment).toEqual(node);
        expect(JSON.stringify(shipment).length).toBeGreaterThan(20);
      }
    }
  });

  it.each(Object.entries(OF_BOX))('of a box: %s', async (_what, selection) => {
    for (const token of [house.tokens.company, house.tokens.customs]) {
      for (const number of ownShipments().slice(0, 12)) {
        const [box = ''] = world.shipment(number).boxes;
        const { container } = await house.data<{ container: object }>(
          token,
          `query ($key: ContainerNumber!) { container(number: $key) { ${selection} } }`,
          { key: box },
        );
        const { node } = await house.data<{ node: object }>(
          token,
          `query ($key: ID!) { node(id: $key) { ... on Container { ${selection} } } }`,
          { key: Buffer.from(`Container:${box}`).toString('base64url') },
        );
        expect(container).toEqual(node);
      }
    }
  });

  it.each([
    'hash',
    'payload',
    'journalCursor',
    'receivedAt recordedAt',
    'stands',
    'withdraws kind',
    '... on Node { id ... on TrackingEvent { payload } }',
  ])('of a page of events: %s', async (selection) => {
    for (const [token, filter] of [
      [house.tokens.company, '{}'],
      [house.tokens.customs, '{ includeWithdrawn: true }'],
      [house.tokens.customs, '{ kinds: [EventWithdrawn] }'],
    ] as const) {
      const { events } = await house.data<{ events: { nodes: { id: string }[]; edges: { node: object }[] } }>(
        token,
        `{ events(first: 5, filter: ${filter}) { nodes { id } edges { node { id ${selection} } } } }`,
      );
      expect(events.nodes.length).toBe(5);
      for (const [at, { id }] of events.nodes.entries()) {
        const { node } = await house.data<{ node: unknown }>(
          token,
          `query ($id: ID!) { node(id: $id) { ... on TrackingEvent { id ${selection} } } }`,
          { id },
        );
        expect(events.edges[at]?.node).toEqual(node);
      }
    }
  });

  it('page for page, behind a cursor as well', async () => {
    const query = `query ($key: String!, $after: String) { shipment(reference: $key) {
      events(first: 3, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }`;
    interface Page {
      readonly shipment: {
        readonly events: {
          readonly nodes: readonly { readonly id: string }[];
          readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
        };
      };
    }
    const key = shipmentReference(ownShipments()[1] ?? 0);
    const paged: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { shipment }: Page = await house.data<Page>(house.tokens.company, query, { key, after });
      paged.push(...shipment.events.nodes.map(({ id }) => id));
      ({ hasNextPage: more, endCursor: after } = shipment.events.pageInfo);
    }
    const whole = await house.data<Page>(house.tokens.company, query.replace('first: 3', 'first: 200'), { key });
    expect(paged).toEqual(whole.shipment.events.nodes.map(({ id }) => id));
    expect(paged.length).toBeGreaterThan(6);
  });
});

describe('a company’s lists', () => {
  interface Page {
    readonly list: {
      readonly nodes: readonly { readonly id: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  }

  const asCompany = (sql: string): Promise<{ id: string }[]> =>
    house.database.readOne({ scope: 'COMPANY', organisationId: world.companyId(0) }, sql, []);

  /** Every row of a list, page by page. */
  async function all(field: string, filter = ''): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { list }: Page = await house.data<Page>(
        house.tokens.company,
        `query ($after: String) { list: ${field}(first: 60, after: $after${filter}) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      ids.push(...list.nodes.map(({ id }) => Buffer.from(id, 'base64url').toString('utf8').split(':').at(-1) ?? ''));
      ({ hasNextPage: more, endCursor: after } = list.pageInfo);
    }
    return ids;
  }

  it('holds every standing event of its windows once, the newest first, however far back each page had to look', async () => {
    const standing = `FROM tracking_event e WHERE NOT EXISTS (SELECT 1 FROM tracking_event l WHERE l.withdraws = e.id)`;
    const expected = await asCompany(`SELECT e.id ${standing} ORDER BY e.occurred_at DESC, e.id`);
    expect(expected.length).toBeGreaterThan(500);
    expect(await all('events')).toEqual(expected.map(({ id }) => id));
    // so few that a page of them reaches over the whole year
    const rare = await asCompany(
      `SELECT e.id ${standing} AND e.kind = 'ContainerGatedOut' ORDER BY e.occurred_at DESC, e.id`,
    );
    expect(await all('events', ', filter: { kinds: [ContainerGatedOut] }')).toEqual(rare.map(({ id }) => id));
    const within = await asCompany(
      `SELECT e.id ${standing} AND e.occurred_at < '${period.to}' AND e.occurred_at >= '${period.from}' ORDER BY e.occurred_at DESC, e.id`,
    );
    expect(await all('events', `, filter: { period: { from: "${period.from}", to: "${period.to}" } }`)).toEqual(
      within.map(({ id }) => id),
    );
  });

  it('holds every shipment once, the newest first', async () => {
    const expected = await asCompany('SELECT s.id FROM shipment s ORDER BY s.created_at DESC, s.id');
    expect(expected.length).toBeGreaterThan(10);
    expect(await all('shipments')).toEqual(expected.map(({ id }) => id));
  });
});
