import 'reflect-metadata';
import { derivedId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CASE, openApiHouse, type Answer, type ApiHouse } from '../support/api-house.js';
import { until } from '../support/until.js';
import {
  BOXES,
  buildWorld,
  DAY,
  fact,
  GATE_A,
  HANDOVER,
  ORGANISATIONS,
  recordPass,
  SITE_A,
  TERMINAL_ZONE_A,
  tell,
  type Tokens,
} from './graphql-world.js';

const SEALED = derivedId('a pass with a seal');
const UNSEALED = derivedId('a pass without a seal');

let house: ApiHouse<Tokens>;

beforeAll(async () => {
  house = await openApiHouse(async (database) => {
    const tokens = await buildWorld(database);
    await recordPass(database, { id: SEALED, at: HANDOVER + DAY, containerNumbers: [BOXES.reused] });
    await recordPass(database, { id: UNSEALED, at: HANDOVER + 2 * DAY, containerNumbers: [BOXES.nobody] });
    await database.write((tx) =>
      tx.query(`INSERT INTO pass_seal VALUES ($1, $2, 'SL%1', $3), ($1, $2, 'SLX2', $3)`, [
        SITE_A,
        SEALED,
        new Date(HANDOVER + DAY),
      ]),
    );
    await tell(
      database,
      fact('in under northbank', { occurredAt: HANDOVER - DAY, truckPlate: '浙B00001' }),
      fact('in under tidewell', { occurredAt: HANDOVER + DAY, passId: SEALED }),
      fact('a zone', {
        kind: 'ZoneEntered',
        source: 'POSITION',
        occurredAt: HANDOVER + DAY + 1,
        truckPlate: '浙B55555',
      }),
      fact('northbank’s own', { asset: { kind: 'CONTAINER', code: BOXES.northbank }, occurredAt: HANDOVER + 2 * DAY }),
      fact('a truck', {
        kind: 'ZoneExited',
        asset: { kind: 'TRUCK', code: '浙B77777' },
        truckPlate: '浙B77777',
        occurredAt: HANDOVER + 3 * DAY,
      }),
    );
    return tokens;
  });
});

afterAll(() => house.close());

type Lists = Record<string, { readonly nodes: readonly Record<string, unknown>[] }>;

const list = (token: string, name: string, type: string, filter: object, fields: string): Promise<Answer<Lists>> =>
  house.ask<Lists>(token, `query ($filter: ${type}) { ${name}(filter: $filter) { nodes { ${fields} } } }`, { filter });

/** Causes of events are not told: kind and box or truck name them. */
async function events(token: string, filter: object): Promise<string[]> {
  const { data, errors } = await list(token, 'events', 'TrackingEventFilter', filter, 'kind asset { code } occurredAt');
  expect(errors).toBeUndefined();
  return (data?.['events']?.nodes ?? []).map(
    ({ kind, asset, occurredAt }) =>
      `${String(kind)} ${(asset as { code: string }).code} ${Math.floor((Date.parse(String(occurredAt)) - HANDOVER) / DAY)}`,
  );
}

async function passes(token: string, filter: object): Promise<readonly unknown[]> {
  const { data, errors } = await list(token, 'passes', 'GatePassFilter', filter, 'containerNumbers sealNumbers');
  expect(errors).toBeUndefined();
  return data?.['passes']?.nodes ?? [];
}

async function shipments(token: string, filter: object): Promise<readonly unknown[]> {
  const { data, errors } = await list(token, 'shipments', 'ShipmentFilter', filter, 'reference');
  expect(errors).toBeUndefined();
  return (data?.['shipments']?.nodes ?? []).map(({ reference }) => reference);
}

const REUSED_UNDER_TIDEWELL = [`ZoneEntered ${BOXES.reused} 1`, `ContainerGatedIn ${BOXES.reused} 1`];
const SEALED_PASS = { containerNumbers: [BOXES.reused], sealNumbers: ['SL%1', 'SLX2'] };
const UNSEALED_PASS = { containerNumbers: [BOXES.nobody], sealNumbers: [] };

