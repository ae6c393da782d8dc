import 'reflect-metadata';
import { createLogger, derivedId, newId } from '#libs/kernel';
import { Database, runOnce } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildClientSchema,
  getIntrospectionQuery,
  isObjectType,
  getNamedType,
  isLeafType,
  type IntrospectionQuery,
} from 'graphql';
import { Pool } from 'pg';
import request from 'supertest';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { ownDocument } from '../../apps/server/src/documents/index.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  boxNumber,
  BOXES,
  buildWorld,
  DAY,
  fact,
  GATEWAY_A,
  HANDOVER,
  LANE_A,
  LANE_B,
  ORGANISATIONS,
  recordPass,
  SHIPMENTS,
  SITE_A,
  SITE_B,
  tell,
  TODAY,
  type Tokens,
} from './graphql-world.js';

/** A box's story: gated in under Northbank, out again; then in under Tidewell with a truck's pass. */
const PASS = derivedId('pass of the reused box');
const VISIT = derivedId('visit of the reused box');
const UNRESOLVED = derivedId('an unresolved number');
const ALERT = derivedId('its alert');

interface Answer {
  readonly data: Record<string, never> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly string[];
    readonly extensions: Record<string, never>;
  }[];
}

let store: TestDatabase;
let database: Database;
let server: BoxtrailServer;
let url: string;
let tokens: Tokens;
let eventIds: string[];

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  tokens = await buildWorld(database);
  const byNorthbank = { truckPlate: '浙B00001', occurredAt: HANDOVER - 2 * DAY };
  eventIds = await tell(
    database,
    fact('in under northbank', byNorthbank),
    fact('out under northbank', { ...byNorthbank, kind: 'ContainerGatedOut', occurredAt: HANDOVER - DAY }),
    fact('in under tidewell', { occurredAt: HANDOVER + DAY, passId: PASS }),
    fact('a zone', { kind: 'ZoneEntered', source: 'POSITION', occurredAt: HANDOVER + DAY + 1, truckPlate: '浙B12345' }),
    fact('a wrong exit', { kind: 'ZoneExited', source: 'POSITION', occurredAt: HANDOVER + DAY + 2 }),
    fact('northbank’s own', { asset: { kind: 'CONTAINER', code: BOXES.northbank }, occurredAt: HANDOVER + 2 * DAY }),
    fact('at the other terminal', {
      siteId: SITE_B,
      gateId: `${SITE_B}/G1`,
      laneId: LANE_B,
      zoneId: `${SITE_B}/TERMINAL`,
      asset: { kind: 'TRUCK', code: '浙B77777' },
      truckPlate: '浙B77777',
      kind: 'ZoneEntered',
    }),
  );
  await tell(
    database,
    fact('withdrawal', { kind: 'EventWithdrawn', occurredAt: HANDOVER + DAY + 2, withdraws: eventIds[4] ?? null }),
  );
  await database.write(async (tx) => {
    const at = new Date(HANDOVER + DAY);
    await tx.query(`INSERT INTO truck_visit VALUES ($1, $2, '浙B12345', NULL, $3, 'OPEN', $4, NULL)`, [
      SITE_A,
      VISIT,
      newId(),
      at,
    ]);
    await tx.query(`INSERT INTO visit_transaction VALUES ($1, $2, $3, $4, 'DELIVER', $5, 'LADEN', 'REAR', $6)`, [
      SITE_A,
      newId(),
      VISIT,
      PASS,
      BOXES.reused,
      at,
    ]);
    await tx.query(
      `INSERT INTO unresolved_observation (site_id, id, occurred_at, pass_id, lane_id, device_id, boot, sequence, reason, seen, proposals)
       VALUES ($1, $2, $3, $4, $5, 'CAM', 'b', 1, 'CHECK_DIGIT', 'SIMU1000029', $6)`,
      [
        SITE_A,
        UNRESOLVED,
        at,
        PASS,
        LANE_A,
        JSON.stringify([{ containerNumber: BOXES.tidewell, because: ['IN_TERMINAL'] }]),
      ],
    );
    await tx.query(
      `INSERT INTO alert (site_id, id, kind, severity, raised_at, lane_id, device_id, pass_id, unresolved_id)
       VALUES ($1, $2, 'UNRESOLVED_OBSERVATION', 'WARNING', $3, $4, 'CAM', $5, $6)`,
      [SITE_A, ALERT, at, LANE_A, PASS, UNRESOLVED],
    );
    await tx.query(
      `INSERT INTO asset_state (asset_kind, asset_code, site_id, longitude, latitude, zone_ids, known_at)
       VALUES ('CONTAINER', $1, $2, 122.05, 29.87, $3, $4)`,
      [BOXES.reused, SITE_A, [`${SITE_A}/TERMINAL`], new Date(HANDOVER + DAY + 1)],
    );
    await tx.query(
      `INSERT INTO binding VALUES ($1, 'TAG', '3034257BF7194E4000000001', 'CONTAINER', $2, $3, NULL, 'SEED', NULL)`,
      [newId(), BOXES.reused, new Date(HANDOVER - 9 * DAY)],
    );
    await tx.query(
      `INSERT INTO observation (site_id, device_id, boot, sequence, occurred_at, received_at, kind, lane_id, subject, asset_kind, asset_code, body)
       VALUES ($1, 'UHF', 'b', 1, $2, $2, 'TagVisit', $3, '3034257BF7194E4000000001', 'CONTAINER', $4, '{}')`,
      [SITE_A, new Date(HANDOVER + DAY - 5_000), LANE_A, BOXES.reused],
    );
    await tx.query(
      `INSERT INTO refused_input (site_id, device_id, boot, sequence, received_at, reason, detail, hex)
       SELECT $1, 'UHF', 'b', n, $2, 'checksum', NULL, 'a0' FROM generate_series(1, 3) AS n`,
      [SITE_A, at],
    );
    const device = { deviceId: 'UHF', state: 'OPEN', stateSince: TODAY, lastFrameAt: null, frames: 7, rejected: 1 };
    await tx.query(`INSERT INTO device_health VALUES ('UHF', $1, $2, $3, now(), $4)`, [
      SITE_A,
      GATEWAY_A,
      LANE_A,
      JSON.stringify({ ...device, skippedBytes: 0, reconnects: 0, lastError: null }),
    ]);
    await tx.query(`INSERT INTO gateway_health VALUES ($1, $2, now() - interval '31 seconds', $3)`, [
      GATEWAY_A,
      SITE_A,
      JSON.stringify({ bytes: 1, maxBytes: 2, unsentItems: 3, oldestUnsentAt: TODAY, damagedRecords: 0 }),
    ]);
  });
  await recordPass(database, {
    id: PASS,
    at: HANDOVER + DAY,
    containerNumbers: [BOXES.reused, BOXES.northbank],
    visitId: VISIT,
  });
  server = await BoxtrailServer.create({ database, logger: createLogger('spec', 'silent') });
  url = await server.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await server.close();
  await database.close();
  await store.drop();
});

