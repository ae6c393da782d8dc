import type { Question, Tx } from '#libs/persistence';
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

/** Field of a shipment's row → its column of `shipment s`. */
export const SHIPMENT_COLUMNS = {
  uuid: 's.id',
  reference: 's.reference',
  bookingNumber: 's.booking_number',
  billNumber: 's.bill_number',
  trade: 's.trade',
  createdAt: 's.created_at',
  endedAt: 's.ended_at',
} as const satisfies Record<keyof ShipmentRow, string>;

const SHIPMENT_LIST = Object.entries(SHIPMENT_COLUMNS)
  .map(([field, column]) => `${column} AS "${field}"`)
  .join(', ');

const SHIPMENT_INSTANTS = ['createdAt', 'endedAt'] as const;

/** By id; null for what the reader may not see. */
export const SHIPMENTS_BY_ID: Question<string, ShipmentRow, ShipmentRow | null> = {
  keyTypes: ['uuid'],
  sql: ([ids]) => `SELECT ${SHIPMENT_LIST} FROM shipment s WHERE s.id = ANY (${ids})`,
  instants: SHIPMENT_INSTANTS,
  answers: (ids, rows) => grouped(ids, rows, (row) => row.uuid).map(([row]) => row ?? null),
};

interface NamedShipmentRow extends ShipmentRow {
  readonly name: string;
}

/** By reference, booking or bill number, the newest when several bear it; null when the reader sees none. */
export const SHIPMENTS_BY_REFERENCE: Question<string, NamedShipmentRow, ShipmentRow | null> = {
  keyTypes: ['text'],
  sql: ([names]) => `
SELECT asked.name, ${SHIPMENT_LIST} FROM unnest(${names}) AS asked(name) CROSS JOIN LATERAL (
  SELECT s.* FROM shipment s WHERE s.reference = asked.name OR s.booking_number = asked.name OR s.bill_number = asked.name
  ORDER BY s.created_at DESC, s.id LIMIT 1) s`,
  instants: SHIPMENT_INSTANTS,
  answers: (names, rows) => grouped(names, rows, (row) => row.name).map(([row]) => row ?? null),
};

/**
 * Shipments, newest first, by (createdAt, id).
 * @param behind goes on behind this one
 * @param company leads to its own through its windows; without it a company with three is looked for in the whole port
 */
export function newestShipments(
  tx: Tx,
  limit: number,
  behind: { readonly at: Date; readonly id: string } | null,
  company: string | null,
): Promise<ShipmentRow[]> {
  return tx.query<ShipmentRow>(
    `SELECT ${SHIPMENT_LIST} FROM shipment s
     WHERE ($2::timestamptz IS NULL OR (s.created_at <= $2 AND (s.created_at < $2 OR s.id > $3::uuid)))
       ${company === null ? '' : 'AND s.id IN (SELECT w.shipment_id FROM company_window w WHERE w.organisation_id = $4)'}
     ORDER BY s.created_at DESC, s.id LIMIT $1`,
    [limit, behind?.at ?? null, behind?.id ?? null, ...(company === null ? [] : [company])],
  );
}

interface CarriedShipmentRow extends ShipmentRow {
  readonly number: string;
}

/** For each container number the shipments under which it has a window that the reader may see, newest first. */
export const SHIPMENTS_OF_CONTAINER: Question<string, CarriedShipmentRow, ShipmentRow[]> = {
  keyTypes: ['text'],
  sql: ([numbers]) => `
SELECT under.number, ${SHIPMENT_LIST} FROM (
  SELECT DISTINCT asked.number, w.shipment_id FROM unnest(${numbers}) AS asked(number)
  JOIN company_window w ON w.container_number = asked.number) under
JOIN shipment s ON s.id = under.shipment_id
ORDER BY s.created_at DESC, s.id`,
  instants: SHIPMENT_INSTANTS,
  answers: (numbers, rows) => grouped(numbers, rows, (row) => row.number),
};

export const PARTIES_OF_SHIPMENT: Question<string, ShipmentPartyRow, ShipmentPartyRow[]> = {
  keyTypes: ['uuid'],
  sql: ([ids]) => `
SELECT shipment_id AS "shipmentId", organisation_id AS "organisationId", role FROM shipment_party
WHERE shipment_id = ANY (${ids}) ORDER BY role, organisation_id`,
  instants: [],
  answers: (ids, rows) => grouped(ids, rows, (row) => row.shipmentId),
};

/** Boxes with the time that they travel under each shipment, as far as the reader's windows show it. */
export const CONTAINERS_OF_SHIPMENT: Question<string, ShipmentContainerRow, ShipmentContainerRow[]> = {
  keyTypes: ['uuid'],
  sql: ([ids]) => `
SELECT c.shipment_id AS "shipmentId", c.container_number AS number, c.fullness,
       min(w.valid_from) AS "windowFrom",
       CASE WHEN bool_or(w.valid_to IS NULL) THEN NULL ELSE max(w.valid_to) END AS "windowTo"
FROM shipment_container c
JOIN company_window w ON w.shipment_id = c.shipment_id AND w.container_number = c.container_number
WHERE c.shipment_id = ANY (${ids})
GROUP BY c.shipment_id, c.container_number ORDER BY c.container_number`,
  instants: ['windowFrom', 'windowTo'],
  answers: (ids, rows) => grouped(ids, rows, (row) => row.shipmentId),
};

export const LEGS_OF_SHIPMENT: Question<string, LegRow, LegRow[]> = {
  keyTypes: ['uuid'],
  sql: ([ids]) => `
SELECT shipment_id AS "shipmentId", ordinal, mode, from_place AS "fromPlace", to_place AS "toPlace", vessel, voyage
FROM leg WHERE shipment_id = ANY (${ids}) ORDER BY shipment_id, ordinal`,
  instants: [],
  answers: (ids, rows) => grouped(ids, rows, (row) => row.shipmentId),
};
