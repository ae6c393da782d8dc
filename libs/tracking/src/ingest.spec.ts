import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '#libs/kernel';
import type { LanePass, UplinkBatch, UplinkItem } from '#libs/lane';
import { Database } from '#libs/persistence';
import type { Observation, PositionFix } from '#libs/telemetry';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { GateCommands } from './gate-commands.js';
import { Ingest } from './ingest.js';

const SITE = 'CNNBO-BLYUA';
const LANE_IN = `${SITE}/G1-L3`;
const LANE_OUT = `${SITE}/G1-L6`;
const TERMINAL = `${SITE}/TERMINAL`;
const YARD = `${SITE}/YARD-A`;
/** The terminal across the strait: its lane and zone are not this gateway's. */
const OTHER_SITE = 'CNNBO-ZHCT';
const OTHER_LANE = `${OTHER_SITE}/G1-L3`;
const OTHER_TERMINAL = `${OTHER_SITE}/TERMINAL`;
const TRUCK = '浙BA1007';
const TRUCK_TAG = '3414257BF4000000000003E9';
/** Trucks with a receiver and no tag: one that passes no gate, and one that brings a box. */
const ROAMER = '浙BB1048';
const CARRIER = '浙BC2000';
const BOX_A = 'COSU6311696';
const BOX_B = 'OOLU9878205';
const TAG_A = '3374257BF40000020000000A';
const TAG_B = '3374257BF40000020000000B';
const NINE = Date.parse('2026-11-20T09:00:00.000Z');
const PERSON = '11111111-1111-4111-8111-111111111111';

let testDatabase: TestDatabase;
let database: Database;
let ingest: Ingest;
let stream = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ app: testDatabase.appUrl, ingest: testDatabase.ingestUrl });
  ingest = new Ingest(database);
  // A terminal of one kilometre by one, with a yard of 300 m in its middle; both without buffer games: 20 m and no dwell.
  const square = (lon: number, lat: number, side: number): object => ({
    type: 'Polygon',
    coordinates: [
      [
        [lon, lat],
        [lon + side, lat],
        [lon + side, lat + side],
        [lon, lat + side],
        [lon, lat],
      ],
    ],
  });
  await database.write(async (tx) => {
    await tx.query(
      `INSERT INTO site (id, un_locode, smdg_code, name, name_zh, longitude, latitude)
       VALUES ($1, 'CNNBO', 'BLYUA', 'Chuanshan', '穿山', 122.05, 29.88), ($2, 'CNNBO', 'ZHCT', 'Zhenhai', '镇海', 121.7, 29.96)`,
      [SITE, OTHER_SITE],
    );
    await tx.query(
      `INSERT INTO zone (id, site_id, kind, name, name_zh, geometry, buffer_m, dwell_ms)
       VALUES ($1,$3,'TERMINAL','Terminal','码头',$4,20,0), ($2,$3,'YARD','Yard A','A堆场',$5,20,60000),
         ($6,$7,'TERMINAL','Terminal','码头',$8,20,0)`,
      [
        TERMINAL,
        YARD,
        SITE,
        JSON.stringify(square(122.05, 29.88, 0.01)),
        JSON.stringify(square(122.0535, 29.8835, 0.003)),
        OTHER_TERMINAL,
        OTHER_SITE,
        JSON.stringify(square(121.7, 29.96, 0.01)),
      ],
    );
    await tx.query(
      `INSERT INTO gate (id, site_id, name, name_zh) VALUES ($1,$2,'Gate 1','一号闸口'), ($3,$4,'Gate 1','一号闸口')`,
      [`${SITE}/G1`, SITE, `${OTHER_SITE}/G1`, OTHER_SITE],
    );
    await tx.query(
      `INSERT INTO lane (id, site_id, gate_id, number, direction, zone_id)
       VALUES ($1,$3,$4,3,'IN',$5), ($2,$3,$4,6,'OUT',$5), ($6,$7,$8,3,'IN',$9)`,
      [LANE_IN, LANE_OUT, SITE, `${SITE}/G1`, TERMINAL, OTHER_LANE, OTHER_SITE, `${OTHER_SITE}/G1`, OTHER_TERMINAL],
    );
    await tx.query(`INSERT INTO gateway (id, site_id) VALUES ('gw', $1)`, [SITE]);
    await tx.query(
      `INSERT INTO asset (kind, code) VALUES ('TRUCK',$1), ('CONTAINER',$2), ('CONTAINER',$3), ('TRUCK',$4), ('TRUCK',$5)`,
      [TRUCK, BOX_A, BOX_B, ROAMER, CARRIER],
    );
    for (const [kind, subject, assetKind, code] of [
      ['TAG', TRUCK_TAG, 'TRUCK', TRUCK],
      ['TAG', TAG_A, 'CONTAINER', BOX_A],
      ['TAG', TAG_B, 'CONTAINER', BOX_B],
      ['DEVICE', 'gnss', 'TRUCK', ROAMER],
      ['DEVICE', 'gnss-0', 'TRUCK', TRUCK],
      ['DEVICE', 'gnss-2', 'TRUCK', CARRIER],
    ]) {
      await tx.query(
        `INSERT INTO binding (id, kind, subject, asset_kind, asset_code, valid_from, source)
         VALUES (gen_random_uuid(), $1, $2, $3, $4, '2024-01-01Z', 'SEED')`,
        [kind, subject, assetKind, code],
      );
    }
  });
});