async function ask(token: string | null, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const post = request(url).post('/graphql');
  const response = await (
    token === null ? post : post.set('authorization', `Bearer ${token}`).set('x-case-number', 'SPEC-0001')
  ).send({
    query,
    variables,
  });
  return response.body as Answer;
}

async function data<T>(token: string, query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const answer = await ask(token, query, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data as unknown as T;
}

async function codeOf(token: string | null, query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const { errors } = await ask(token, query, variables);
  return errors?.[0]?.extensions['code'];
}

interface Nodes<T> {
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

describe('a logistics company', () => {
  it('sees the events of a reused box within its own window alone', async () => {
    const query = `query ($n: ContainerNumber!) { container(number: $n) { status events { nodes { kind occurredAt } } } }`;
    type Box = { container: { status: string; events: Nodes<{ kind: string }> } };
    const after = await data<Box>(tokens.tidewell, query, { n: BOXES.reused });
    expect(after.container.events.nodes.map((event) => event.kind)).toEqual([
      'EventWithdrawn',
      'ZoneEntered',
      'ContainerGatedIn',
    ]);
    expect(after.container.status).toBe('IN_TERMINAL');
    const before = await data<Box>(tokens.northbank, query, { n: BOXES.reused });
    expect(before.container.events.nodes.map((event) => event.kind)).toEqual(['ContainerGatedOut', 'ContainerGatedIn']);
    expect(before.container.status).toBe('OUT_OF_TERMINAL');
  });

  it('gets the box’s place from its state of now, or from the last event of a window that is over', async () => {
    const query = `query ($n: ContainerNumber!) { container(number: $n) { place { at longitude zone { code } site { code } } sizeType } }`;
    const now = await data(tokens.tidewell, query, { n: BOXES.reused });
    expect(now).toEqual({
      container: {
        place: {
          at: new Date(HANDOVER + DAY + 1).toISOString(),
          longitude: 122.05,
          zone: { code: `${SITE_A}/TERMINAL` },
          site: { code: SITE_A },
        },
        sizeType: null,
      },
    });
    const then = await data<{ container: { place: { at: string; longitude: null } } }>(tokens.northbank, query, {
      n: BOXES.reused,
    });
    // gated out: the zone of the lane is what it left
    expect(then.container.place).toMatchObject({
      at: new Date(HANDOVER - DAY).toISOString(),
      longitude: null,
      zone: null,
    });
  });

  it('finds another’s box missing in the same bytes as one that does not exist', async () => {
    const answers = await Promise.all(
      [BOXES.northbank, BOXES.nobody, boxNumber(999_999)].map(async (number) => {
        const response = await request(url)
          .post('/graphql')
          .set('authorization', `Bearer ${tokens.tidewell}`)
          .send({
            query: `query ($n: ContainerNumber!) { container(number: $n) { number } }`,
            variables: { n: number },
          });
        return [response.status, response.text.replaceAll(number, 'BOX')];
      }),
    );
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(String(answers[0])).toContain('NOT_FOUND');
    expect(await codeOf(tokens.stranger, `{ container(number: "${BOXES.reused}") { number } }`)).toBe('NOT_FOUND');
  });

  it('finds its shipment by reference, booking and bill number, and no other’s', async () => {
    for (const reference of ['TW-1', 'TW-1-BKG', 'TW-1-BL']) {
      expect(
        await data(tokens.tidewell, `query ($r: String!) { shipment(reference: $r) { reference } }`, { r: reference }),
      ).toEqual({
        shipment: { reference: 'TW-1' },
      });
      expect(await codeOf(tokens.northbank, `{ shipment(reference: "${reference}") { reference } }`)).toBe('NOT_FOUND');
    }
    const { shipments } = await data<{ shipments: Nodes<unknown> }>(tokens.stranger, `{ shipments { nodes { id } } }`);
    expect(shipments.nodes).toEqual([]);
  });

  it('sees which milestones each box reached and which are to come', async () => {
    const { shipment } = await data<{ shipment: unknown }>(
      tokens.tidewell,
      `{ shipment(reference: "TW-1") { status milestones { code reached actualAt reachedBy { containerNumber event { kind } } }
         milestonesToCome { code } } }`,
    );
    expect(shipment).toEqual({
      status: 'UNDER_WAY',
      milestones: [
        {
          code: 'GTIN',
          reached: false,
          actualAt: null,
          reachedBy: [{ containerNumber: BOXES.reused, event: { kind: 'ContainerGatedIn' } }],
        },
        { code: 'LOAD', reached: false, actualAt: null, reachedBy: [] },
        { code: 'GTOT', reached: false, actualAt: null, reachedBy: [] },
      ],
      milestonesToCome: [{ code: 'GTIN' }, { code: 'LOAD' }, { code: 'GTOT' }],
    });
    // Northbank's second box came in within its window after the first had left again: both reached GTIN.
    const north = await data<{ shipment: { milestones: unknown[] } }>(
      tokens.northbank,
      `{ shipment(reference: "NB-1") { milestones { code reached actualAt } } }`,
    );
    expect(north.shipment.milestones[0]).toEqual({
      code: 'GTIN',
      reached: true,
      actualAt: new Date(HANDOVER + 2 * DAY).toISOString(),
    });
  });

  it('is told the truck only where it passed a gate with the box, and nothing of other boxes', async () => {
    const { events } = await data<{ events: Nodes<Record<string, unknown>> }>(
      tokens.tidewell,
      `{ events { nodes { kind truckPlate payload pass { id } } } }`,
    );
    expect(events.nodes.find((event) => event['kind'] === 'ContainerGatedIn')).toEqual({
      kind: 'ContainerGatedIn',
      truckPlate: '浙B12345',
      payload: { direction: 'IN', fullness: 'LADEN' },
      pass: null,
    });
    expect(events.nodes.find((event) => event['kind'] === 'ZoneEntered')).toMatchObject({ truckPlate: null });
    expect(JSON.stringify(events)).not.toContain(BOXES.northbank);
    const byTruck = await data<{ events: Nodes<{ kind: string }> }>(
      tokens.tidewell,
      `{ events(filter: { truck: "浙B12345" }) { nodes { kind } } }`,
    );
    expect(byTruck.events.nodes).toEqual([{ kind: 'ContainerGatedIn' }]);
  });

  it.each([
    ['passes', `{ passes { nodes { id } } }`],
    ['truckVisits', `{ truckVisits { nodes { id } } }`],
    ['devices', `{ devices { id } }`],
    ['lanes', `{ lanes { id } }`],
    ['alerts', `{ alerts { nodes { id } } }`],
    ['unresolvedObservations', `{ unresolvedObservations { nodes { id } } }`],
    ['refusedInputs', `{ refusedInputs { nodes { reason } } }`],
    ['chain', `{ container(number: "${BOXES.reused}") { chain { nodes { at } } } }`],
  ])('may not ask for %s', async (_name, query) => {
    expect(await codeOf(tokens.tidewell, query)).toBe('FORBIDDEN');
  });
});

describe('a gate operator', () => {
  it('sees the passes, visits, devices and exceptions of the own terminal and of no other', async () => {
    const query = `{ passes { nodes { id lane { code } truckPlate containerNumbers events { kind } unresolved { seen } visit { truckPlate } } }
      truckVisits { nodes { transactions { containerNumber position pass { id } } passes { id } } }
      devices { code state frames } gateways { code unsentItems } lanes { code } alerts { nodes { kind unresolved { seen } } }
      unresolvedObservations { nodes { seen proposals { containerNumber because } } } refusedInputs(first: 2) { nodes { reason } pageInfo { hasNextPage } }
      events { nodes { site { code } } } }`;
    const own = await data<Record<string, Nodes<Record<string, unknown>>>>(tokens.operatorA, query);
    expect(own['passes']?.nodes).toEqual([
      {
        id: globalId('GatePass', SITE_A, PASS),
        lane: { code: LANE_A },
        truckPlate: '浙B12345',
        containerNumbers: [BOXES.reused, BOXES.northbank],
        events: [{ kind: 'ContainerGatedIn' }],
        unresolved: [{ seen: 'SIMU1000029' }],
        visit: { truckPlate: '浙B12345' },
      },
    ]);
    expect(own).toMatchObject({
      truckVisits: { nodes: [{ transactions: [{ containerNumber: BOXES.reused, position: 'REAR' }] }] },
      devices: [{ code: 'UHF', state: 'OPEN', frames: 7 }],
      gateways: [{ code: GATEWAY_A, unsentItems: 3 }],
      alerts: { nodes: [{ unresolved: { seen: 'SIMU1000029' } }] },
      refusedInputs: { nodes: [{}, {}], pageInfo: { hasNextPage: true } },
    });
    const other = await data<Record<string, Nodes<unknown>>>(tokens.operatorB, query);
    expect(other).toMatchObject({
      passes: { nodes: [] },
      truckVisits: { nodes: [] },
      devices: [],
      alerts: { nodes: [] },
      unresolvedObservations: { nodes: [] },
      events: { nodes: [{ site: { code: SITE_B } }] },
    });
    expect(
      await data(
        tokens.operatorB,
        `{ events(filter: { site: "${SITE_A}" }) { nodes { id } } passes(filter: { site: "${SITE_A}" }) { nodes { id } } }`,
      ),
    ).toEqual({
      events: { nodes: [] },
      passes: { nodes: [] },
    });
  });
});

describe('a pass of a lane that the port does not have', () => {
  it('is listed with the others, without its lane', async () => {
    const id = newId();
    await recordPass(database, { id, laneId: `${SITE_B}/G9-L9`, siteId: SITE_B, at: HANDOVER, containerNumbers: [] });
    expect(await data(tokens.operatorB, `{ passes { nodes { id lane { code } } } }`)).toEqual({
      passes: { nodes: [{ id: globalId('GatePass', SITE_B, id), lane: null }] },
    });
  });
});

describe('a customs officer', () => {
  it('pages through the events of all its sites without a gap or a repetition', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: { events: Nodes<{ id: string }> } = await data(
        tokens.customs,
        `query ($after: String) { events(first: 2, after: $after, filter: { includeWithdrawn: true }) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      seen.push(...page.events.nodes.map((node) => node.id));
      after = page.events.pageInfo.hasNextPage ? page.events.pageInfo.endCursor : null;
    } while (after !== null);
    const all = await data<{ events: Nodes<{ id: string }> }>(
      tokens.customs,
      `{ events(filter: { includeWithdrawn: true }) { nodes { id } } }`,
    );
    expect(seen).toEqual(all.events.nodes.map((node) => node.id));
    expect(new Set(seen).size).toBe(8);
  });

  it.each([
    ['kind', `kinds: [ContainerGatedOut]`, 1],
    ['box', `container: "${BOXES.northbank}"`, 1],
    ['truck', `truck: "浙B77777"`, 1],
    ['gate', `gate: "${SITE_A}/G1"`, 6],
    ['zone', `zone: "${SITE_B}/TERMINAL"`, 1],
    ['lane', `lane: "${LANE_B}"`, 1],
    [
      'period',
      `period: { from: "${new Date(HANDOVER - 2 * DAY).toISOString()}", to: "${new Date(HANDOVER - DAY).toISOString()}" }`,
      1,
    ],
  ])('narrows the events by %s', async (_name, filter, count) => {
    const { events } = await data<{ events: Nodes<unknown> }>(
      tokens.customs,
      `{ events(filter: { ${filter} }) { nodes { id } } }`,
    );
    expect(events.nodes).toHaveLength(count);
  });

  it('gets a box’s whole chain from all sources in time order, page by page', async () => {
    const links: { kind: string; at: string }[] = [];
    let after: string | null = null;
    do {
      const page: { container: { chain: Nodes<{ kind: string; at: string }> } } = await data(
        tokens.customs,
        `query ($after: String) { container(number: "${BOXES.reused}") { chain(first: 3, after: $after) { nodes { kind at summary summaryZh details node { id } } pageInfo { hasNextPage endCursor } } } }`,
        { after },
      );
      links.push(...page.container.chain.nodes);
      after = page.container.chain.pageInfo.hasNextPage ? page.container.chain.pageInfo.endCursor : null;
    } while (after !== null);
    expect(links.map((link) => link.kind)).toEqual([
      'BINDING',
      'EVENT',
      'EVENT',
      'OBSERVATION',
      'EVENT',
      'PASS',
      'EVENT',
      'EVENT',
      'EVENT',
    ]);
    expect(links.map((link) => link.at)).toEqual(links.map((link) => link.at).toSorted());
  });

  it('sees that a withdrawn event no longer stands and which event says so', async () => {
    const { events } = await data<{ events: Nodes<Record<string, unknown>> }>(
      tokens.customs,
      `{ events(filter: { container: "${BOXES.reused}", includeWithdrawn: true }) { nodes { id kind stands withdraws } } }`,
    );
    const exited = events.nodes.find((event) => event['kind'] === 'ZoneExited');
    expect(exited).toMatchObject({ stands: false });
    expect(events.nodes.find((event) => event['kind'] === 'EventWithdrawn')).toMatchObject({
      withdraws: exited?.['id'],
    });
  });
});

describe('node(id)', () => {
  it('gives each what is theirs and null for foreign, unknown and malformed ids alike', async () => {
    const event = globalId('TrackingEvent', SITE_A, eventIds[0] ?? '');
    const query = `query ($id: ID!) { node(id: $id) { id __typename } }`;
    expect(await data(tokens.northbank, query, { id: event })).toEqual({
      node: { id: event, __typename: 'TrackingEvent' },
    });
    const ids = [
      event,
      globalId('TrackingEvent', SITE_A, newId()),
      globalId('GatePass', SITE_A, PASS),
      globalId('Shipment', SHIPMENTS.northbank),
      globalId('Organisation', ORGANISATIONS.northbank),
      globalId('Container', BOXES.northbank),
      globalId('Device', 'UHF'),
      globalId('Person', newId()),
      'nonsense',
      '',
      'A'.repeat(10_000),
    ];
    for (const id of ids) expect(await ask(tokens.tidewell, query, { id })).toEqual({ data: { node: null } });
  });
});

describe('every field of every type', () => {
  it('is answered without a fault of ours, whoever asks, and tells another tenant nothing', async () => {
    const introspection = await data<IntrospectionQuery>(tokens.customs, getIntrospectionQuery());
    const schema = buildClientSchema(introspection);
    const selection = (typeName: string, depth: number): string => {
      const type = schema.getType(typeName);
      if (isLeafType(type)) return '';
      if (!isObjectType(type)) return '{ id }';
      const fields = Object.values(type.getFields()).flatMap((field) => {
        const inner = getNamedType(field.type);
        if (isLeafType(inner)) return [field.name];
        return depth > 0 ? [`${field.name} ${selection(inner.name, depth - 1)}`] : [];
      });
      return `{ __typename ${fields.join(' ')} }`;
    };
    const args: Readonly<Record<string, string>> = {
      container: `(number: "${BOXES.reused}")`,
      shipment: `(reference: "NB-1")`,
      zones: `(site: "${SITE_A}")`,
      node: `(id: "${globalId('GatePass', SITE_A, PASS)}")`,
    };
    // of terminal A and of the two companies; each is somewhere in what its owners are answered
    const foreign = [BOXES.reused, '浙B00001', 'TW-1', 'NB-1', '3034257BF7194E4'];
    const owners = [tokens.operatorA, tokens.northbank, tokens.tidewell, tokens.customs];
    let told = '';
    for (const token of [...owners, tokens.operatorB, tokens.stranger]) {
      for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
        const { data: answered, errors } = await ask(
          token,
          `{ ${field.name}${args[field.name] ?? ''} ${selection(getNamedType(field.type).name, 2)} }`,
        );
        for (const { extensions } of errors ?? []) expect(['FORBIDDEN', 'NOT_FOUND']).toContain(extensions['code']);
        const text = JSON.stringify(answered);
        if (owners.includes(token)) told += text;
        else expect(foreign.filter((word) => text.includes(word))).toEqual([]);
      }
    }
    expect(foreign.filter((word) => !told.includes(word))).toEqual([]);
  });

  it('reads each kind of row once for the worst document, however many boxes there are', async () => {
    const worst = `{ shipments { nodes { reference status parties { organisation { name } } legs { mode } events(first: 3) { nodes { pass { visit { transactions { pass { id } } } } } }
      milestones { code site { code } reachedBy { event { lane { code } } } }
      containers { number container { status place { zone { code } } shipments { reference } events(first: 3) { nodes { id } }
        chain(first: 5) { nodes { node { id } } } } } } } }`;
    const statements = async (): Promise<number> => {
      const before = await server.metrics.statements.get();
      await data(tokens.customs, worst);
      const after = await server.metrics.statements.get();
      return (after.values[0]?.value ?? 0) - (before.values[0]?.value ?? 0);
    };
    const few = await statements();
    await database.write(async (tx) => {
      for (let serial = 200_000; serial < 200_020; serial += 1) {
        await tx.query(`INSERT INTO shipment_container VALUES ($1, $2, 'LADEN')`, [
          SHIPMENTS.northbank,
          boxNumber(serial),
        ]);
        await tx.query(`INSERT INTO company_window VALUES ($1, $2, $3, $4, NULL)`, [
          ORGANISATIONS.northbank,
          boxNumber(serial),
          SHIPMENTS.northbank,
          new Date(HANDOVER),
        ]);
      }
    });
    await tell(
      database,
      ...Array.from({ length: 20 }, (_, at) =>
        fact(`box ${at}`, { asset: { kind: 'CONTAINER', code: boxNumber(200_000 + at) }, occurredAt: HANDOVER + at }),
      ),
    );
    expect(await statements()).toBe(few);
    // One list and one statement for each of: milestones, parties, organisations, legs, containers, events of shipments, events by key,
    // boxes, whereabouts, shipments of boxes, events of boxes, chains, and the nodes and passes that these lead to.
    expect(few).toBeLessThanOrEqual(20);
  });
});

describe('wrong input', () => {
  it.each([
    ['a box number', `{ container(number: "SIMU1000013") { id } }`, 'INVALID_CONTAINER_NUMBER', 'number'],
    ['a plate', `{ events(filter: { truck: "B12345" }) { nodes { id } } }`, 'INVALID_LICENCE_PLATE', 'filter.truck'],
    ['a page of a million', `{ events(first: 1000000) { nodes { id } } }`, 'INVALID_PAGE_SIZE', 'first'],
    ['an empty page', `{ events(first: 0) { nodes { id } } }`, 'INVALID_PAGE_SIZE', 'first'],
    [
      'a period that ends before it begins',
      `{ events(filter: { period: { from: "2026-11-22T00:00:00Z", to: "2026-11-21T00:00:00Z" } }) { nodes { id } } }`,
      'INVALID_PERIOD',
      'filter.period',
    ],
    [
      'a day that no month has',
      `{ events(filter: { period: { from: "2026-02-30T00:00:00Z" } }) { nodes { id } } }`,
      'INVALID_INPUT',
      'filter.period.from',
    ],
    [
      'a text that PostgreSQL cannot hold',
      `{ events(filter: { site: "a\\u0000" }) { nodes { id } } }`,
      'INVALID_INPUT',
      'filter.site',
    ],
    ['a foreign cursor', `{ events(after: "bm9uc2Vuc2U") { nodes { id } } }`, 'INVALID_CURSOR', 'after'],
    ['an unknown field', `{ events { nodes { colour } } }`, 'INVALID_INPUT', undefined],
    ['no GraphQL at all', `{ events `, 'INVALID_INPUT', undefined],
  ])('is told: %s', async (_name, query, code, field) => {
    const { errors } = await ask(tokens.customs, query);
    expect(errors?.[0]?.extensions).toMatchObject({ code, retryable: false, messageZh: expect.any(String) });
    expect((errors?.[0]?.extensions['details'] as unknown as { field?: string }).field).toBe(field);
  });

  it.each([
    ['input.lane', { lane: 'a\0' }],
    ['input.reason', { reason: 'a\0' }],
    ['input.reason', { reason: ' ' }],
    ['input.chassis', { chassis: '浙'.repeat(21) }],
  ])('of a command is told with %s', async (field, changes) => {
    const { errors } = await ask(
      tokens.operatorA,
      `mutation ($i: ReportPassInput!) { reportPass(input: $i, idempotencyKey: "wrong-input") { pass { id } } }`,
      {
        i: {
          lane: LANE_A,
          direction: 'IN',
          truck: '浙B24680',
          containers: [],
          occurredAt: new Date().toISOString(),
          verdict: 'ACCEPTED',
          reason: 'tag broken',
          ...changes,
        },
      },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', details: { field } });
  });

  it('is told of a variable with its path', async () => {
    const { errors } = await ask(
      tokens.customs,
      `query ($f: TrackingEventFilter) { events(filter: $f) { nodes { id } } }`,
      {
        f: { container: 'SIMU1000013' },
      },
    );
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_CONTAINER_NUMBER',
      details: { field: 'f.container', value: 'SIMU1000013' },
    });
  });

  it('refuses a cursor of the same list with another filter', async () => {
    const { events } = await data<{ events: Nodes<unknown> }>(
      tokens.customs,
      `{ events(first: 1) { nodes { id } pageInfo { endCursor } } }`,
    );
    const cursor = events.pageInfo.endCursor ?? '';
    expect(
      await codeOf(
        tokens.customs,
        `{ events(first: 1, after: "${cursor}", filter: { site: "${SITE_A}" }) { nodes { id } } }`,
      ),
    ).toBe('INVALID_CURSOR');
    expect(await codeOf(tokens.customs, `{ passes(first: 1, after: "${cursor}") { nodes { id } } }`)).toBe(
      'INVALID_CURSOR',
    );
  });

  it('refuses documents that are too deep, too wide, too long or a ring, before anything runs', async () => {
    const deep = `{ container(number: "${BOXES.reused}") ${'{ shipments { containers { container '.repeat(6)} { id } ${'} } }'.repeat(6)} }`;
    expect(await codeOf(tokens.customs, deep)).toBe('LIMIT_EXCEEDED');
    const aliases = Array.from({ length: 1_000 }, (_, at) => `a${at}: sites { id }`).join(' ');
    expect(await codeOf(tokens.customs, `{ ${aliases} }`)).toBe('LIMIT_EXCEEDED');
    expect(await codeOf(tokens.customs, `{ ${'...on Query { sites { id } } '.repeat(11)} }`)).toBe('LIMIT_EXCEEDED');
    expect(await codeOf(tokens.customs, `{ ${'sites { id } '.repeat(2_000)} }`)).toBe('LIMIT_EXCEEDED');
    const doubling = Array.from(
      { length: 20 },
      (_, at) =>
        `fragment f${at} on Query { a: node(id: "x") { id } ...f${at + 1} b: node(id: "x") { ... on Query { ...f${at + 1} } } }`,
    );
    expect(await codeOf(tokens.customs, `{ ...f0 } ${doubling.join(' ')} fragment f20 on Query { sites { id } }`)).toBe(
      'LIMIT_EXCEEDED',
    );
    expect(await codeOf(tokens.customs, `{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }`)).toBe(
      'INVALID_INPUT',
    );
    const long = await request(url)
      .post('/graphql')
      .send({ query: `{ sites { id } } #${'x'.repeat(1_000_000)}` });
    expect([long.status, (long.body as { error: { code: string } }).error.code]).toEqual([413, 'LIMIT_EXCEEDED']);
  });
});

describe('tokens', () => {
  it('are needed, and an unknown, expired or revoked one is refused alike', async () => {
    const query = `{ viewer { displayName } }`;
    const answers = [await ask('bxt_unknown', query)];
    for (const column of ['expires_at', 'revoked_at']) {
      const token = `${column}-token`;
      await database.write((tx) =>
        tx.query(
          `INSERT INTO access_token (id, token_hash, person_id, organisation_id, role, ${column})
           SELECT $1, sha256($2), person_id, organisation_id, role, now() - interval '1 second' FROM membership WHERE role = 'CUSTOMS_OFFICER'`,
          [newId(), Buffer.from(token)],
        ),
      );
      answers.push(await ask(token, query));
    }
    expect(answers.map((answer) => answer.errors?.[0]?.extensions['code'])).toEqual(Array(3).fill('UNAUTHENTICATED'));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await codeOf(null, query)).toBe('UNAUTHENTICATED');
  });
});

describe('the example queries', () => {
  it('work for those whom they are written for', async () => {
    await data(tokens.tidewell, ownDocument('my-shipments'));
    await data(tokens.customs, ownDocument('port-events'));
    await data(tokens.operatorA, ownDocument('my-lanes'));
  });
});

describe('commands', () => {
  const mutation = `mutation ($input: ReportPassInput!, $key: IdempotencyKey!) {
    reportPass(input: $input, idempotencyKey: $key) { pass { id source truckPlate containerNumbers } } }`;
  const input = () => ({
    lane: LANE_A,
    direction: 'IN',
    truck: '浙B 24680',
    containers: [{ number: boxNumber(300_001), fullness: 'LADEN' }],
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    verdict: 'ACCEPTED',
    reason: 'tag broken',
  });

  it('have one effect and one answer for fifty requests with one key at once, and refuse another body', async () => {
    const body = input();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(tokens.operatorA, mutation, { input: body, key: 'one-intent-1' })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      data: {
        reportPass: { pass: { source: 'HAND', truckPlate: '浙B24680', containerNumbers: [boxNumber(300_001)] } },
      },
    });
    const { passes } = await data<{ passes: Nodes<unknown> }>(
      tokens.operatorA,
      `{ passes(filter: { truck: "浙B24680" }) { nodes { id } } }`,
    );
    expect(passes.nodes).toHaveLength(1);
    expect(
      await codeOf(tokens.operatorA, mutation, { input: { ...body, reason: 'another' }, key: 'one-intent-1' }),
    ).toBe('IDEMPOTENCY_MISMATCH');
  });

  it('are for the lane’s own operators alone', async () => {
    expect(await codeOf(tokens.operatorB, mutation, { input: input(), key: 'foreign-lane-1' })).toBe('NOT_FOUND');
    expect(await codeOf(tokens.customs, mutation, { input: input(), key: 'wrong-role-1' })).toBe('FORBIDDEN');
  });

  it('name an unresolved reading once, and refuse a second word', async () => {
    const resolve = `mutation ($c: ContainerNumber, $key: IdempotencyKey!) { resolveObservation(
      input: { id: "${globalId('UnresolvedObservation', SITE_A, UNRESOLVED)}", container: $c }, idempotencyKey: $key) {
      observation { state chosenContainer } events { kind containerNumber } } }`;
    const answer = await data<{ resolveObservation: unknown }>(tokens.operatorA, resolve, {
      c: BOXES.tidewell,
      key: 'resolve-it-1',
    });
    expect(answer.resolveObservation).toMatchObject({
      observation: { state: 'RESOLVED', chosenContainer: BOXES.tidewell },
    });
    expect(await codeOf(tokens.operatorA, resolve, { c: BOXES.reused, key: 'resolve-it-2' })).toBe('CONFLICT');
  });

  it('acknowledge an alert of the own terminal', async () => {
    const acknowledge = `mutation ($id: ID!, $key: IdempotencyKey!) { acknowledgeAlert(id: $id, idempotencyKey: $key) { alert { id } } }`;
    const id = globalId('Alert', SITE_A, ALERT);
    expect(await data(tokens.operatorA, acknowledge, { id, key: 'acknowledge-1' })).toEqual({
      acknowledgeAlert: { alert: { id } },
    });
    expect(await codeOf(tokens.operatorB, acknowledge, { id, key: 'acknowledge-2' })).toBe('NOT_FOUND');
    expect(await codeOf(tokens.operatorA, acknowledge, { id: 'nonsense', key: 'acknowledge-3' })).toBe('NOT_FOUND');
  });
});

