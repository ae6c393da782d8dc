import { DomainError, type EpochMs } from '#libs/kernel';
import { RecordedMeanwhile, type Tx } from '#libs/persistence';
import type { PassConsequences, TruckVisit, VisitEffect, VisitsAround, VisitTransaction } from './decide-pass.js';
import type { ResolvedPass } from './resolved-pass.js';

interface VisitRow {
  readonly id: string;
  readonly site_id: string;
  readonly truck_plate: string;
  readonly chassis_plate: string | null;
  readonly driver_id: string | null;
  readonly opened_at: Date;
  readonly closed_at: Date | null;
}

/** The caller holds the truck's lock (its asset_state row), so that two passes of one truck are decided one after the other. */
export async function visitsAround(tx: Tx, siteId: string, truckPlate: string, at: EpochMs): Promise<VisitsAround> {
  const around = [siteId, truckPlate, new Date(at)];
  const [[before], [next]] = await Promise.all([
    tx.query<VisitRow>(
      `SELECT id, site_id, truck_plate, chassis_plate, driver_id, opened_at, closed_at FROM truck_visit
       WHERE site_id = $1 AND truck_plate = $2 AND opened_at <= $3 ORDER BY opened_at DESC, id DESC LIMIT 1`,
      around,
    ),
    tx.query<VisitRow>(
      `SELECT id, site_id, truck_plate, chassis_plate, driver_id, opened_at, closed_at FROM truck_visit
       WHERE site_id = $1 AND truck_plate = $2 AND opened_at > $3 ORDER BY opened_at, id LIMIT 1`,
      around,
    ),
  ]);
  return {
    before: before === undefined ? null : toVisit(before),
    next: next === undefined ? null : toVisit(next),
  };
}

function toVisit(row: VisitRow): TruckVisit {
  return {
    id: row.id,
    siteId: row.site_id,
    truckPlate: row.truck_plate,
    chassisPlate: row.chassis_plate,
    driverId: row.driver_id,
    openedAt: row.opened_at.getTime(),
    closedAt: row.closed_at?.getTime() ?? null,
  };
}

