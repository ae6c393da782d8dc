import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { windowsOfBooking, type BookedParty } from './decide-windows.js';
import type { LegEntity } from './entities/leg.entity.js';
import { PARTY_SIGHT } from './party-sight.js';
import { keepChange, lockBoxes, refuseHeld, type ShipmentActor } from './shipment.store.js';
import { applyChanges } from './window.store.js';

export interface Booking {
  readonly reference: string;
  readonly bookingNumber: string | null;
  readonly billNumber: string | null;
  readonly trade: 'EXPORT' | 'IMPORT';
  readonly containers: readonly { readonly number: string; readonly fullness: 'LADEN' | 'EMPTY' | null }[];
  readonly parties: readonly BookedParty[];
  readonly legs: readonly Omit<LegEntity, 'shipmentId' | 'ordinal'>[];
  readonly milestones: readonly {
    readonly code: string;
    readonly site: string | null;
    readonly zone: string | null;
    readonly plannedAt: EpochMs | null;
  }[];
}

const BOUNDS = { containers: [1, 200], parties: [1, 20], legs: [0, 20], milestones: [0, 50] } as const;

/**
 * Books a shipment and opens its parties' windows, from now on.
 * @returns its id
 * @throws DomainError INVALID_INPUT beyond a bound, or when the booker is no party that may also end it; CONFLICT for a box that is under
 *   way with another shipment; NOT_FOUND for a place that is not there
 */
export async function bookShipment(tx: Tx, actor: ShipmentActor, booking: Booking, at: EpochMs): Promise<string> {
  const numbers = booking.containers.map(({ number }) => number);
  refuseUnfit(actor, booking, numbers);
  await refuseUnknownPlaces(tx, booking.milestones);
  const id = newId();
  const windows = windowsOfBooking(id, numbers, booking.parties, at);
  await lockBoxes(tx, numbers);
  await refuseHeld(tx, numbers, 'input.containers', at);
  const { reference, bookingNumber, billNumber, trade } = booking;
  await tx.query(
    `INSERT INTO shipment (id, reference, booking_number, bill_number, trade, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, reference, bookingNumber, billNumber, trade, new Date(at)],
  );
  await insertRows(
    tx,
    'shipment_party',
    booking.parties.map(({ organisationId, role }) => ({ shipment_id: id, organisation_id: organisationId, role })),
  );
  await insertRows(
    tx,
    'shipment_container',
    booking.containers.map(({ number, fullness }) => ({ shipment_id: id, container_number: number, fullness })),
  );
  await insertRows(
    tx,
    'leg',
    booking.legs.map(({ mode, fromPlace, toPlace, vessel, voyage }, index) => ({
      shipment_id: id,
      ordinal: index + 1,
      mode,
      from_place: fromPlace,
      to_place: toPlace,
      vessel,
      voyage,
    })),
  );
  await insertRows(
    tx,
    'milestone',
    booking.milestones.map(({ code, site, zone, plannedAt }, index) => ({
      shipment_id: id,
      ordinal: index + 1,
      code,
      site_id: site,
      zone_id: zone,
      planned_at: plannedAt === null ? null : new Date(plannedAt).toISOString(),
    })),
  );
  await applyChanges(
    tx,
    windows.map((window) => ({ do: 'OPEN', window })),
  );
  await keepChange(tx, actor, id, 'BOOKED', { containers: numbers }, at);
  return id;
}

function refuseUnfit(actor: ShipmentActor, booking: Booking, numbers: readonly string[]): void {
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const { length } = booking[name as keyof typeof BOUNDS];
    if (length < least || length > most) {
      throw new DomainError('INVALID_INPUT', {
        field: `input.${name}`,
        value: length,
        expected: `${least} to ${most}`,
      });
    }
  }
  if (new Set(numbers).size !== numbers.length) {
    throw new DomainError('INVALID_INPUT', { field: 'input.containers', value: numbers, expected: 'each box once' });
  }
  const leads = booking.parties.some(
    ({ organisationId, role, containers }) =>
      organisationId === actor.organisationId && containers === null && PARTY_SIGHT[role].may.includes('END'),
  );
  if (!leads) {
    throw new DomainError('INVALID_INPUT', {
      field: 'input.parties',
      expected: 'your own company among them, as shipper, forwarder or consignee of all boxes',
    });
  }
}

/** A row that named a place which is not there could never be shown. */
async function refuseUnknownPlaces(tx: Tx, milestones: Booking['milestones']): Promise<void> {
  for (const table of ['site', 'zone'] as const) {
    const named = milestones.flatMap((milestone) => milestone[table] ?? []);
    const known = await tx.query<{ id: string }>(`SELECT id FROM ${table} WHERE id = ANY ($1::text[])`, [named]);
    const unknown = named.filter((id) => !known.some((row) => row.id === id));
    if (unknown.length > 0) throw new DomainError('NOT_FOUND', { field: `input.milestones.${table}`, value: unknown });
  }
}

/** Tables and columns are named here alone; the values go as one JSON parameter. */
async function insertRows(
  tx: Tx,
  table: 'shipment_party' | 'shipment_container' | 'leg' | 'milestone',
  rows: readonly Readonly<Record<string, string | number | null>>[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first).join(', ');
  await tx.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}
