import { issueGatewayToken, issueToken, type Role } from '#libs/identity';
import { containerCheckDigit } from '#libs/identifiers';
import { announce, appendEvents, eventId, type NewTrackingEvent } from '#libs/journal';
import { derivedId } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';

/** An ISO 6346 number of a made-up owner: SIMU with the serial's six digits. */
export function boxNumber(serial: number): string {
  const ten = `SIMU${String(serial).padStart(6, '0')}`;
  return `${ten}${containerCheckDigit(ten)}`;
}

const uuid = (name: string): string => derivedId('graphql e2e', name);

export const SITE_A = 'CNNBO-BLYUA';
export const SITE_B = 'CNNBO-MSICT';
export const GATE_A = `${SITE_A}/G1`;
export const LANE_A = `${SITE_A}/G1-L1`;
export const LANE_B = `${SITE_B}/G1-L1`;
export const TERMINAL_ZONE_A = `${SITE_A}/TERMINAL`;
export const GATEWAY_A = `${SITE_A}/GW`;

export const ORGANISATIONS = {
  terminalA: uuid('terminal A'),
  terminalB: uuid('terminal B'),
  tidewell: uuid('tidewell'),
  northbank: uuid('northbank'),
  stranger: uuid('stranger'),
  customs: uuid('customs'),
} as const;

/** The box of both companies, one after the other; Tidewell's second one; Northbank's own; and one that nobody has. */
export const BOXES = {
  reused: boxNumber(100_001),
  tidewell: boxNumber(100_002),
  northbank: boxNumber(100_003),
  nobody: boxNumber(100_004),
} as const;

export const SHIPMENTS = { tidewell: uuid('shipment of tidewell'), northbank: uuid('shipment of northbank') } as const;

export const DAY = 24 * 3_600_000;
/** Midnight before the spec, so that windows are open now. */
export const TODAY = Math.floor(Date.now() / DAY) * DAY;
/** The reused box goes from Northbank to Tidewell here. */
export const HANDOVER = TODAY - 5 * DAY;

export interface Tokens {
  readonly operatorA: string;
  readonly operatorB: string;
  readonly tidewell: string;
  readonly northbank: string;
  readonly stranger: string;
  readonly customs: string;
  readonly gatewayA: string;
}

/** Two terminals, two companies with a reused box, a stranger and customs, put in as the recording role would. */
export async function buildWorld(database: Database): Promise<Tokens> {
  return database.write(async (tx) => {
    await places(tx);
    for (const [name, id] of Object.entries(ORGANISATIONS)) {
      const kind = name.startsWith('terminal')
        ? 'TERMINAL'
        : name === 'customs'
          ? 'CUSTOMS_OFFICE'
          : 'LOGISTICS_COMPANY';
      await tx.query(
        `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, $2, $3, $3, $3, 'VERIFIED')`,
        [id, kind, name],
      );
    }
    await tx.query(`INSERT INTO organisation_site SELECT * FROM unnest($1::uuid[], $2::text[])`, [
      [ORGANISATIONS.terminalA, ORGANISATIONS.terminalB, ORGANISATIONS.customs, ORGANISATIONS.customs],
      [SITE_A, SITE_B, SITE_A, SITE_B],
    ]);
    await tx.query(`INSERT INTO gateway (id, site_id) VALUES ($1, $2)`, [GATEWAY_A, SITE_A]);
    await tx.query(
      `INSERT INTO asset (kind, code, attributes) SELECT 'CONTAINER', code, '{"sizeType":"45G1"}' FROM unnest($1::text[]) AS code`,
      [Object.values(BOXES)],
    );
    await shipment(tx, SHIPMENTS.northbank, ORGANISATIONS.northbank, 'NB-1', HANDOVER - 10 * DAY, [
      { number: BOXES.reused, from: HANDOVER - 10 * DAY, to: HANDOVER },
      { number: BOXES.northbank, from: HANDOVER - 10 * DAY, to: null },
    ]);
    await shipment(tx, SHIPMENTS.tidewell, ORGANISATIONS.tidewell, 'TW-1', HANDOVER, [
      { number: BOXES.reused, from: HANDOVER, to: null },
      { number: BOXES.tidewell, from: HANDOVER, to: null },
    ]);
    return {
      operatorA: await person(tx, 'operatorA', ORGANISATIONS.terminalA, 'GATE_OPERATOR'),
      operatorB: await person(tx, 'operatorB', ORGANISATIONS.terminalB, 'GATE_OPERATOR'),
      tidewell: await person(tx, 'tidewell', ORGANISATIONS.tidewell, 'LOGISTICS'),
      northbank: await person(tx, 'northbank', ORGANISATIONS.northbank, 'LOGISTICS'),
      stranger: await person(tx, 'stranger', ORGANISATIONS.stranger, 'LOGISTICS'),
      customs: await person(tx, 'customs', ORGANISATIONS.customs, 'CUSTOMS_OFFICER'),
      gatewayA: await issueGatewayToken(tx, GATEWAY_A),
    };
  });
}

