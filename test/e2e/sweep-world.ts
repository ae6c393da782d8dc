import { issueToken, ROLE_NAMES, ROLES, type Role, type Vault } from '#libs/identity';
import { announce, appendEvents, eventId, type NewTrackingEvent } from '#libs/journal';
import { derivedId } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { boxNumber, DAY, fact, HANDOVER, recordPass } from './graphql-world.js';
import { grantOf, paperNumber, plantMembers } from './sweep-members.js';
import { CREDENTIAL_SECRETS, plantCredentials } from './sweep-credentials.js';

/** The port twice: everybody on one side has somebody in the same role on the other, and neither may learn of the other. */
export const SIDES = ['near', 'far'] as const;
export type Side = (typeof SIDES)[number];

export interface Asker {
  readonly role: Role;
  readonly side: Side;
  readonly token: string;
}

const uuid = (...words: readonly string[]): string => derivedId('sweep', ...words);

/** What stands on each side, under words that stand nowhere else. */
export function planted(side: Side) {
  const n = SIDES.indexOf(side);
  const site = ['CNNBO-BLYUA', 'CNNBO-MSICT'][n] ?? '';
  const event = uuid('event', side);
  return {
    site,
    lane: `${site}/G1-L1`,
    box: boxNumber(900_001 + n),
    plate: ['浙B90001', '浙B90002'][n] ?? '',
    /** Seen by its receiver alone, with no box. */
    loneTruck: ['浙B90011', '浙B90012'][n] ?? '',
    reference: `SWEEP-${side}`,
    seen: `SEEN${side.toUpperCase()}`,
    device: `${site}/CAM-${side}`,
    gateway: `${site}/GW-${side}`,
    refusal: `refused-${side}`,
    hook: `https://hooks.example.com/${side}`,
    why: `WHY${side.toUpperCase()}`,
    epc: ['3034257BF7194E4000900001', '3034257BF7194E4000900002'][n] ?? '',
    ids: {
      pass: uuid('pass', side),
      visit: uuid('visit', side),
      unresolved: uuid('unresolved', side),
      alert: uuid('alert', side),
      shipment: uuid('shipment', side),
      webhook: uuid('webhook', side),
      target: uuid('target', side),
      selected: uuid('selected', side),
      event,
    },
  };
}

const SITE_ROLES: readonly Role[] = ['GATE_OPERATOR', 'PORT_MONITOR', 'CUSTOMS_OFFICER'];
const COMPANY_ROLES: readonly Role[] = ['LOGISTICS', 'COMPANY_ADMINISTRATOR'];

interface Secret {
  readonly word: (side: Side) => string;
  /** Who on its own side is told it, and who on the other. */
  readonly own: readonly Role[];
  readonly other?: readonly Role[];
}

/** Which word may be told to whom: written from the policy's prose, not from its table. */
export const SECRETS: Readonly<Record<string, Secret>> = {
  // customs see all shipments, and so the numbers of their boxes
  box: {
    word: (side) => planted(side).box,
    own: [...SITE_ROLES, ...COMPANY_ROLES, 'QUARANTINE_OFFICER'],
    other: ['CUSTOMS_OFFICER'],
  },
  plate: { word: (side) => planted(side).plate, own: [...SITE_ROLES, ...COMPANY_ROLES, 'QUARANTINE_OFFICER'] },
  loneTruck: { word: (side) => planted(side).loneTruck, own: [...SITE_ROLES, 'QUARANTINE_OFFICER'] },
  reference: {
    word: (side) => planted(side).reference,
    own: [...COMPANY_ROLES, 'CUSTOMS_OFFICER'],
    other: ['CUSTOMS_OFFICER'],
  },
  seen: { word: (side) => planted(side).seen, own: SITE_ROLES },
  device: { word: (side) => planted(side).device, own: SITE_ROLES },
  // who runs the system knows all machines by name
  gateway: {
    word: (side) => planted(side).gateway,
    own: [...SITE_ROLES, 'SYSTEM_ADMINISTRATOR'],
    other: ['SYSTEM_ADMINISTRATOR'],
  },
  refusal: { word: (side) => planted(side).refusal, own: ['GATE_OPERATOR'] },
  why: { word: (side) => planted(side).why, own: ['CUSTOMS_OFFICER'] },
  hook: { word: (side) => planted(side).hook, own: COMPANY_ROLES },
  // whoever verifies or suspends looks at everybody's papers
  paper: {
    word: paperNumber,
    own: ['COMPANY_ADMINISTRATOR', 'PLATFORM_OPERATOR', 'SECURITY_ADMINISTRATOR'],
    other: ['PLATFORM_OPERATOR', 'SECURITY_ADMINISTRATOR'],
  },
  ...CREDENTIAL_SECRETS,
};

export function maySee({ role, side }: Pick<Asker, 'role' | 'side'>, secret: Secret, of: Side): boolean {
  return (side === of ? secret.own : (secret.other ?? [])).includes(role);
}

