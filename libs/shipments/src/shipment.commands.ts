import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { decideWindows, type WindowCommand } from './decide-windows.js';
import {
  endRow,
  keepChange,
  lockBoxes,
  lockForCommand,
  lockShipment,
  refuseHeld,
  type LockedShipment,
  type ShipmentActor,
} from './shipment.store.js';
import { applyChanges } from './window.store.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Another box goes instead of one: every window on the one ends now and goes on with the other, but for grants of that one box.
 * @throws DomainError NOT_FOUND, FORBIDDEN; CONFLICT when it has ended, when the one is not under way with it, or the other is already
 */
export async function swapContainer(
  tx: Tx,
  actor: ShipmentActor,
  swap: { readonly shipmentId: string; readonly out: string; readonly in: string; readonly reason: string },
  at: EpochMs,
): Promise<void> {
  const shipment = await lockForCommand(tx, actor, swap.shipmentId, 'SWAP', at);
  await lockBoxes(tx, [swap.in]);
  await refuseHeld(tx, [swap.in], 'input.in', at);
  await follow(tx, shipment, { change: 'CONTAINER_SWAPPED', out: swap.out, in: swap.in }, at);
  await leave(tx, shipment.id, swap.out, at);
  await tx.query(
    `INSERT INTO shipment_container (shipment_id, container_number, fullness)
     SELECT shipment_id, $3, fullness FROM shipment_container WHERE shipment_id = $1 AND container_number = $2
     ON CONFLICT (shipment_id, container_number) DO UPDATE SET left_at = NULL`,
    [shipment.id, swap.out, swap.in],
  );
  const { out, reason } = swap;
  await keepChange(tx, actor, shipment.id, 'CONTAINER_SWAPPED', { out, in: swap.in, reason }, at);
}

export interface RollOver {
  readonly shipmentId: string;
  readonly legs: readonly { readonly ordinal: number; readonly vessel: string; readonly voyage: string }[];
  readonly milestones: readonly { readonly ordinal: number; readonly plannedAt: EpochMs }[];
  /** null: it stays. */
  readonly bookingNumber: string | null;
}

/**
 * It goes with another voyage; the windows stay open.
 * @throws DomainError NOT_FOUND also for a leg or milestone that it does not have; FORBIDDEN; CONFLICT when it has ended
 */
export async function rollOver(tx: Tx, actor: ShipmentActor, roll: RollOver, at: EpochMs): Promise<void> {
  const shipment = await lockForCommand(tx, actor, roll.shipmentId, 'ROLL_OVER', at);
  const before: Record<string, unknown>[] = [];
  for (const { ordinal, vessel, voyage } of roll.legs) {
    const [was] = await tx.query<{ vessel: string | null; voyage: string | null }>(
      'SELECT vessel, voyage FROM leg WHERE shipment_id = $1 AND ordinal = $2',
      [shipment.id, ordinal],
    );
    if (was === undefined) throw new DomainError('NOT_FOUND', { field: 'input.legs', value: ordinal });
    before.push({ ordinal, ...was });
    await tx.query('UPDATE leg SET vessel = $3, voyage = $4 WHERE shipment_id = $1 AND ordinal = $2', [
      shipment.id,
      ordinal,
      vessel,
      voyage,
    ]);
  }
  for (const { ordinal, plannedAt } of roll.milestones) {
    const planned = await tx.query(
      'UPDATE milestone SET planned_at = $3 WHERE shipment_id = $1 AND ordinal = $2 RETURNING 1',
      [shipment.id, ordinal, new Date(plannedAt)],
    );
    if (planned.length === 0) throw new DomainError('NOT_FOUND', { field: 'input.milestones', value: ordinal });
  }
  if (roll.bookingNumber !== null) {
    await tx.query('UPDATE shipment SET booking_number = $2 WHERE id = $1', [shipment.id, roll.bookingNumber]);
  }
  await follow(tx, shipment, { change: 'ROLLED_OVER' }, at);
  await keepChange(tx, actor, shipment.id, 'ROLLED_OVER', { before, legs: roll.legs, milestones: roll.milestones }, at);
}

export interface Split {
  readonly shipmentId: string;
  readonly containers: readonly string[];
  readonly reference: string;
  readonly bookingNumber: string | null;
  readonly billNumber: string | null;
}

/**
 * Some of its boxes go under a shipment of their own, with the same parties, way and plan. Every window on them goes along from its
 * beginning: nobody sees more or less by a split.
 * @returns the new shipment's id
 * @throws DomainError NOT_FOUND, FORBIDDEN; CONFLICT when it has ended or a box is not under way with it; INVALID_INPUT for all of its boxes
 */
export async function splitShipment(tx: Tx, actor: ShipmentActor, split: Split, at: EpochMs): Promise<string> {
  const shipment = await lockForCommand(tx, actor, split.shipmentId, 'SPLIT', at);
  const id = newId();
  await tx.query(
    `INSERT INTO shipment (id, reference, booking_number, bill_number, trade, created_at)
     SELECT $2, $3, $4, $5, trade, $6 FROM shipment WHERE id = $1`,
    [shipment.id, id, split.reference, split.bookingNumber, split.billNumber, new Date(at)],
  );
  for (const [table, columns] of [
    ['shipment_party', 'organisation_id, role'],
    ['leg', 'ordinal, mode, from_place, to_place, vessel, voyage'],
    ['milestone', 'ordinal, code, site_id, zone_id, planned_at'],
  ] as const) {
    await tx.query(
      `INSERT INTO ${table} (shipment_id, ${columns}) SELECT $2, ${columns} FROM ${table} WHERE shipment_id = $1`,
      [shipment.id, id],
    );
  }
  await follow(tx, shipment, { change: 'SPLIT', containers: split.containers, to: id }, at);
  await tx.query(
    'UPDATE shipment_container SET shipment_id = $2 WHERE shipment_id = $1 AND container_number = ANY ($3)',
    [shipment.id, id, split.containers],
  );
  const { containers } = split;
  await keepChange(tx, actor, shipment.id, 'SPLIT', { containers, into: id }, at);
  await keepChange(tx, actor, id, 'BOOKED', { containers, from: shipment.id }, at);
  return id;
}