async function places(tx: Tx): Promise<void> {
  for (const [site, at] of [
    [SITE_A, 122.05],
    [SITE_B, 122.11],
  ] as const) {
    await tx.query(`INSERT INTO site VALUES ($1, 'CNNBO', $2, $1, $1, $3, 29.88)`, [site, site.slice(6), at]);
    const square = [
      [at, 29.87],
      [at + 0.01, 29.87],
      [at + 0.01, 29.88],
      [at, 29.88],
      [at, 29.87],
    ];
    await tx.query(`INSERT INTO zone VALUES ($1, $2, 'TERMINAL', $1, $1, $3, 15, 10000)`, [
      `${site}/TERMINAL`,
      site,
      JSON.stringify({ type: 'Polygon', coordinates: [square] }),
    ]);
    await tx.query(`INSERT INTO gate VALUES ($1, $2, 'Gate 1', '一号闸口', $3)`, [
      `${site}/G1`,
      site,
      `${site}/TERMINAL`,
    ]);
    for (const number of [1, 2, 3]) {
      await tx.query(`INSERT INTO lane VALUES ($1, $2, $3, $4, $5, $6)`, [
        `${site}/G1-L${number}`,
        site,
        `${site}/G1`,
        number,
        number === 2 ? 'OUT' : 'IN',
        `${site}/TERMINAL`,
      ]);
    }
  }
}

async function person(tx: Tx, name: string, organisationId: string, role: Role): Promise<string> {
  const personId = uuid(`person ${name}`);
  await tx.query(`INSERT INTO person VALUES ($1, $2)`, [personId, name]);
  await tx.query(`INSERT INTO membership VALUES ($1, $2, $3)`, [personId, organisationId, role]);
  return issueToken(tx, { personId, organisationId, role });
}

interface Window {
  readonly number: string;
  readonly from: number;
  readonly to: number | null;
}

async function shipment(
  tx: Tx,
  id: string,
  organisationId: string,
  reference: string,
  createdAt: number,
  windows: readonly Window[],
): Promise<void> {
  await tx.query(
    `INSERT INTO shipment (id, reference, booking_number, bill_number, trade, created_at) VALUES ($1, $2, $3, $4, 'EXPORT', $5)`,
    [id, reference, `${reference}-BKG`, `${reference}-BL`, new Date(createdAt)],
  );
  await tx.query(`INSERT INTO shipment_party VALUES ($1, $2, 'FORWARDER')`, [id, organisationId]);
  await tx.query(`INSERT INTO leg VALUES ($1, 1, 'ROAD', 'Ningbo', $2, NULL, NULL)`, [id, SITE_A]);
  await tx.query(
    `INSERT INTO milestone VALUES ($1, 1, 'GTIN', $2, $3, $4), ($1, 2, 'LOAD', $2, NULL, $4), ($1, 3, 'GTOT', NULL, NULL, NULL)`,
    [id, SITE_A, TERMINAL_ZONE_A, new Date(createdAt + DAY)],
  );
  for (const { number, from, to } of windows) {
    await tx.query(`INSERT INTO shipment_container VALUES ($1, $2, 'LADEN')`, [id, number]);
    await tx.query(`INSERT INTO company_window VALUES ($1, $2, $3, $4, $5)`, [
      organisationId,
      number,
      id,
      new Date(from),
      to === null ? null : new Date(to),
    ]);
  }
}

/** A fact with what most facts have; `cause` makes its id. */
export function fact(cause: string, facts: Partial<NewTrackingEvent>): NewTrackingEvent {
  return {
    siteId: SITE_A,
    kind: 'ContainerGatedIn',
    asset: { kind: 'CONTAINER', code: BOXES.reused },
    occurredAt: TODAY,
    receivedAt: TODAY,
    truckPlate: '浙B12345',
    gateId: GATE_A,
    laneId: LANE_A,
    zoneId: TERMINAL_ZONE_A,
    passId: null,
    visitId: null,
    source: 'READER',
    late: false,
    withdraws: null,
    causes: [cause],
    payload: { direction: 'IN', fullness: 'LADEN', evidence: ['TAG'], others: [BOXES.northbank] },
    ...facts,
  };
}

/** @returns the events' ids */
export async function tell(database: Database, ...events: readonly NewTrackingEvent[]): Promise<string[]> {
  await database.write(async (tx) => announce(tx, await appendEvents(tx, events)));
  return events.map(eventId);
}

export interface PassFacts {
  readonly id: string;
  readonly siteId?: string;
  readonly laneId?: string;
  readonly at: number;
  readonly containerNumbers: readonly string[];
  readonly visitId?: string;
}

export async function recordPass(database: Database, pass: PassFacts): Promise<void> {
  const { id, siteId = SITE_A, laneId = LANE_A, at, containerNumbers, visitId = null } = pass;
  await database.write(async (tx) => {
    await tx.query(
      `INSERT INTO gate_pass (site_id, id, occurred_at, closed_at, gate_id, lane_id, direction, direction_source, outcome, exit, closed_by,
         source, truck_plate, container_numbers, visit_id, decision, evidence, exceptions)
       VALUES ($1, $2, $3, $3, $4, $5, 'IN', 'LOOPS', 'CROSSED', 'SEEN', 'LOOP', 'READERS', '浙B12345', $6, $7, $8, '{}', '{UNRESOLVED_NUMBER}')`,
      [
        siteId,
        id,
        new Date(at),
        `${siteId}/G1`,
        laneId,
        containerNumbers,
        visitId,
        JSON.stringify({ verdict: 'ACCEPTED', by: 'TOS', reason: null, at }),
      ],
    );
    await tx.query(
      `INSERT INTO pass_container (site_id, pass_id, container_number, occurred_at) SELECT $1, $2, unnest($3::text[]), $4`,
      [siteId, id, containerNumbers, new Date(at)],
    );
    await announce(tx, [{ topic: 'pass', siteId, subjectId: id }]);
  });
}
