import type { Tx } from '#libs/persistence';
import { grouped } from './grouped.js';

export interface ShipmentRow {
  readonly uuid: string;
  readonly reference: string;
  readonly bookingNumber: string | null;
  readonly billNumber: string | null;
  readonly trade: 'EXPORT' | 'IMPORT';
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface ShipmentPartyRow {
  readonly shipmentId: string;
  readonly organisationId: string;
  readonly role: 'SHIPPER' | 'CONSIGNEE' | 'FORWARDER' | 'CARRIER' | 'HAULIER';
}

export interface ShipmentContainerRow {
  readonly shipmentId: string;
  readonly number: string;
  readonly fullness: 'LADEN' | 'EMPTY' | null;
  /** When it went out of the shipment, swapped or released; null while it belongs to it. */
  readonly leftAt: Date | null;
  readonly windowFrom: Date;
  readonly windowTo: Date | null;
}

export interface LegRow {
  readonly shipmentId: string;
  readonly ordinal: number;
  readonly mode: 'ROAD' | 'SEA' | 'RAIL' | 'BARGE';
  readonly fromPlace: string;
  readonly toPlace: string;
  readonly vessel: string | null;
  readonly voyage: string | null;
}

const numberOf = (kind: 'BOOKING' | 'BILL'): string =>
  `(SELECT n.number FROM shipment_number n WHERE n.shipment_id = s.id AND n.kind = '${kind}')`;

/** Field of a shipment's row → its SQL over `shipment s`. A number that is not the reader's to know is null. */
export const SHIPMENT_COLUMNS = {
  uuid: 's.id',
  reference: 's.reference',
  bookingNumber: numberOf('BOOKING'),
  billNumber: numberOf('BILL'),
  trade: 's.trade',
  createdAt: 's.created_at',
  endedAt: 's.ended_at',
} as const satisfies Record<keyof ShipmentRow, string>;

const SHIPMENT_LIST = Object.entries(SHIPMENT_COLUMNS)
  .map(([field, column]) => `${column} AS "${field}"`)
  .join(', ');

/** In the order of the ids; null for what the reader may not see. */
export async function shipmentsByIds(tx: Tx, ids: readonly string[]): Promise<(ShipmentRow | null)[]> {
  const rows = await tx.query<ShipmentRow>(`SELECT ${SHIPMENT_LIST} FROM shipment s WHERE s.id = ANY ($1::uuid[])`, [
    ids,
  ]);
  return grouped(ids, rows, (row) => row.uuid).map(([row]) => row ?? null);
}

/** By reference, or a number that is the reader's to know, the newest when several bear it; null when the reader sees none. */
export async function shipmentByReference(tx: Tx, reference: string): Promise<ShipmentRow | null> {
  const [row] = await tx.query<ShipmentRow>(
    `SELECT ${SHIPMENT_LIST} FROM shipment s
     WHERE s.id IN (SELECT id FROM shipment WHERE reference = $1 UNION ALL SELECT shipment_id FROM shipment_number WHERE number = $1)
     ORDER BY s.created_at DESC, s.id LIMIT 1`,
    [reference],
  );
  return row ?? null;
}

/**
 * Shipments, newest first, by (createdAt, id).
 * @param behind goes on behind this one
 */
export function newestShipments(
  tx: Tx,
  limit: number,
  behind: { readonly at: Date; readonly id: string } | null,
): Promise<ShipmentRow[]> {
  return tx.query<ShipmentRow>(
    `SELECT ${SHIPMENT_LIST} FROM shipment s
     WHERE $2::timestamptz IS NULL OR (s.created_at <= $2 AND (s.created_at < $2 OR s.id > $3::uuid))
     ORDER BY s.created_at DESC, s.id LIMIT $1`,
    [limit, behind?.at ?? null, behind?.id ?? null],
  );
}

/** For each container number the shipments under which it has a window that the reader may see, newest first. */
export async function shipmentsOfContainers(tx: Tx, numbers: readonly string[]): Promise<ShipmentRow[][]> {
  const rows = await tx.query<ShipmentRow & { readonly number: string }>(
    `SELECT asked.number, ${SHIPMENT_LIST} FROM unnest($1::text[]) AS asked(number)
     JOIN shipment s ON EXISTS (
       SELECT 1 FROM company_window w WHERE w.shipment_id = s.id AND w.container_number = asked.number)
     ORDER BY s.created_at DESC, s.id`,
    [numbers],
  );
  return grouped(numbers, rows, (row) => row.number);
}

export async function partiesOfShipments(tx: Tx, ids: readonly string[]): Promise<ShipmentPartyRow[][]> {
  const rows = await tx.query<ShipmentPartyRow>(
    `SELECT shipment_id AS "shipmentId", organisation_id AS "organisationId", role FROM shipment_party
     WHERE shipment_id = ANY ($1::uuid[]) ORDER BY role, organisation_id`,
    [ids],
  );
  return grouped(ids, rows, (row) => row.shipmentId);
}

/** Boxes with the time that they travel under each shipment, as far as the reader's windows show it. */
export async function containersOfShipments(tx: Tx, ids: readonly string[]): Promise<ShipmentContainerRow[][]> {
  const rows = await tx.query<ShipmentContainerRow>(
    `SELECT c.shipment_id AS "shipmentId", c.container_number AS number, c.fullness, c.left_at AS "leftAt",
            min(w.valid_from) AS "windowFrom",
            CASE WHEN bool_or(w.valid_to IS NULL) THEN NULL ELSE max(w.valid_to) END AS "windowTo"
     FROM shipment_container c
     JOIN company_window w ON w.shipment_id = c.shipment_id AND w.container_number = c.container_number
     WHERE c.shipment_id = ANY ($1::uuid[])
     GROUP BY c.shipment_id, c.container_number, c.fullness, c.left_at ORDER BY c.container_number`,
    [ids],
  );
  return grouped(ids, rows, (row) => row.shipmentId);
}

export async function legsOfShipments(tx: Tx, ids: readonly string[]): Promise<LegRow[][]> {
  const rows = await tx.query<LegRow>(
    `SELECT shipment_id AS "shipmentId", ordinal, mode, from_place AS "fromPlace", to_place AS "toPlace", vessel, voyage
     FROM leg WHERE shipment_id = ANY ($1::uuid[]) ORDER BY shipment_id, ordinal`,
    [ids],
  );
  return grouped(ids, rows, (row) => row.shipmentId);
}
