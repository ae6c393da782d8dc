import { derivedId, newId } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import {
  BOXES,
  buildWorld,
  DAY,
  fact,
  GATEWAY_A,
  HANDOVER,
  LANE_A,
  LANE_B,
  recordPass,
  SITE_A,
  SITE_B,
  tell,
  TODAY,
  type Tokens,
} from './graphql-world.js';

/** A box's story: gated in under Northbank, out again; then in under Tidewell with a truck's pass. */
export const PASS = derivedId('pass of the reused box');
const VISIT = derivedId('visit of the reused box');
export const UNRESOLVED = derivedId('an unresolved number');
export const ALERT = derivedId('its alert');

/** The story told to a service, and who may know what of it. */
export interface Story extends ApiHouse<Tokens> {
  /** In the order in which they were told. */
  readonly eventIds: readonly string[];
}

export interface Nodes<T> {
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export async function openStory(): Promise<Story> {
  let eventIds: readonly string[] = [];
  const house = await openApiHouse(async (database) => {
    const tokens = await buildWorld(database);
    eventIds = await tellStory(database);
    return tokens;
  });
  return { ...house, eventIds };
}

/** @returns the events' ids */
async function tellStory(database: Database): Promise<string[]> {
  const byNorthbank = { truckPlate: '浙B00001', occurredAt: HANDOVER - 2 * DAY };
  const eventIds = await tell(
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
  return eventIds;
}