export const idsOf = (side: Side): readonly string[] => {
  const { site, ids, box, device, gateway } = planted(side);
  return [
    globalId('GatePass', site, ids.pass),
    globalId('TruckVisit', site, ids.visit),
    globalId('UnresolvedObservation', site, ids.unresolved),
    globalId('Alert', site, ids.alert),
    globalId('Shipment', ids.shipment),
    globalId('WebhookEndpoint', ids.webhook),
    globalId('WindowGrant', grantOf(side)),
    globalId('Container', box),
    globalId('Device', device),
    globalId('Gateway', gateway),
    globalId('Organisation', uuid('organisation', 'LOGISTICS_COMPANY', side)),
  ];
};

export interface SweepWorld {
  readonly askers: readonly Asker[];
  /** References of people who never ask, by side. */
  readonly colleagues: ReadonlyMap<string, string>;
}

export async function buildSweepWorld(database: Database, vault: Vault): Promise<SweepWorld> {
  const askers: Asker[] = [];
  const colleagues = new Map<string, string>();
  for (const side of SIDES) {
    await database.write(async (tx) => {
      await place(tx, side);
      for (const role of ROLE_NAMES) askers.push({ role, side, token: await person(tx, role, side) });
      await rows(tx, side);
      await plantMembers(tx, side);
      colleagues.set(side, await plantCredentials(tx, vault, side));
    });
    const { site, ids, box } = planted(side);
    await recordPass(database, {
      id: ids.pass,
      siteId: site,
      laneId: planted(side).lane,
      at: HANDOVER + DAY,
      containerNumbers: [box],
      visitId: ids.visit,
    });
    await database.write((tx) =>
      tx.query('UPDATE gate_pass SET truck_plate = $2 WHERE id = $1', [ids.pass, planted(side).plate]),
    );
    await record(database, side, 'first');
  }
  return { askers, colleagues };
}

/** A gate-in of the side's box and a truck in a zone, told to whoever listens. @returns the events' ids */
export async function record(database: Database, side: Side, cause: string): Promise<readonly string[]> {
  const { site, lane, box, plate, loneTruck, ids } = planted(side);
  const at: Partial<NewTrackingEvent> = {
    siteId: site,
    gateId: `${site}/G1`,
    laneId: lane,
    zoneId: `${site}/TERMINAL`,
    occurredAt: HANDOVER + DAY,
  };
  const events = [
    fact(`${cause} ${side}`, { ...at, asset: { kind: 'CONTAINER', code: box }, truckPlate: plate, passId: ids.pass }),
    fact(`${cause} ${side} truck`, {
      ...at,
      kind: 'ZoneEntered',
      source: 'POSITION',
      asset: { kind: 'TRUCK', code: loneTruck },
      truckPlate: loneTruck,
    }),
  ];
  await database.write(async (tx) => announce(tx, await appendEvents(tx, events)));
  return events.map(eventId);
}

async function place(tx: Tx, side: Side): Promise<void> {
  const { site, lane } = planted(side);
  const square = [
    [122, 29.87],
    [122.01, 29.87],
    [122.01, 29.88],
    [122, 29.87],
  ];
  await tx.query(`INSERT INTO site VALUES ($1, 'CNNBO', $2, $1, $1, 122, 29.88)`, [site, site.slice(6)]);
  await tx.query(`INSERT INTO zone VALUES ($1, $2, 'TERMINAL', $1, $1, $3, 15, 10000)`, [
    `${site}/TERMINAL`,
    site,
    JSON.stringify({ type: 'Polygon', coordinates: [square] }),
  ]);
  await tx.query(`INSERT INTO gate VALUES ($1, $2, 'Gate', '闸口', $3)`, [`${site}/G1`, site, `${site}/TERMINAL`]);
  await tx.query(`INSERT INTO lane VALUES ($1, $2, $3, 1, 'IN', $4)`, [lane, site, `${site}/G1`, `${site}/TERMINAL`]);
}