/**
 * All boxes of one shipment go under another of the same parties, their windows from the beginning; the one ends.
 * @throws DomainError NOT_FOUND, FORBIDDEN; CONFLICT when either has ended, when they are one, or their parties are not the same
 */
export async function mergeShipments(
  tx: Tx,
  actor: ShipmentActor,
  { into, from }: { readonly into: string; readonly from: string },
  at: EpochMs,
): Promise<void> {
  if (into === from) throw new DomainError('CONFLICT', { field: 'input.from', expected: 'two shipments' });
  // in the order of their ids, so that two merges cannot wait for each other
  const [first, second] = into < from ? ([into, from] as const) : ([from, into] as const);
  const locked = [
    await lockForCommand(tx, actor, first, 'MERGE', at),
    await lockForCommand(tx, actor, second, 'MERGE', at),
  ];
  const [target, source] = [locked.find(({ id }) => id === into), locked.find(({ id }) => id === from)];
  if (target === undefined || source === undefined) throw new DomainError('NOT_FOUND', { field: 'shipment' });
  if (JSON.stringify(target.parties) !== JSON.stringify(source.parties)) {
    throw new DomainError('CONFLICT', { field: 'input.from', expected: 'two shipments of the same parties' });
  }
  const containers = [...new Set(source.windows.map(({ containerNumber }) => containerNumber))].sort();
  await follow(tx, source, { change: 'MERGED', to: into }, at);
  await tx.query(
    `INSERT INTO shipment_container (shipment_id, container_number, fullness, left_at)
     SELECT $2, container_number, fullness, left_at FROM shipment_container WHERE shipment_id = $1
     ON CONFLICT (shipment_id, container_number) DO UPDATE SET left_at = excluded.left_at`,
    [from, into],
  );
  await endRow(tx, from, at);
  await keepChange(tx, actor, from, 'MERGED', { into }, at);
  await keepChange(tx, actor, into, 'MERGED', { from, containers }, at);
}

/**
 * Ends a shipment and every window on its boxes.
 * @throws DomainError NOT_FOUND, FORBIDDEN; CONFLICT when it has ended
 */
export async function endShipment(tx: Tx, actor: ShipmentActor, shipmentId: string, at: EpochMs): Promise<void> {
  const shipment = await lockForCommand(tx, actor, shipmentId, 'END', at);
  await follow(tx, shipment, { change: 'ENDED' }, at);
  await endRow(tx, shipment.id, at);
  await keepChange(tx, actor, shipment.id, 'ENDED', {}, at);
}

/**
 * Takes a box out of the shipment that holds it, when whoever should have ended that does not: the next booking could not have it.
 * @throws DomainError NOT_FOUND when none holds it
 */
export async function releaseContainer(
  tx: Tx,
  actor: ShipmentActor,
  { container, reason }: { readonly container: string; readonly reason: string },
  at: EpochMs,
): Promise<void> {
  await lockBoxes(tx, [container]);
  const holders = await tx.query<{ id: string }>(
    `SELECT DISTINCT s.id FROM company_window w JOIN shipment s ON s.id = w.shipment_id
     WHERE w.container_number = $1 AND (w.valid_to IS NULL OR w.valid_to > $2) AND (s.ended_at IS NULL OR s.ended_at > $2) ORDER BY 1`,
    [container, new Date(at)],
  );
  if (holders.length === 0) throw new DomainError('NOT_FOUND', { field: 'input.container', value: container });
  for (const { id } of holders) {
    const shipment = await lockShipment(tx, id, at);
    await follow(tx, shipment, { change: 'CONTAINER_RELEASED', container }, at);
    await leave(tx, id, container, at);
    await keepChange(tx, actor, id, 'CONTAINER_RELEASED', { container, reason }, at);
  }
}

/** A grant that is withdrawn meanwhile has nothing more to follow: its row is held until the windows are written. */
async function follow(tx: Tx, shipment: LockedShipment, command: WindowCommand, at: EpochMs): Promise<void> {
  const titles = [...new Set(shipment.windows.map(({ title }) => title))];
  const grants = await tx.query<{ id: string; container: string | null; withdrawn: boolean }>(
    `SELECT id, container_number AS container, withdrawn_at IS NOT NULL AS withdrawn FROM window_grant
     WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE`,
    [titles.filter((title) => UUID.test(title))],
  );
  const withdrawn = new Set(grants.flatMap((grant) => (grant.withdrawn ? [grant.id] : [])));
  const ofOneBox = new Set(grants.flatMap((grant) => (grant.container === null ? [] : [grant.id])));
  const windows = shipment.windows.filter(({ title }) => !withdrawn.has(title));
  await applyChanges(tx, decideWindows(command, windows, ofOneBox, at));
}

async function leave(tx: Tx, shipmentId: string, container: string, at: EpochMs): Promise<void> {
  await tx.query('UPDATE shipment_container SET left_at = $3 WHERE shipment_id = $1 AND container_number = $2', [
    shipmentId,
    container,
    new Date(at),
  ]);
}