describe('a key of idempotency in PostgreSQL', () => {
  const intent = { personId: newId(), key: 'twenty-at-once', operation: 'count', requestHash: new Uint8Array(32) };
  const effect = derivedId('the effect of a key');
  const once = (over: Partial<typeof intent> = {}) =>
    database.write((tx) =>
      runOnce(tx, { ...intent, ...over }, async () => {
        await tx.query(`INSERT INTO person VALUES ($1, 'effect')`, [effect]);
        return { drawn: newId() };
      }),
    );

  it('has one effect and one answer when many transactions bring it at once, as from several processes', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => once()));
    expect(new Set(answers.map((answer) => answer.drawn)).size).toBe(1);
    await expect(once({ requestHash: new Uint8Array(32).fill(1) })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
    await expect(once({ operation: 'another' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  it('is free again when its work failed', async () => {
    const failing = { ...intent, key: 'fails-first' };
    await expect(database.write((tx) => runOnce(tx, failing, () => Promise.reject(new Error('no'))))).rejects.toThrow(
      'no',
    );
    expect(await database.write((tx) => runOnce(tx, failing, () => Promise.resolve(7)))).toBe(7);
  });
});

describe('row-level security by itself', () => {
  const TABLES = [
    'tracking_event',
    'observation',
    'refused_input',
    'gate_pass',
    'truck_visit',
    'visit_transaction',
    'unresolved_observation',
    'alert',
    'device_health',
    'gateway_health',
    'asset_state',
    'shipment',
    'shipment_party',
    'shipment_container',
    'leg',
    'milestone',
    'company_window',
    'binding',
    'asset',
  ];

  it('shows the reading role no row of any table while nobody asks', async () => {
    for (const table of TABLES) {
      const [app] = await database.readPublic((tx) => tx.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`));
      const [all] = await database.write((tx) => tx.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`));
      expect([table, app?.n]).toEqual([table, '0']);
      expect(Number(all?.n)).toBeGreaterThan(0);
    }
  });

  it('hides a box’s state from a company when any part of it is older than its window', async () => {
    const number = boxNumber(100_009);
    const states = () =>
      database.read({ scope: 'COMPANY', organisationId: ORGANISATIONS.tidewell }, (tx) =>
        tx.query(`SELECT 1 FROM asset_state WHERE asset_code = $1`, [number]),
      );
    await database.write(async (tx) => {
      await tx.query(`INSERT INTO company_window VALUES ($1, $2, $3, $4, NULL)`, [
        ORGANISATIONS.tidewell,
        number,
        SHIPMENTS.tidewell,
        new Date(HANDOVER),
      ]);
      await tx.query(
        `INSERT INTO asset_state (asset_kind, asset_code, longitude, latitude, position_at, last_event_at, known_at)
         VALUES ('CONTAINER', $1, 122.05, 29.87, $2, $3, $3)`,
        [number, new Date(HANDOVER - 1), new Date(HANDOVER + DAY)],
      );
    });
    expect(await states()).toEqual([]);
    await database.write((tx) =>
      tx.query(`UPDATE asset_state SET position_at = $2 WHERE asset_code = $1`, [number, new Date(HANDOVER)]),
    );
    expect(await states()).toHaveLength(1);
  });

  it('shows a terminal the rides that its own passes began, and not those of another’s', async () => {
    const rides = (siteId: string) =>
      database.read({ scope: 'TERMINAL', organisationId: ORGANISATIONS.terminalA, siteIds: [siteId] }, (tx) =>
        tx.query(`SELECT 1 FROM binding WHERE kind = 'ASSET' AND subject = $1`, [`CONTAINER:${BOXES.nobody}`]),
      );
    await database.write((tx) =>
      tx.query(`INSERT INTO binding VALUES ($1, 'ASSET', $2, 'CONTAINER', $3, now(), NULL, 'PASS', $4)`, [
        newId(),
        `CONTAINER:${BOXES.nobody}`,
        BOXES.tidewell,
        PASS,
      ]),
    );
    expect(await rides(SITE_A)).toHaveLength(1);
    expect(await rides(SITE_B)).toEqual([]);
  });

  it('never carries one reader’s rights to the next over a pool of two, with errors and aborts inside transactions', async () => {
    const narrow = new Database(
      { app: store.appUrl, ingest: store.ingestUrl },
      { appConnections: 2, ingestConnections: 1 },
    );
    const read = (organisationId: string, sql: string) =>
      narrow.read({ scope: 'COMPANY', organisationId }, (tx) => tx.query<{ container_number: string }>(sql));
    const boxes = `SELECT DISTINCT container_number FROM tracking_event ORDER BY 1`;
    const own = new Map([
      [ORGANISATIONS.tidewell, (await read(ORGANISATIONS.tidewell, boxes)).map((row) => row.container_number)],
      [ORGANISATIONS.stranger, []],
    ]);
    expect(own.get(ORGANISATIONS.tidewell)).toContain(BOXES.reused);
    await Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const organisation = at % 2 === 0 ? ORGANISATIONS.tidewell : ORGANISATIONS.stranger;
        if (at % 5 === 0) await expect(read(organisation, 'SELECT 1/0')).rejects.toThrow('division by zero');
        if (at % 7 === 0) await expect(narrow.readPublic((tx) => tx.query(boxes))).resolves.toEqual([]);
        const rows = await read(organisation, boxes);
        expect(rows.map((row) => row.container_number)).toEqual(own.get(organisation));
      }),
    );
    await narrow.close();
  });

  it('lets the reading role write nothing', async () => {
    const pool = new Pool({ connectionString: store.appUrl, max: 1 });
    for (const sql of [
      `DELETE FROM tracking_event`,
      `UPDATE shipment SET reference = 'x'`,
      `INSERT INTO person VALUES (gen_random_uuid(), 'x')`,
    ]) {
      await expect(pool.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    await pool.end();
  });
});