async function person(tx: Tx, role: Role, side: Side): Promise<string> {
  const { of: kind, scope } = ROLES[role];
  const organisationId = uuid('organisation', kind, side);
  await tx.query(
    `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, $2, $3, $3, $3, 'VERIFIED') ON CONFLICT DO NOTHING`,
    [organisationId, kind, `${kind} ${side}`],
  );
  if (scope === 'TERMINAL' || scope === 'CUSTOMS') {
    await tx.query(`INSERT INTO organisation_site VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
      organisationId,
      planted(side).site,
    ]);
  }
  const personId = uuid('person', role, side);
  await tx.query(`INSERT INTO person (id, display_name) VALUES ($1, $2)`, [personId, `${role} ${side}`]);
  await tx.query(`INSERT INTO membership VALUES ($1, $2, $3)`, [personId, organisationId, role]);
  return issueToken(tx, { personId, organisationId, role });
}

async function rows(tx: Tx, side: Side): Promise<void> {
  const { site, lane, box, plate, reference, seen, device, gateway, refusal, hook, epc, ids } = planted(side);
  const at = new Date(HANDOVER + DAY);
  const company = uuid('organisation', 'LOGISTICS_COMPANY', side);
  await tx.query(`INSERT INTO gateway (id, site_id) VALUES ($1, $2)`, [gateway, site]);
  await tx.query(`INSERT INTO asset (kind, code) VALUES ('CONTAINER', $1)`, [box]);
  await tx.query(`INSERT INTO shipment (id, reference, trade, created_at) VALUES ($1, $2, 'EXPORT', $3)`, [
    ids.shipment,
    reference,
    new Date(HANDOVER),
  ]);
  await tx.query(`INSERT INTO shipment_party VALUES ($1, $2, 'FORWARDER')`, [ids.shipment, company]);
  await tx.query(`INSERT INTO shipment_container VALUES ($1, $2, 'LADEN')`, [ids.shipment, box]);
  await tx.query(`INSERT INTO company_window VALUES ($1, $2, $3, $4, NULL)`, [
    company,
    box,
    ids.shipment,
    new Date(HANDOVER),
  ]);
  await tx.query(`INSERT INTO truck_visit VALUES ($1, $2, $3, NULL, NULL, 'OPEN', $4, NULL)`, [
    site,
    ids.visit,
    plate,
    at,
  ]);
  await tx.query(
    `INSERT INTO unresolved_observation (site_id, id, occurred_at, pass_id, lane_id, device_id, boot, sequence, reason, seen)
     VALUES ($1, $2, $3, $4, $5, $6, 'b', 1, 'CHECK_DIGIT', $7)`,
    [site, ids.unresolved, at, ids.pass, lane, device, seen],
  );
  await tx.query(
    `INSERT INTO alert (site_id, id, kind, severity, raised_at, lane_id, device_id, pass_id, unresolved_id)
     VALUES ($1, $2, 'UNRESOLVED_OBSERVATION', 'WARNING', $3, $4, $5, $6, $7)`,
    [site, ids.alert, at, lane, device, ids.pass, ids.unresolved],
  );
  await tx.query(`INSERT INTO binding VALUES ($1, 'TAG', $2, 'CONTAINER', $3, $4, NULL, 'SEED', NULL)`, [
    uuid('binding', side),
    epc,
    box,
    new Date(HANDOVER - DAY),
  ]);
  await tx.query(
    `INSERT INTO refused_input (site_id, device_id, boot, sequence, received_at, reason, detail, hex) VALUES ($1, $2, 'b', 1, $3, $4, $4, '00')`,
    [site, device, at, refusal],
  );
  await tx.query(
    `INSERT INTO machine_key (id, gateway_id, site_id, state, sealed, machine_public, service_public)
     VALUES ($1, $2, $3, 'ACTIVE', '\\x00', '\\x00', '\\x00')`,
    [uuid('key', side), gateway, site],
  );
  const report = { deviceId: device, laneId: lane, state: 'OPEN', stateSince: at.getTime(), lastFrameAt: null };
  await tx.query(`INSERT INTO device_health VALUES ($1, $2, $3, $4, $5, $6)`, [
    device,
    site,
    gateway,
    lane,
    at,
    JSON.stringify({ ...report, frames: 1, rejected: 0, skippedBytes: 0, reconnects: 0, lastError: null }),
  ]);
  await tx.query(`INSERT INTO gateway_health VALUES ($1, $2, $3, $4)`, [
    gateway,
    site,
    at,
    JSON.stringify({ unsentItems: 0, oldestUnsentAt: null, bytes: 1, maxBytes: 2, damagedRecords: 0 }),
  ]);
  await tx.query(
    `INSERT INTO inspection_target (id, site_id, container_number, organisation_id, case_number, reason, selected_by)
     VALUES ($1, $3, $4, $6, 'SWEEP-0001', $5, $7), ($2, $3, $8, $6, 'SWEEP-0001', $5, $7)`,
    [
      ids.target,
      ids.selected,
      site,
      box,
      planted(side).why,
      uuid('organisation', 'CUSTOMS_OFFICE', side),
      uuid('person', 'CUSTOMS_OFFICER', side),
      boxNumber(900_201),
    ],
  );
  await tx.query(
    `INSERT INTO webhook_endpoint (id, organisation_id, made_by, role, url, description, secret, state, cursor_xid, cursor_position)
     VALUES ($1, $2, $3, 'LOGISTICS', $4, $5, '\\x00', 'PAUSED', pg_current_xact_id(), 0)`,
    [ids.webhook, company, uuid('person', 'LOGISTICS', side), hook, `hook of ${side}`],
  );
  await tx.query(
    `INSERT INTO webhook_delivery (endpoint_id, site_id, event_id, organisation_id, xid, position) VALUES ($1, $2, $3, $4, pg_current_xact_id(), 1)`,
    [ids.webhook, site, ids.event, company],
  );
}