describe('events', () => {
  it('are found by booking and bill of lading: those of its boxes in their time under it', async () => {
    expect(await events(house.tokens.tidewell, { booking: 'TW-1-BKG' })).toEqual(REUSED_UNDER_TIDEWELL);
    expect(await events(house.tokens.customs, { bill: 'TW-1-BL' })).toEqual(REUSED_UNDER_TIDEWELL);
    expect(await events(house.tokens.northbank, { booking: 'NB-1-BKG', bill: 'NB-1-BL' })).toEqual([
      `ContainerGatedIn ${BOXES.northbank} 2`,
      `ContainerGatedIn ${BOXES.reused} -1`,
    ]);
    expect(await events(house.tokens.tidewell, { booking: 'TW-1-BKG', bill: 'NB-1-BL' })).toEqual([]);
  });

  it('are not found by papers of others, nor by whoever sees no shipments', async () => {
    for (const token of [house.tokens.tidewell, house.tokens.stranger, house.tokens.operatorA]) {
      expect(await events(token, { booking: 'NB-1-BKG' })).toEqual([]);
      expect(await events(token, { bill: 'NB-1-BL' })).toEqual([]);
    }
    // their own eyes see the events themselves
    expect(await events(house.tokens.operatorA, { container: BOXES.northbank })).toHaveLength(1);
  });

  it('are found by the seal of their pass, by those alone who may see the pass', async () => {
    const sealed = [`ContainerGatedIn ${BOXES.reused} 1`];
    expect(await events(house.tokens.operatorA, { seal: ' sl%1 ' })).toEqual(sealed);
    expect(await events(house.tokens.customs, { seal: 'SLX2' })).toEqual(sealed);
    for (const token of [house.tokens.tidewell, house.tokens.operatorB])
      expect(await events(token, { seal: 'SL%1' })).toEqual([]);
  });

  it('are found by the beginning of a box number or plate, as it is written on boxes and papers', async () => {
    const owner = BOXES.reused.slice(0, 4);
    expect(await events(house.tokens.tidewell, { text: `${owner} ${BOXES.reused.slice(4, 9)}-` })).toEqual(
      REUSED_UNDER_TIDEWELL,
    );
    expect(await events(house.tokens.customs, { text: '浙b·777' })).toEqual(['ZoneExited 浙B77777 3']);
    expect(await events(house.tokens.customs, { text: '浙B55' })).toEqual([`ZoneEntered ${BOXES.reused} 1`]);
  });

  it('tell a company nothing by the plate of a truck that it is not told', async () => {
    expect(await events(house.tokens.tidewell, { text: '浙B12' })).toEqual([`ContainerGatedIn ${BOXES.reused} 1`]);
    expect(await events(house.tokens.tidewell, { text: '浙B55' })).toEqual([]);
    expect(await events(house.tokens.tidewell, { text: '浙B00' })).toEqual([]);
  });

  it('are found by gate, zone and kind', async () => {
    expect(
      await events(house.tokens.operatorA, { gate: GATE_A, zone: TERMINAL_ZONE_A, kinds: ['ZoneExited'] }),
    ).toEqual(['ZoneExited 浙B77777 3']);
  });
});

describe('passes', () => {
  it('are found by seal, zone, papers and text', async () => {
    expect(await passes(house.tokens.operatorA, { seal: 'sl%1' })).toEqual([SEALED_PASS]);
    expect(await passes(house.tokens.operatorA, { zone: TERMINAL_ZONE_A })).toEqual([UNSEALED_PASS, SEALED_PASS]);
    expect(await passes(house.tokens.customs, { booking: 'TW-1-BKG' })).toEqual([SEALED_PASS]);
    expect(await passes(house.tokens.customs, { bill: 'NB-1-BL' })).toEqual([]);
    expect(await passes(house.tokens.operatorA, { text: BOXES.nobody.slice(0, 10) })).toEqual([UNSEALED_PASS]);
    expect(await passes(house.tokens.operatorA, { text: '浙B12' })).toEqual([UNSEALED_PASS, SEALED_PASS]);
  });

  it('are not found by papers and seals that are not the asker’s to know', async () => {
    expect(await passes(house.tokens.operatorA, { booking: 'TW-1-BKG' })).toEqual([]);
    expect(await passes(house.tokens.operatorB, { seal: 'SL%1' })).toEqual([]);
  });
});