// The journal cannot be emptied, so each test works in a copy of the prepared database's time: a day of its own.
let day = NINE;
beforeEach(() => {
  day += 24 * 3_600_000;
  stream += 1;
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const ref = (sequence: number, deviceId = 'uhf') => ({ deviceId, boot: `b${stream}`, sequence });

function tag(epc: string, at: number, sequence: number, pc = '3000'): LanePass['tags'][number] {
  return {
    pc,
    epc,
    antennas: [1, 2],
    count: 10,
    peakRssiDbm: -48,
    firstSeen: at,
    lastSeen: at + 4000,
    ref: ref(sequence),
  };
}

function ocr(
  text: string,
  at: number,
  sequence: number,
  position: 'FRONT' | 'REAR' | null = null,
): LanePass['boxes'][number] {
  return { text, confidence: 0.96, pictureUrl: null, position, at, ref: ref(sequence, 'cam') };
}

/** A pass of lane 3 inwards, accepted, six seconds long. */
function passAt(at: number, changes: Partial<LanePass> = {}): LanePass {
  return {
    passId: `00000000-0000-4000-8000-${at.toString(16).padStart(12, '0')}`,
    siteId: SITE,
    laneId: LANE_IN,
    occurredAt: at,
    closedAt: at + 6000,
    direction: 'IN',
    directionSource: 'LOOPS',
    outcome: 'CROSSED',
    exit: 'SEEN',
    closedBy: 'LOOP',
    doubts: [],
    decision: { verdict: 'ACCEPTED', by: 'TOS', reason: null, at: at + 3000 },
    tags: [tag(TRUCK_TAG, at + 500, 1), tag(TAG_A, at + 900, 2), tag(TAG_B, at + 1200, 3)],
    boxes: [],
    plates: [],
    scans: [],
    cards: [],
    seals: [],
    weights: [],
    crossReads: [],
    causes: [ref(0, 'io')],
    ...changes,
  };
}

const outwards = { laneId: LANE_OUT, direction: 'OUT' } as const;

function fix(at: number, longitude: number, latitude: number, sequence: number, device = 'gnss'): Observation {
  const body: PositionFix = {
    kind: 'PositionFix',
    longitude,
    latitude,
    speedMps: 5,
    courseDeg: 90,
    altitudeM: null,
    hdop: null,
    satellites: null,
    accuracyM: null,
    system: 'BEIDOU',
  };
  return { ...ref(sequence, device), occurredAt: at, receivedAt: at, laneId: null, body };
}

type Unnumbered = UplinkItem extends infer I ? (I extends UplinkItem ? Omit<I, 'sequence'> : never) : never;

function batch(items: readonly Unnumbered[], first = 1): UplinkBatch {
  return {
    gatewayId: 'gw',
    siteId: SITE,
    streamId: `00000000-0000-4000-9000-${String(stream).padStart(12, '0')}`,
    sentAt: day,
    items: items.map((item, i) => ({ ...item, sequence: first + i })),
  };
}

const passItem = (pass: LanePass): Unnumbered => ({ kind: 'pass', pass });
const fixItem = (observation: Observation): Unnumbered => ({ kind: 'observation', observation });

async function standing(kinds: readonly string[], from = day): Promise<string[]> {
  const rows = await database.write((tx) =>
    tx.query<{ text: string }>(
      `SELECT kind || ' ' || asset_code || coalesce(' ' || zone_id, '') || ' +' ||
         (extract(epoch FROM occurred_at) * 1000 - $2)::bigint AS text
       FROM tracking_event e WHERE kind = ANY ($1) AND occurred_at >= to_timestamp($2::double precision / 1000)
         AND occurred_at < to_timestamp($2::double precision / 1000) + interval '1 day'
         AND NOT EXISTS (SELECT 1 FROM tracking_event w WHERE w.withdraws = e.id)
       ORDER BY occurred_at, kind, asset_code, zone_id`,
      [kinds, from],
    ),
  );
  return rows.map((row) => row.text);
}

async function count(sql: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await database.write((tx) => tx.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`, values));
  return Number(row?.n);
}

const today = `occurred_at >= to_timestamp($1::double precision / 1000) AND occurred_at < to_timestamp($1::double precision / 1000) + interval '1 day'`;

describe('a pass inwards with a tagged truck and two tagged boxes', () => {
  it('is one pass, one visit, two gate-ins and three zone entries, however often it is sent', async () => {
    const pass = passAt(day);
    await ingest.accept(batch([passItem(pass)]));
    // the same stream again, as after a lost answer, and another stream, as after a lost gateway disk
    await ingest.accept(batch([passItem(pass)]));
    stream += 1000;
    await ingest.accept(batch([passItem(pass)]));

    expect(await count(`gate_pass WHERE ${today}`, [day])).toBe(1);
    expect(await count(`truck_visit WHERE truck_plate = $1 AND opened_at = $2`, [TRUCK, new Date(day + 6000)])).toBe(1);
    expect(await standing(['ContainerGatedIn', 'ZoneEntered', 'ZoneExited'])).toEqual([
      `ContainerGatedIn ${BOX_A} ${TERMINAL} +6000`,
      `ContainerGatedIn ${BOX_B} ${TERMINAL} +6000`,
      `ZoneEntered ${BOX_A} ${TERMINAL} +6000`,
      `ZoneEntered ${BOX_B} ${TERMINAL} +6000`,
      `ZoneEntered ${TRUCK} ${TERMINAL} +6000`,
    ]);
    expect(await count(`visit_transaction WHERE ${today} AND kind = 'DELIVER'`, [day])).toBe(2);
    expect(await count(`outbox WHERE subject_id = $1`, [pass.passId])).toBe(1);
  });

  it('becomes the same visit with what the truck takes out, and leaves the terminal with it', async () => {
    await ingest.accept(batch([passItem(passAt(day))]));
    const out = passAt(day + 3_600_000, {
      ...outwards,
      tags: [tag(TRUCK_TAG, day + 3_600_500, 11)],
      boxes: [ocr('TCLU 451849-1', day + 3_600_900, 12)],
    });
    await ingest.accept(batch([passItem(out)], 2));

    const [visit] = await database.write((tx) =>
      tx.query<{ id: string; state: string; kinds: string[] }>(
        `SELECT v.id, v.state, array_agg(t.kind || ' ' || t.container_number ORDER BY t.occurred_at, t.container_number) AS kinds
         FROM truck_visit v JOIN visit_transaction t ON t.visit_id = v.id WHERE v.opened_at = $1 GROUP BY v.id, v.state`,
        [new Date(day + 6000)],
      ),
    );
    expect(visit).toMatchObject({
      state: 'CLOSED',
      kinds: [`DELIVER ${BOX_A}`, `DELIVER ${BOX_B}`, 'RECEIVE TCLU4518491'],
    });
    expect(await standing(['ContainerGatedOut', 'ZoneExited'])).toEqual([
      `ContainerGatedOut TCLU4518491 ${TERMINAL} +3606000`,
      `ZoneExited ${TRUCK} ${TERMINAL} +3606000`,
    ]);
  });
});

describe('passes of one truck that come out of order', () => {
  const visitsOf = async (plate: string): Promise<string[]> => {
    const rows = await database.write((tx) =>
      tx.query<{ opened_at: Date; closed_at: Date | null }>(
        `SELECT opened_at, closed_at FROM truck_visit WHERE truck_plate = $1 ORDER BY opened_at`,
        [plate],
      ),
    );
    return rows.map((row) => `+${row.opened_at.getTime() - day} +${(row.closed_at?.getTime() ?? NaN) - day}`);
  };
  const passOf = (plate: string, at: number, changes: Partial<LanePass> = {}): Unnumbered =>
    passItem(passAt(at, { tags: [], plates: [ocr(plate, at, 1)], ...changes }));

  it('are one visit when the out comes before its in', async () => {
    const plate = '浙BD3001';
    await ingest.accept(batch([passOf(plate, day + 1_800_000, { ...outwards, boxes: [ocr(BOX_A, day, 2)] })]));
    await ingest.accept(batch([passOf(plate, day, { boxes: [ocr(BOX_B, day, 3)] })], 2));
    expect(await visitsOf(plate)).toEqual(['+6000 +1806000']);
    expect(
      await count(
        `visit_transaction t JOIN truck_visit v ON v.site_id = t.site_id AND v.id = t.visit_id WHERE v.truck_plate = $1`,
        [plate],
      ),
    ).toBe(2);
  });

  it('end a visit at its late out, not at the next in', async () => {
    const plate = '浙BD3002';
    await ingest.accept(batch([passOf(plate, day), passOf(plate, day + 3_600_000)]));
    expect(await visitsOf(plate)).toEqual(['+6000 +3606000', '+3606000 +NaN']);
    await ingest.accept(batch([passOf(plate, day + 1_800_000, outwards)], 3));
    expect(await visitsOf(plate)).toEqual(['+6000 +1806000', '+3606000 +NaN']);
  });
});

describe('a pass that is no gate-in', () => {
  it.each([
    [
      'refused',
      { outcome: 'REFUSED', decision: { verdict: 'REFUSED', by: 'TOS', reason: 'no appointment', at: 0 } },
      3,
    ],
    ['turned back', { outcome: 'TURNED_BACK', decision: null }, 0],
    ['undecided', { outcome: 'UNDECIDED', decision: null }, 0],
    ['without a direction', { direction: 'UNKNOWN', directionSource: 'NONE' }, 0],
  ] as const)('%s: kept with its evidence, and no visit, gate or zone event', async (_, changes, refusals) => {
    await ingest.accept(batch([passItem(passAt(day, changes))]));
    expect(await count(`gate_pass WHERE ${today}`, [day])).toBe(1);
    expect(
      await standing(['ContainerGatedIn', 'ContainerGatedOut', 'ZoneEntered', 'ZoneExited', 'ZoneCrossed']),
    ).toEqual([]);
    expect(await standing(['PassRefused'])).toHaveLength(refusals);
    expect(await count(`truck_visit WHERE opened_at >= $1`, [new Date(day)])).toBe(0);
  });

  it('tells the reason of a refusal on the truck alone: the box’s event is read by its company', async () => {
    await ingest.accept(
      batch([
        passItem(
          passAt(day, { outcome: 'REFUSED', decision: { verdict: 'REFUSED', by: 'TOS', reason: 'selected', at: day } }),
        ),
      ]),
    );
    const rows = await database.write((tx) =>
      tx.query<{ asset_kind: string; told: boolean }>(
        `SELECT asset_kind, payload::text LIKE '%selected%' AS told FROM tracking_event WHERE kind = 'PassRefused' AND ${today} ORDER BY 1`,
        [day],
      ),
    );
    expect(rows.map((row) => `${row.asset_kind} ${row.told}`)).toEqual([
      'CONTAINER false',
      'CONTAINER false',
      'TRUCK true',
    ]);
  });
});

describe('a pass of a lane that is not its terminal’s', () => {
  it.each([
    ['of another terminal', OTHER_LANE],
    ['that nobody knows', `${SITE}/G9-L1`],
  ])('%s: kept and marked, and told of this terminal alone', async (_, laneId) => {
    await ingest.accept(
      batch([passItem(passAt(day, { laneId, tags: [tag(TAG_A, day, 1)], plates: [ocr(TRUCK, day, 2)] }))]),
    );
    expect(await count(`gate_pass WHERE ${today} AND 'UNKNOWN_LANE' = ANY (exceptions)`, [day])).toBe(1);
    expect(await standing(['ContainerGatedIn', 'ZoneEntered', 'ZoneExited'])).toEqual([
      `ContainerGatedIn ${BOX_A} +6000`,
    ]);
    // a fix from before folds the truck again, over the stored pass
    await ingest.accept(batch([fixItem(fix(day + 1000, 122.04, 29.87, 3, 'gnss-0'))], 2));
    await ingest.accept(batch([fixItem(fix(day + 500, 122.04, 29.87, 4, 'gnss-0'))], 3));
    expect(await count(`tracking_event WHERE site_id = $1`, [OTHER_SITE])).toBe(0);
  });
});

describe('readings that name no box', () => {
  it('keeps a wrong check digit with proposals, and writes the gate-in when a person has chosen', async () => {
    // COSU6311697: the last digit of BOX_A misread; another digit would belong to another box
    await ingest.accept(
      batch([passItem(passAt(day, { tags: [tag(TRUCK_TAG, day, 1)], boxes: [ocr('COSU6311697', day + 100, 2)] }))]),
    );
    const [open] = await database.write((tx) =>
      tx.query<{ id: string; reason: string; proposals: { containerNumber: string }[] }>(
        `SELECT id, reason, proposals FROM unresolved_observation WHERE ${today}`,
        [day],
      ),
    );
    expect(open).toMatchObject({ reason: 'CHECK_DIGIT' });
    expect(open?.proposals.map((p) => p.containerNumber)).toContain(BOX_A);
    expect(await count(`alert WHERE unresolved_id = $1 AND state = 'OPEN'`, [open?.id])).toBe(1);
    expect(await standing(['ContainerGatedIn'])).toEqual([]);

    const commands = new GateCommands(ingest);
    const actor = { personId: PERSON, organisationId: PERSON, siteIds: [SITE] };
    const answer = { siteId: SITE, id: open?.id ?? '', container: BOX_A, bindTag: false };
    const done = await database.write((tx) => commands.resolveObservation(tx, actor, answer));
    expect(done.eventIds.length).toBeGreaterThanOrEqual(2);
    expect(await standing(['ContainerGatedIn', 'ObservationResolved'])).toEqual([
      `ObservationResolved ${BOX_A} +100`,
      `ContainerGatedIn ${BOX_A} ${TERMINAL} +6000`,
    ]);
    expect(await count(`tracking_event WHERE kind = 'ContainerGatedIn' AND late AND ${today}`, [day])).toBe(1);
    expect(await count(`observation WHERE subject = 'COSU6311697'`)).toBe(0); // the pass alone was sent here
    await expect(
      database.write((tx) => commands.resolveObservation(tx, actor, { ...answer, container: BOX_B })),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(
      database.write((tx) => commands.resolveObservation(tx, { ...actor, siteIds: ['CNNBO-ZHCT'] }, answer)),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    ['went out unaccepted', { outcome: 'UNDECIDED', decision: null }, 'ContainerGatedOut'],
    [
      'was refused',
      { outcome: 'REFUSED', exit: 'NOT_REACHED', decision: { verdict: 'REFUSED', by: 'TOS', reason: 'hold', at: 0 } },
      'PassRefused',
    ],
  ] as const)('a box named later on a pass that %s is told like one that was read', async (_, changes, kind) => {
    const unread = ocr('HLXU1234567', day, 1);
    const out = passAt(day, { ...outwards, ...changes, tags: [], boxes: [unread] });
    await ingest.accept(batch([passItem(out)]));
    const [open] = await database.write((tx) =>
      tx.query<{ id: string }>(`SELECT id FROM unresolved_observation WHERE pass_id = $1`, [out.passId]),
    );
    const answer = { siteId: SITE, id: open?.id ?? '', container: BOX_B, bindTag: false };
    await database.write((tx) =>
      new GateCommands(ingest).resolveObservation(
        tx,
        { personId: PERSON, organisationId: PERSON, siteIds: [SITE] },
        answer,
      ),
    );
    expect(await standing(['ContainerGatedOut', 'PassRefused'])).toEqual([`${kind} ${BOX_B} ${TERMINAL} +6000`]);
  });

  it('takes a number that is one character off a box of the same pass for that box misread', async () => {
    await ingest.accept(
      batch([passItem(passAt(day, { boxes: [ocr('COSU6311896', day, 9), ocr(BOX_A, day, 10), ocr(BOX_B, day, 11)] }))]),
    );
    expect(await count(`unresolved_observation WHERE ${today}`, [day])).toBe(0);
    expect(await standing(['ContainerGatedIn'])).toHaveLength(2);
  });

  it('keeps an unbound tag and alerts; an ISO 17363 tag speaks for itself', async () => {
    await ingest.accept(
      batch([
        passItem(
          passAt(day, {
            tags: [
              tag(TRUCK_TAG, day, 1),
              tag('3374257BF400000200000FFF', day, 2),
              tag('DC20D3455CF0D74CF8CE', day, 3, '29A9'),
            ],
          }),
        ),
      ]),
    );
    expect(await standing(['ContainerGatedIn'])).toEqual([`ContainerGatedIn CSQU3054383 ${TERMINAL} +6000`]);
    expect(await count(`unresolved_observation WHERE reason = 'TAG_WITHOUT_BINDING' AND ${today}`, [day])).toBe(1);
  });
});

describe('the stream of a gateway', () => {
  it('passes over what is committed and refuses a gap, naming where to go on', async () => {
    expect(await ingest.accept(batch([fixItem(fix(day, 122.04, 29.88, 1))]))).toEqual({ committedSequence: 1 });
    const refused = ingest.accept(batch([fixItem(fix(day + 1000, 122.04, 29.88, 3))], 3));
    await expect(refused).rejects.toBeInstanceOf(DomainError);
    await expect(refused).rejects.toMatchObject({ code: 'SEQUENCE_GAP', details: { committedSequence: 1 } });
    expect(await ingest.accept(batch([], 1))).toEqual({ committedSequence: 1 });
  });

  it('takes the same batch from two deliveries at once as one', async () => {
    const sent = batch([passItem(passAt(day)), fixItem(fix(day, 122.04, 29.88, 1))]);
    await Promise.all(Array.from({ length: 8 }, () => ingest.accept(sent)));
    expect(await count(`gate_pass WHERE ${today}`, [day])).toBe(1);
    expect(await count(`observation WHERE ${today}`, [day])).toBe(1);
    expect(await standing(['ContainerGatedIn'])).toHaveLength(2);
  });

  it.each([
    ['truck and boxes', {}],
    ['nobody’s truck', { tags: [] }],
  ])('takes the same pass of %s from eight streams at once as one', async (_, changes) => {
    const sent = Array.from({ length: 8 }, () => {
      stream += 1;
      return batch([passItem(passAt(day, changes))]);
    });
    const answers = await Promise.all(sent.map((one) => ingest.accept(one)));
    expect(answers.map((answer) => answer.committedSequence)).toEqual(sent.map(() => 1));
    expect(await count(`gate_pass WHERE ${today}`, [day])).toBe(1);
    expect(await count(`truck_visit WHERE opened_at = $1`, [new Date(day + 6000)])).toBe('tags' in changes ? 0 : 1);
  });
});

describe('fixes', () => {
  /** A truck that comes along the terminal's southern edge, goes through the yard for ten minutes, and leaves eastwards. */
  function journey(device?: string): Observation[] {
    const points: [number, number][] = [];
    for (let s = 0; s < 120; s += 1) points.push([122.045 + (0.0085 * s) / 120, 29.885]);
    for (let s = 0; s < 600; s += 1) points.push([122.0535 + 0.0015 + Math.sin(s) * 1e-5, 29.885]);
    for (let s = 0; s < 240; s += 1) points.push([122.055 + (0.012 * s) / 240, 29.885]);
    return points.map(([lon, lat], i) => fix(day + i * 1000, lon, lat, i + 1, device));
  }

  it('give the same events in any order of arrival, the late ones by correction', async () => {
    const inOrder = journey();
    for (let from = 0; from < inOrder.length; from += 200) {
      await ingest.accept(batch(inOrder.slice(from, from + 200).map(fixItem), from + 1));
    }
    const expected = await standing(['ZoneEntered', 'ZoneExited', 'ZoneCrossed']);
    // in by the western edge at 122.05, the yard from 122.0535 on, out behind 122.0565 + 20 m and 122.06 + 20 m
    expect(expected.map((text) => text.replace(/ \+\d+$/, ''))).toEqual([
      `ZoneEntered ${ROAMER} ${TERMINAL}`,
      `ZoneEntered ${ROAMER} ${YARD}`,
      `ZoneExited ${ROAMER} ${YARD}`,
      `ZoneExited ${ROAMER} ${TERMINAL}`,
    ]);

    const first = day;
    day += 24 * 3_600_000;
    stream += 1;
    const newestFirst = journey().reverse();
    for (let from = 0; from < newestFirst.length; from += 40) {
      await ingest.accept(batch(newestFirst.slice(from, from + 40).map(fixItem), from + 1));
    }
    expect(await standing(['ZoneEntered', 'ZoneExited', 'ZoneCrossed'])).toEqual(expected);
    expect(await standing(['ZoneEntered', 'ZoneExited', 'ZoneCrossed'], first)).toEqual(expected);
    const [state] = await database.write((tx) =>
      tx.query<{ position_at: Date }>(`SELECT position_at FROM asset_state WHERE asset_code = $1`, [ROAMER]),
    );
    expect(state?.position_at.getTime()).toBe(day + (newestFirst.length - 1) * 1000);
  });

  it('carry the boxes that ride on the truck into the yard, where they stay when it leaves', async () => {
    const box = 'YMLU7082323';
    // the western edge at 122.05 is reached at 70.6 s: the lane's exit falls there
    const pass = passAt(day + 65_000, {
      tags: [],
      boxes: [ocr(box, day + 66_000, 1)],
      plates: [ocr(CARRIER, day + 66_000, 2)],
    });
    await ingest.accept(batch([passItem(pass)]));
    await ingest.accept(batch(journey('gnss-2').map(fixItem), 2));
    const told = (await standing(['ZoneEntered', 'ZoneExited'])).map((text) => text.replace(/ \+\d+$/, ''));
    expect(told.filter((text) => text.includes(box))).toEqual([
      `ZoneEntered ${box} ${TERMINAL}`,
      `ZoneEntered ${box} ${YARD}`,
    ]);
    expect(told.filter((text) => text.includes(CARRIER))).toEqual([
      `ZoneEntered ${CARRIER} ${TERMINAL}`,
      `ZoneEntered ${CARRIER} ${YARD}`,
      `ZoneExited ${CARRIER} ${YARD}`,
      `ZoneExited ${CARRIER} ${TERMINAL}`,
    ]);
  });

  it('carry the boxes of a pass that comes after them to the same yard, and on no later trip of the truck', async () => {
    const box = 'MSKU9070323';
    const pass = passAt(day + 65_000, {
      tags: [],
      boxes: [ocr(box, day + 66_000, 1)],
      plates: [ocr(CARRIER, day + 66_000, 2)],
    });
    await ingest.accept(batch(journey('gnss-2').map(fixItem)));
    await ingest.accept(batch([passItem(pass)], 961));
    const toldOfBox = async (): Promise<string[]> =>
      (await standing(['ZoneEntered', 'ZoneExited', 'ZoneCrossed']))
        .filter((text) => text.includes(box))
        .map((text) => text.replace(/ \+\d+$/, ''));
    const expected = [`ZoneEntered ${box} ${TERMINAL}`, `ZoneEntered ${box} ${YARD}`];
    expect(await toldOfBox()).toEqual(expected);

    const again = journey('gnss-2').map((o) => ({
      ...o,
      occurredAt: o.occurredAt + 3_600_000,
      sequence: o.sequence + 5_000,
    }));
    await ingest.accept(batch(again.map(fixItem), 962));
    expect(await toldOfBox()).toEqual(expected);
  });
});

describe('a health report', () => {
  it('of another terminal takes over neither a gateway nor its devices', async () => {
    const spool = { bytes: 1, maxBytes: 2, unsentItems: 0, oldestUnsentAt: null, damagedRecords: 0 };
    const device = {
      deviceId: 'uhf-A',
      laneId: LANE_IN,
      state: 'OPEN' as const,
      stateSince: day,
      lastFrameAt: null,
      frames: 1,
      rejected: 0,
      skippedBytes: 0,
      reconnects: 0,
      lastError: null,
    };
    const report = { gatewayId: 'gw', siteId: SITE, at: day, spool, devices: [device] };
    await ingest.reportHealth(report);
    await ingest.reportHealth({ ...report, siteId: OTHER_SITE, at: day + 1 });
    await ingest.reportHealth({ ...report, gatewayId: 'gw-2', siteId: OTHER_SITE, at: day + 1 });
    const own = [SITE, new Date(day)];
    expect(await count(`gateway_health WHERE gateway_id = 'gw' AND site_id = $1 AND reported_at = $2`, own)).toBe(1);
    expect(
      await count(
        `device_health WHERE device_id = 'uhf-A' AND gateway_id = 'gw' AND site_id = $1 AND reported_at = $2`,
        own,
      ),
    ).toBe(1);
    await ingest.reportHealth({ ...report, at: day + 2 });
    expect(await count(`device_health WHERE device_id = 'uhf-A' AND reported_at = $1`, [new Date(day + 2)])).toBe(1);
  });
});

describe('the journal', () => {
  it('refuses to be changed, whoever asks', async () => {
    await ingest.accept(batch([passItem(passAt(day))]));
    await expect(database.write((tx) => tx.query(`UPDATE tracking_event SET late = true`))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(database.write((tx) => tx.query(`DELETE FROM tracking_event`))).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe('a pass reported by hand', () => {
  const actor = { personId: PERSON, organisationId: PERSON, siteIds: [SITE] };
  const input = () => ({
    lane: LANE_IN,
    direction: 'IN' as const,
    truckPlate: TRUCK,
    chassisPlate: null,
    containers: [{ number: BOX_A, fullness: 'LADEN' as const }],
    occurredAt: day,
    verdict: 'ACCEPTED' as const,
    reason: 'tag broken',
  });

  it('goes the way of every other pass', async () => {
    const commands = new GateCommands(new Ingest(database), { now: () => day + 1000 });
    await database.write((tx) => commands.reportPass(tx, actor, input()));
    expect(await standing(['ContainerGatedIn'])).toEqual([`ContainerGatedIn ${BOX_A} ${TERMINAL} +0`]);
    expect(await count(`visit_transaction WHERE ${today} AND fullness = 'LADEN'`, [day])).toBe(1);
  });

  it('needs no second connection, whatever is to be read for it', async () => {
    const single = new Database({ app: testDatabase.appUrl, ingest: testDatabase.ingestUrl }, { ingestConnections: 1 });
    try {
      const commands = new GateCommands(new Ingest(single), { now: () => day + 1000 });
      await single.write((tx) => commands.reportPass(tx, actor, input()));
    } finally {
      await single.close();
    }
    expect(await standing(['ContainerGatedIn'])).toEqual([`ContainerGatedIn ${BOX_A} ${TERMINAL} +0`]);
  });

  it.each([
    ['a lane of nobody’s', { lane: 'CNNBO-ZHCT/G1-L1' }, 'NOT_FOUND', 'input.lane'],
    ['a lane that leads the other way', { direction: 'OUT' as const }, 'INVALID_INPUT', 'input.direction'],
    ['a time to come', { occurredAt: Date.parse('2099-01-01Z') }, 'INVALID_INPUT', 'input.occurredAt'],
    [
      'a box named twice',
      {
        containers: [
          { number: BOX_A, fullness: null },
          { number: BOX_A, fullness: null },
        ],
      },
      'INVALID_INPUT',
      'input.containers',
    ],
  ])('refuses %s with the field', async (_, changes, code, field) => {
    const commands = new GateCommands(ingest, { now: () => day + 1000 });
    await expect(
      database.write((tx) => commands.reportPass(tx, actor, { ...input(), ...changes })),
    ).rejects.toMatchObject({ code, details: { field } });
    expect(await count(`gate_pass WHERE ${today}`, [day])).toBe(0);
  });
});
