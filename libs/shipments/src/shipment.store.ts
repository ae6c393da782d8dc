import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { CompanyWindow } from './decide-windows.js';
import type { PartyRole } from './entities/shipment-party.entity.js';
import { PARTY_SIGHT } from './party-sight.js';
import {
  CHANGE_OF,
  SHIPMENT_STATES,
  type ShipmentChangeKind,
  type ShipmentCommandKind,
  type ShipmentState,
} from './shipment.states.js';
import { windowsOfShipment } from './window.store.js';

/** The person who acts, and for which company. */
export interface ShipmentActor {
  readonly personId: string;
  readonly organisationId: string;
}

/** A shipment under its row's lock. */
export interface LockedShipment {
  readonly id: string;
  readonly state: ShipmentState;
  readonly windows: readonly CompanyWindow[];
  readonly parties: readonly { readonly organisationId: string; readonly role: PartyRole }[];
}

/**
 * @param at to which an end that was told is held
 * @throws DomainError NOT_FOUND
 */
export async function lockShipment(tx: Tx, id: string, at: EpochMs): Promise<LockedShipment> {
  const [row] = await tx.query<{ ended_at: Date | null }>('SELECT ended_at FROM shipment WHERE id = $1 FOR UPDATE', [
    id,
  ]);
  if (row === undefined) throw new DomainError('NOT_FOUND', { field: 'shipment' });
  const parties = await tx.query<{ organisationId: string; role: PartyRole }>(
    'SELECT organisation_id AS "organisationId", role FROM shipment_party WHERE shipment_id = $1 ORDER BY 1, 2',
    [id],
  );
  const hasEnded = row.ended_at !== null && row.ended_at.getTime() <= at;
  return { id, state: hasEnded ? 'ENDED' : 'OPEN', windows: await windowsOfShipment(tx, id), parties };
}

/**
 * A shipment that the actor's company sees and whose party it is, in a part that may do this.
 * @throws DomainError NOT_FOUND for whoever has no window on it; FORBIDDEN for a part that may not; CONFLICT when it has ended
 */
export async function lockForCommand(
  tx: Tx,
  { organisationId }: ShipmentActor,
  id: string,
  command: ShipmentCommandKind,
  at: EpochMs,
): Promise<LockedShipment> {
  const shipment = await lockShipment(tx, id, at);
  if (!shipment.windows.some((window) => window.organisationId === organisationId)) {
    throw new DomainError('NOT_FOUND', { field: 'shipment' });
  }
  const roles = shipment.parties.flatMap((party) => (party.organisationId === organisationId ? [party.role] : []));
  if (!roles.some((role) => PARTY_SIGHT[role].may.includes(command))) {
    throw new DomainError('FORBIDDEN', { field: 'shipment', value: roles, expected: partsThatMay(command).join(', ') });
  }
  if (command !== 'GRANT') SHIPMENT_STATES.decide(shipment.state, CHANGE_OF[command]);
  return shipment;
}

const partsThatMay = (command: ShipmentCommandKind): readonly string[] =>
  Object.entries(PARTY_SIGHT).flatMap(([part, { may }]) => (may.includes(command) ? [part] : []));

/** Two bookings of one box come one after the other; in the order of their numbers, so that none waits for another in a ring. */
export async function lockBoxes(tx: Tx, numbers: readonly string[]): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('box ' || number, 0))
     FROM (SELECT DISTINCT number FROM unnest($1::text[]) AS asked(number) ORDER BY number) AS sorted`,
    [numbers],
  );
}

/**
 * A box travels under one shipment at a time: who shares it is that one's party, or is granted a window.
 * @throws DomainError CONFLICT naming the boxes, and nothing of whose they are
 */
export async function refuseHeld(tx: Tx, numbers: readonly string[], field: string, at: EpochMs): Promise<void> {
  const held = await tx.query<{ number: string }>(
    `SELECT DISTINCT w.container_number AS number FROM company_window w JOIN shipment s ON s.id = w.shipment_id
     WHERE w.container_number = ANY ($1::text[]) AND (w.valid_to IS NULL OR w.valid_to > $2)
       AND (s.ended_at IS NULL OR s.ended_at > $2) ORDER BY 1`,
    [numbers, new Date(at)],
  );
  if (held.length > 0) {
    throw new DomainError('CONFLICT', {
      field,
      value: held.map(({ number }) => number),
      expected: 'boxes that are not under way with another shipment',
    });
  }
}

export async function keepChange(
  tx: Tx,
  { personId, organisationId }: ShipmentActor,
  shipmentId: string,
  kind: ShipmentChangeKind,
  details: Readonly<Record<string, unknown>>,
  at: EpochMs,
): Promise<void> {
  await tx.query(
    `INSERT INTO shipment_change (id, shipment_id, kind, at, actor_id, organisation_id, details) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [newId(), shipmentId, kind, new Date(at), personId, organisationId, JSON.stringify(details)],
  );
}

/** Guards the end against one that came meanwhile. */
export async function endRow(tx: Tx, shipmentId: string, at: EpochMs): Promise<void> {
  const ended = await tx.query(
    'UPDATE shipment SET ended_at = $2 WHERE id = $1 AND (ended_at IS NULL OR ended_at > $2) RETURNING 1',
    [shipmentId, new Date(at)],
  );
  if (ended.length !== 1) throw new DomainError('CONFLICT', { field: 'shipment', value: 'ENDED' });
}