describe('shipments', () => {
  it('are found by booking, bill, box, trade, time of booking and the beginning of any number', async () => {
    for (const filter of [
      { booking: 'TW-1-BKG' },
      { bill: 'TW-1-BL' },
      { container: BOXES.tidewell },
      { text: 'TW-' },
      { text: 'TW-1-BL', trade: 'EXPORT' },
      { period: { from: new Date(HANDOVER).toISOString() } },
    ])
      expect([filter, await shipments(house.tokens.customs, filter)]).toEqual([filter, ['TW-1']]);
    expect(await shipments(house.tokens.customs, { container: BOXES.reused })).toEqual(['TW-1', 'NB-1']);
    expect(await shipments(house.tokens.customs, { trade: 'IMPORT' })).toEqual([]);
  });

  it('of others are not found by any of them', async () => {
    for (const filter of [{ booking: 'NB-1-BKG' }, { bill: 'NB-1-BL' }, { container: BOXES.northbank }, { text: 'NB' }])
      expect([filter, await shipments(house.tokens.tidewell, filter)]).toEqual([filter, []]);
  });
});

describe('what a pattern or a statement would be made of', () => {
  const HOSTILE = ['%%', '__', '\\\\', '%_%', "' OR true --", "x') OR (1=1", '$1$2', 'SL_1', 'TW_1-BKG', 'TW%'];

  it.each(HOSTILE)('%s finds nothing and breaks nothing', async (hostile) => {
    expect(await events(house.tokens.customs, { booking: hostile })).toEqual([]);
    expect(await events(house.tokens.customs, { bill: hostile })).toEqual([]);
    expect(await events(house.tokens.customs, { seal: hostile })).toEqual([]);
    expect(await passes(house.tokens.customs, { seal: hostile })).toEqual([]);
    expect(await shipments(house.tokens.customs, { booking: hostile })).toEqual([]);
    expect(await shipments(house.tokens.customs, { text: hostile })).toEqual([]);
  });

  it('in a text is refused when nothing of a number is left of it, and otherwise means itself', async () => {
    const codes = [];
    for (const text of HOSTILE) {
      const { data, errors } = await list(house.tokens.customs, 'events', 'TrackingEventFilter', { text }, 'id');
      codes.push(errors?.[0]?.extensions.code ?? data?.['events']?.nodes.length);
    }
    expect(codes).toEqual([0, 'INVALID_INPUT', 'INVALID_INPUT', 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('an unresolved tag', () => {
  it('tells its identity as an EPC URI; what is no EPC tells none', async () => {
    // GS1's own example of SGTIN-96
    for (const [sequence, reason, seen] of [
      [1, 'TAG_WITHOUT_BINDING', '3034257BF7194E4000001A85'],
      [2, 'TAG_WITHOUT_BINDING', 'E2801160600002'],
      [3, 'CHECK_DIGIT', 'SIMU1000029'],
    ] as const)
      await house.database.write((tx) =>
        tx.query(
          `INSERT INTO unresolved_observation (site_id, id, occurred_at, device_id, boot, sequence, reason, seen)
           VALUES ($1, $2, $3, 'R', 'b', $4, $5, $6)`,
          [SITE_A, derivedId('unresolved', seen), new Date(HANDOVER - sequence), sequence, reason, seen],
        ),
      );
    const answer = await house.ask(house.tokens.operatorA, '{ unresolvedObservations { nodes { epcUri } } }');
    expect(answer).toEqual({
      data: {
        unresolvedObservations: {
          nodes: [{ epcUri: 'urn:epc:tag:sgtin-96:1.0614141.812345.6789' }, { epcUri: null }, { epcUri: null }],
        },
      },
    });
  });
});

describe('a filter that can find nothing', () => {
  it.each([
    ['events', 'TrackingEventFilter', { zone: 'nowhere' }, 'filter.zone', 'nowhere'],
    ['events', 'TrackingEventFilter', { gate: '' }, 'filter.gate', ''],
    ['events', 'TrackingEventFilter', { site: 'CNNBO' }, 'filter.site', 'CNNBO'],
    ['events', 'TrackingEventFilter', { booking: '' }, 'filter.booking', ''],
    ['events', 'TrackingEventFilter', { seal: 'x'.repeat(31) }, 'filter.seal', 'x'.repeat(31)],
    ['events', 'TrackingEventFilter', { text: 'M' }, 'filter.text', 'M'],
    ['passes', 'GatePassFilter', { zone: 'nowhere' }, 'filter.zone', 'nowhere'],
    ['passes', 'GatePassFilter', { bill: '' }, 'filter.bill', ''],
    ['shipments', 'ShipmentFilter', { text: 'T' }, 'filter.text', 'T'],
  ])(
    'of %s as %s: %j is refused with field, value and what would be right',
    async (name, type, filter, field, value) => {
      const { errors } = await list(house.tokens.customs, name, type, filter, 'id');
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'INVALID_INPUT',
        details: { field, value, expected: expect.any(String) },
      });
    },
  );
});

describe('a subscription', () => {
  it('by booking tells events of its boxes alone, and only to who may see it', async () => {
    const query = `subscription { eventRecorded(filter: {booking: "TW-1-BKG"}) { asset { code } } }`;
    type Told = { eventRecorded: { asset: { code: string } } };
    const tidewell = await house.listen<Told>(house.tokens.tidewell, query);
    const operatorA = await house.listen<Told>(house.tokens.operatorA, query);
    await tell(
      house.database,
      fact('of another box', {
        asset: { kind: 'CONTAINER', code: BOXES.northbank },
        occurredAt: HANDOVER + 2 * DAY + 7,
      }),
      fact('of the booking', { asset: { kind: 'CONTAINER', code: BOXES.tidewell }, occurredAt: HANDOVER + 2 * DAY }),
    );
    await until('the booking’s event is told', () => tidewell.values.length > 0);
    expect(tidewell.values).toEqual([{ eventRecorded: { asset: { code: BOXES.tidewell } } }]);
    expect([operatorA.values, operatorA.ends]).toEqual([[], []]);
  });
});

describe('an export', () => {
  it('takes the same filters', async () => {
    const args = encodeURIComponent(JSON.stringify({ filter: { booking: 'TW-1-BKG' } }));
    const answer = await fetch(`${house.url}/exports/v1/shipments.ndjson?args=${args}`, {
      headers: { authorization: `Bearer ${house.tokens.customs}`, 'x-case-number': CASE },
    });
    expect((await answer.text()).match(/"reference":"[^"]+"/g)).toEqual(['"reference":"TW-1"']);
  });
});

describe('the index of each filter', () => {
  it.each([
    [`SELECT 1 FROM tracking_event WHERE asset_code ~>=~ 'SIMU1' AND asset_code ~<~ 'SIMU2'`, 'asset_code'],
    [`SELECT 1 FROM tracking_event WHERE truck_plate ~>=~ '浙B' AND truck_plate ~<~ '浙C'`, 'truck_plate'],
    [`SELECT 1 FROM tracking_event WHERE gate_id = 'x'`, 'gate_id'],
    [`SELECT 1 FROM tracking_event WHERE zone_id = 'x'`, 'zone_id'],
    [`SELECT 1 FROM tracking_event WHERE site_id = 'x' AND kind = 'y'`, 'kind'],
    [`SELECT 1 FROM gate_pass WHERE truck_plate ~>=~ 'x' AND truck_plate ~<~ 'y'`, 'truck_plate'],
    [`SELECT 1 FROM pass_container WHERE container_number ~>=~ 'x' AND container_number ~<~ 'y'`, 'container_number'],
    [`SELECT 1 FROM pass_seal WHERE seal_number = 'x'`, 'seal_number'],
    [`SELECT 1 FROM shipment WHERE reference ~>=~ 'x' AND reference ~<~ 'y'`, 'reference'],
    [`SELECT 1 FROM shipment_number WHERE number ~>=~ 'x' AND number ~<~ 'y'`, 'number'],
  ])('serves %s under the row-level policies', async (sql, column) => {
    const rows = await house.database.read(
      { scope: 'CUSTOMS', organisationId: ORGANISATIONS.customs, siteIds: [SITE_A] },
      async (tx) => {
        // the tables are small: without this a scan is cheaper whatever index there is
        await tx.query('SET LOCAL enable_seqscan = off');
        return await tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
      },
    );
    const conditions = rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes('Index Cond'));
    expect(conditions.some((line) => line.includes(column))).toBe(true);
  });
});
