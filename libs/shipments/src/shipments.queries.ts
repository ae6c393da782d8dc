import { windowRelation, type Question, type Tx } from '#libs/persistence';
import { grouped } from './grouped.js';

export interface ShipmentRow {
  readonly uuid: string;
  readonly reference: string;
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

/** Field of a shipment's row → its SQL over `shipment s`. */
export const SHIPMENT_COLUMNS = {
  uuid: 's.id',
  reference: 's.reference',
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

/** By reference, or a number that is the reader's to know, the newest when several bear it; null when the reader sees none. */
export const SHIPMENTS_BY_REFERENCE: Question<string, NamedShipmentRow, ShipmentRow | null> = {
  keyTypes: ['text'],
  sql: ([names]) => `
SELECT asked.name, ${SHIPMENT_LIST} FROM unnest(${names}) AS asked(name) CROSS JOIN LATERAL (
  SELECT s.id, s.reference, s.trade, s.created_at, s.ended_at FROM shipment s WHERE s.reference = asked.name
  UNION ALL
  SELECT s.id, s.reference, s.trade, s.created_at, s.ended_at FROM shipment_number n JOIN shipment s ON s.id = n.shipment_id
  WHERE n.number = asked.name
  ORDER BY created_at DESC, id LIMIT 1) s`,
  instants: SHIPMENT_INSTANTS,
  answers: (names, rows) => grouped(names, rows, (row) => row.name).map(([row]) => row ?? null),
};

type ShipmentPaper = 'BOOKING' | 'BILL';

interface ShipmentNumberRow {
  readonly shipmentId: string;
  readonly kind: ShipmentPaper;
  readonly number: string;
}

/** The numbers of each shipment's papers; one that is not the reader's to know is not among them. */
export const NUMBERS_OF_SHIPMENT: Question<string, ShipmentNumberRow, Partial<Record<ShipmentPaper, string>>> = {
  keyTypes: ['uuid'],
  sql: ([ids]) => `
SELECT n.shipment_id AS "shipmentId", n.kind, n.number FROM shipment_number n WHERE n.shipment_id = ANY (${ids})`,
  instants: [],
  answers: (ids, rows) =>
    grouped(ids, rows, (row) => row.shipmentId).map((own) =>
      Object.fromEntries(own.map(({ kind, number }) => [kind, number])),
    ),
};

/**
 * SQL that gives the ids of shipments with this booking or bill number, as far as the reader sees both shipment and number.
 * @param number a placeholder
 */
export function shipmentsNumbered(kind: ShipmentPaper, number: string): string {
  return `SELECT n.shipment_id FROM shipment_number n WHERE n.kind = '${kind}' AND n.number = ${number}`;
}

/**
 * SQL that gives the ids of shipments whose reference or one of whose numbers a reader may find so, each column by its own index.
 * @param holds a condition on the column
 */
export function shipmentsBegun(holds: (column: string) => string): string {
  return `SELECT s.id FROM shipment s WHERE ${holds('s.reference')}
    UNION SELECT n.shipment_id FROM shipment_number n WHERE ${holds('n.number')}`;
}

/**
 * Shipments, newest first, by (createdAt, id).
 * @param behind goes on behind this one
 * @param filter conditions on `shipment s` with placeholders from $1 on, and their values
 */
export function newestShipments(
  tx: Tx,
  limit: number,
  behind: { readonly at: Date; readonly id: string } | null,
  filter: { readonly where: readonly string[]; readonly values: readonly unknown[] },
): Promise<ShipmentRow[]> {
  const [most, at, id] = [1, 2, 3].map((further) => `$${filter.values.length + further}`);
  const further = `(${at}::timestamptz IS NULL OR (s.created_at <= ${at} AND (s.created_at < ${at} OR s.id > ${id}::uuid)))`;
  return tx.query<ShipmentRow>(
    `SELECT ${SHIPMENT_LIST} FROM shipment s WHERE ${[...filter.where, further].join(' AND ')}
     ORDER BY s.created_at DESC, s.id LIMIT ${most}`,
    [...filter.values, limit, behind?.at ?? null, behind?.id ?? null],
  );
}

interface CarriedShipmentRow extends ShipmentRow {
  readonly number: string;
}

/** For each container number the shipments under which it has a window that the reader may see, newest first. */
export const SHIPMENTS_OF_CONTAINER: Question<string, CarriedShipmentRow, ShipmentRow[]> = {
  keyTypes: ['text'],
  sql: ([numbers], _bind, visibility) => `
SELECT under.number, ${SHIPMENT_LIST} FROM (
  SELECT asked.number, w.shipment_id FROM unnest(${numbers}) AS asked(number) CROSS JOIN LATERAL (
    SELECT DISTINCT own.shipment_id FROM ${windowRelation(visibility)} own WHERE own.container_number = asked.number) w) under
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

/**
 * Boxes with the time that they travel under each shipment, as far as the reader's windows show it. Windows come first and lead to
 * one box each, shipment by shipment: asked for several at once PostgreSQL scans all windows that the reader has.
 */
export const CONTAINERS_OF_SHIPMENT: Question<string, ShipmentContainerRow, ShipmentContainerRow[]> = {
  keyTypes: ['uuid'],
  sql: ([ids], _bind, visibility) => `
SELECT c.shipment_id AS "shipmentId", c.container_number AS number, c.fullness, c.left_at AS "leftAt",
       own.valid_from AS "windowFrom", own.valid_to AS "windowTo"
FROM unnest(${ids}) AS asked(id) CROSS JOIN LATERAL (
  SELECT w.shipment_id, w.container_number, min(w.valid_from) AS valid_from,
         CASE WHEN bool_or(w.valid_to IS NULL) THEN NULL ELSE max(w.valid_to) END AS valid_to
  FROM ${windowRelation(visibility)} w WHERE w.shipment_id = asked.id GROUP BY w.shipment_id, w.container_number) own
CROSS JOIN LATERAL (
  SELECT box.shipment_id, box.container_number, box.fullness, box.left_at FROM shipment_container box
  WHERE box.shipment_id = own.shipment_id AND box.container_number = own.container_number LIMIT 1) c
ORDER BY c.container_number`,
  instants: ['leftAt', 'windowFrom', 'windowTo'],
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