/** @returns the ids of those that were stored before: nothing may follow from them again */
export async function knownPasses(
  tx: Tx,
  passes: readonly { readonly siteId: string; readonly passId: string }[],
): Promise<ReadonlySet<string>> {
  if (passes.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(
    `SELECT p.id FROM unnest($1::text[], $2::uuid[]) AS asked(site, id) JOIN gate_pass p ON p.site_id = asked.site AND p.id = asked.id`,
    [passes.map((pass) => pass.siteId), passes.map((pass) => pass.passId)],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Stores the pass with its boxes, visit and transactions.
 * @throws RecordedMeanwhile when another stream brought the same pass since `knownPasses` was asked
 */
export async function storePass(tx: Tx, pass: ResolvedPass, consequences: PassConsequences): Promise<void> {
  const boxes = pass.boxes.map((box) => box.containerNumber);
  await Promise.all([
    insertPass(tx, pass, boxes, consequences),
    ...consequences.visitEffects.map((effect) => applyVisitEffect(tx, pass.siteId, effect)),
    storePassContainers(tx, pass, boxes),
    storePassSeals(tx, pass),
    storeTransactions(tx, consequences.transactions),
  ]);
}

async function insertPass(
  tx: Tx,
  pass: ResolvedPass,
  boxes: readonly string[],
  consequences: PassConsequences,
): Promise<void> {
  const stored = await tx.query(
    `INSERT INTO gate_pass (site_id, id, occurred_at, closed_at, gate_id, lane_id, direction, direction_source, outcome,
         exit, closed_by, source, truck_plate, container_numbers, visit_id, decision, evidence, exceptions, reported_by, reason)
       VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)
       ON CONFLICT DO NOTHING RETURNING id`,
    [
      pass.siteId,
      pass.id,
      new Date(pass.occurredAt),
      new Date(pass.closedAt),
      pass.gateId,
      pass.laneId,
      pass.direction,
      pass.directionSource,
      pass.outcome,
      pass.exit,
      pass.closedBy,
      pass.source,
      pass.truckPlate,
      boxes,
      consequences.visitId,
      pass.decision === null ? null : JSON.stringify(pass.decision),
      JSON.stringify(pass.evidence),
      consequences.exceptions,
      pass.reportedBy,
      pass.reason,
    ],
  );
  if (stored.length === 0) throw new RecordedMeanwhile(`pass ${pass.siteId} ${pass.id}`);
}

/** Which pass had which box: what a search by box goes through, since a policy keeps it from an index over an array. */
async function storePassContainers(
  tx: Tx,
  { siteId, id, occurredAt }: Pick<ResolvedPass, 'siteId' | 'id' | 'occurredAt'>,
  boxes: readonly string[],
): Promise<void> {
  if (boxes.length === 0) return;
  await tx.query(
    `INSERT INTO pass_container (site_id, pass_id, container_number, occurred_at) SELECT $1, $2, unnest($3::text[]), $4
     ON CONFLICT (site_id, pass_id, container_number) DO NOTHING`,
    [siteId, id, boxes, new Date(occurredAt)],
  );
}

async function storePassSeals(tx: Tx, { siteId, id, occurredAt, sealNumbers }: ResolvedPass): Promise<void> {
  if (sealNumbers.length === 0) return;
  await tx.query(
    `INSERT INTO pass_seal (site_id, pass_id, seal_number, occurred_at) SELECT $1, $2, unnest($3::text[]), $4
     ON CONFLICT (site_id, pass_id, seal_number) DO NOTHING`,
    [siteId, id, sealNumbers, new Date(occurredAt)],
  );
}

interface PassRow {
  readonly id: string;
  readonly occurred_at: Date;
  readonly closed_at: Date;
  readonly gate_id: string | null;
  readonly lane_id: string;
  readonly direction: ResolvedPass['direction'];
  readonly direction_source: ResolvedPass['directionSource'];
  readonly outcome: ResolvedPass['outcome'];
  readonly exit: ResolvedPass['exit'];
  readonly closed_by: ResolvedPass['closedBy'];
  readonly source: ResolvedPass['source'];
  readonly truck_plate: string | null;
  readonly container_numbers: readonly string[];
  readonly visit_id: string | null;
}

/** What a stored pass said, for a box that a person adds to it: `boxes` is empty, `containerNumbers` tells those that it has. */
export interface StoredPass {
  readonly pass: ResolvedPass;
  readonly visitId: string | null;
  readonly containerNumbers: readonly string[];
}

export async function loadPass(
  tx: Tx,
  siteId: string,
  passId: string,
  zoneId: string | null,
): Promise<StoredPass | null> {
  const [row] = await tx.query<PassRow>(
    `SELECT id, occurred_at, closed_at, gate_id, lane_id, direction, direction_source, outcome, exit, closed_by, source,
       truck_plate, container_numbers, visit_id
     FROM gate_pass WHERE site_id = $1 AND id = $2 FOR UPDATE`,
    [siteId, passId],
  );
  if (row === undefined) return null;
  return {
    visitId: row.visit_id,
    containerNumbers: row.container_numbers,
    pass: {
      id: row.id,
      siteId,
      gateId: row.gate_id,
      laneId: row.lane_id,
      zoneId,
      occurredAt: row.occurred_at.getTime(),
      closedAt: row.closed_at.getTime(),
      receivedAt: row.closed_at.getTime(),
      direction: row.direction,
      directionSource: row.direction_source,
      outcome: row.outcome,
      exit: row.exit,
      closedBy: row.closed_by,
      source: row.source,
      truckPlate: row.truck_plate,
      chassisPlate: null,
      driverId: null,
      boxes: [],
      sealNumbers: [],
      decision: null,
      exceptions: [],
      evidence: {},
      reportedBy: null,
      reason: null,
    },
  };
}

/** Adds a box that a person named to a stored pass; the lane's evidence stays as it came. */
export async function addBoxToPass(
  tx: Tx,
  pass: Pick<ResolvedPass, 'siteId' | 'id' | 'occurredAt'>,
  containerNumber: string,
): Promise<void> {
  await Promise.all([
    tx.query(
      `UPDATE gate_pass SET container_numbers = container_numbers || $3::text
       WHERE site_id = $1 AND id = $2 AND NOT container_numbers @> ARRAY[$3::text]`,
      [pass.siteId, pass.id, containerNumber],
    ),
    storePassContainers(tx, pass, [containerNumber]),
  ]);
}

export async function storeTransactions(tx: Tx, transactions: readonly VisitTransaction[]): Promise<void> {
  if (transactions.length === 0) return;
  const rows = transactions.map((t) => ({
    site_id: t.siteId,
    id: t.id,
    visit_id: t.visitId,
    pass_id: t.passId,
    kind: t.kind,
    container_number: t.containerNumber,
    fullness: t.fullness,
    box_position: t.position,
    occurred_at: new Date(t.occurredAt).toISOString(),
  }));
  await tx.query(
    `INSERT INTO visit_transaction (site_id, id, visit_id, pass_id, kind, container_number, fullness, box_position, occurred_at)
     SELECT site_id, id, visit_id, pass_id, kind, container_number, fullness, box_position, occurred_at
     FROM jsonb_to_recordset($1) AS row(site_id text, id uuid, visit_id uuid, pass_id uuid, kind text, container_number text,
       fullness text, box_position text, occurred_at timestamptz)
     ON CONFLICT (site_id, id) DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

async function applyVisitEffect(tx: Tx, siteId: string, effect: VisitEffect): Promise<void> {
  switch (effect.effect) {
    case 'open': {
      const { visit } = effect;
      await tx.query(
        `INSERT INTO truck_visit (site_id, id, truck_plate, chassis_plate, driver_id, state, opened_at, closed_at)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (site_id, id) DO NOTHING`,
        [
          siteId,
          visit.id,
          visit.truckPlate,
          visit.chassisPlate,
          visit.driverId,
          visit.closedAt === null ? 'OPEN' : 'CLOSED',
          new Date(visit.openedAt),
          visit.closedAt === null ? null : new Date(visit.closedAt),
        ],
      );
      return;
    }
    case 'begin': {
      const begun = await tx.query(
        `UPDATE truck_visit SET opened_at = $3, chassis_plate = coalesce(chassis_plate, $4), driver_id = coalesce(driver_id, $5)
         WHERE site_id = $1 AND id = $2 AND opened_at > $3 RETURNING id`,
        [siteId, effect.visitId, new Date(effect.at), effect.chassisPlate, effect.driverId],
      );
      if (begun.length !== 1) throw new DomainError('CONFLICT', { field: 'visit', value: effect.visitId });
      return;
    }
    case 'close': {
      const closed = await tx.query(
        `UPDATE truck_visit SET state = 'CLOSED', closed_at = $3
         WHERE site_id = $1 AND id = $2 AND (state = 'OPEN' OR closed_at > $3) RETURNING id`,
        [siteId, effect.visitId, new Date(effect.at)],
      );
      if (closed.length !== 1) throw new DomainError('CONFLICT', { field: 'visit', value: effect.visitId });
    }
  }
}
