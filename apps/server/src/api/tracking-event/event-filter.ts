import { normaliseContainerNumber, normaliseLicencePlate, normaliseSealNumber } from '#libs/identifiers';
import type { AssetKind, EventKind } from '#libs/journal';
import { DomainError } from '#libs/kernel';
import type { Visibility } from '#libs/persistence';
import { shipmentsNumbered } from '#libs/shipments';
import type { PlaceSource } from '../place/place-book.js';
import type { TrackingEventFilter } from '../schema.generated.js';
import type { Binds } from '../shared/columns.js';
import { checkPeriod, within } from '../shared/period.js';
import { beginsWith, checkText, LEAST_BEGINNING } from '../shared/text-filter.js';

type Given<Filter> = Filter | null | undefined;

/** What filters of events and of passes have in common. */
type CommonFilter = Pick<
  TrackingEventFilter,
  'site' | 'gate' | 'lane' | 'zone' | 'booking' | 'bill' | 'seal' | 'text' | 'period'
>;

/** What of an event a filter is asked about. */
interface FilteredEvent {
  readonly kind: EventKind;
  readonly assetKind: AssetKind;
  readonly assetCode: string;
  readonly containerNumber: string | null;
  readonly truckPlate: string | null;
  readonly siteId: string;
  readonly gateId: string | null;
  readonly laneId: string | null;
  readonly zoneId: string | null;
  readonly occurredAt: Date;
}

/** Of `tracking_event e`. */
export const STANDS = `NOT EXISTS (SELECT 1 FROM tracking_event later WHERE later.withdraws = e.id)`;

/** The truck passed a gate with the box: these tell a company its plate, no other kind does. */
export const KINDS_THAT_TELL_THE_TRUCK: readonly EventKind[] = ['ContainerGatedIn', 'ContainerGatedOut'];

/**
 * A filter that can find something, or an error that says what would. A number that is not the asker's to know is no error: it
 * finds nothing, as one that does not exist.
 * @param field where the filter stands, such as `filter`
 * @throws DomainError INVALID_INPUT, INVALID_PERIOD with field and value
 */
export async function checkFilter(places: PlaceSource, filter: Given<CommonFilter>, field: string): Promise<void> {
  if (!filter) return;
  checkPeriod(filter.period, `${field}.period`);
  checkText(filter.booking, `${field}.booking`);
  checkText(filter.bill, `${field}.bill`);
  checkText(filter.lane, `${field}.lane`);
  checkText(filter.text, `${field}.text`, LEAST_BEGINNING, normaliseContainerNumber);
  checkText(filter.text, `${field}.text`, LEAST_BEGINNING, normaliseLicencePlate);
  if (filter.seal !== null && filter.seal !== undefined && normaliseSealNumber(filter.seal) === null) {
    throw new DomainError('INVALID_INPUT', {
      field: `${field}.seal`,
      value: filter.seal.slice(0, 100),
      expected: 'a seal’s number, 1 to 30 characters',
    });
  }
  const { sites, gates, zones } = await places.get();
  refuseUnknown(filter.site, sites, `${field}.site`, 'the code of a terminal, such as CNNBO-BLYUA; `sites` lists them');
  refuseUnknown(filter.gate, gates, `${field}.gate`, 'the code of a gate, such as CNNBO-BLYUA/G1');
  refuseUnknown(filter.zone, zones, `${field}.zone`, 'the code of a zone; `zones` lists those of a terminal');
}

function refuseUnknown(
  code: string | null | undefined,
  known: ReadonlyMap<string, unknown>,
  field: string,
  expected: string,
): void {
  if (code === null || code === undefined || known.has(code)) return;
  throw new DomainError('INVALID_INPUT', { field, value: code.slice(0, 100), expected });
}

/** Conditions on `tracking_event e`. Papers and seals are asked under the reader's own sight: what it may not see finds nothing. */
export function conditions(
  visibility: Visibility,
  filter: Given<TrackingEventFilter>,
  binds: Pick<Binds, 'bind'>,
): string {
  const bind = (value: unknown): string => binds.bind(value);
  const all: string[] = [...within(filter?.period, 'e.occurred_at', bind)];
  if (filter?.container) all.push(`e.asset_kind = 'CONTAINER' AND e.asset_code = ${bind(filter.container)}`);
  if (filter?.truck) {
    const plate = bind(filter.truck);
    all.push(
      visibility.scope === 'COMPANY'
        ? `e.truck_plate = ${plate} AND e.kind = ANY (${bind(KINDS_THAT_TELL_THE_TRUCK)}::text[])`
        : `(e.truck_plate = ${plate} OR (e.asset_kind = 'TRUCK' AND e.asset_code = ${plate}))`,
    );
  }
  if (filter?.site) all.push(`e.site_id = ${bind(filter.site)}`);
  if (filter?.gate) all.push(`e.gate_id = ${bind(filter.gate)}`);
  if (filter?.lane) all.push(`e.lane_id = ${bind(filter.lane)}`);
  if (filter?.zone) all.push(`e.zone_id = ${bind(filter.zone)}`);
  if (filter?.kinds) all.push(`e.kind = ANY (${bind(filter.kinds)}::text[])`);
  if (filter?.booking) all.push(underShipment(shipmentsNumbered('BOOKING', bind(filter.booking))));
  if (filter?.bill) all.push(underShipment(shipmentsNumbered('BILL', bind(filter.bill))));
  if (filter?.seal) {
    const number = bind(normaliseSealNumber(filter.seal));
    all.push(`e.pass_id IN (SELECT q.pass_id FROM pass_seal q WHERE q.seal_number = ${number})`);
  }
  if (filter?.text) {
    const plate = beginsWith('e.truck_plate', normaliseLicencePlate(filter.text), bind);
    const told =
      visibility.scope === 'COMPANY'
        ? `(${plate} AND e.kind = ANY (${bind(KINDS_THAT_TELL_THE_TRUCK)}::text[]))`
        : `${plate} OR ${beginsWith('e.asset_code', normaliseLicencePlate(filter.text), bind)}`;
    all.push(`(${beginsWith('e.asset_code', normaliseContainerNumber(filter.text), bind)} OR ${told})`);
  }
  if (!filter?.includeWithdrawn) all.push(STANDS);
  return all.map((condition) => `AND ${condition}`).join(' ');
}

/** Of a `company_window w`. */
const WINDOW_END = `CASE WHEN w.valid_to IS NULL THEN 'infinity' ELSE w.valid_to END`;

/**
 * Of `tracking_event e` and a `company_window w`. Both ends lead into the index: an OR does not, nor COALESCE, which PostgreSQL takes
 * for leaky and keeps behind the policies.
 */
export const IN_WINDOW = `e.occurred_at >= w.valid_from AND e.occurred_at < ${WINDOW_END}`;

/** For a company the bounds of all its time with a box: they lead the index past other companies' events, of which it sees none anyway. */
export interface Sight {
  /** SQL to join behind what gives the box. */
  readonly join: string;
  /** Condition on `tracking_event e`. */
  readonly within: string;
}

/** @param number SQL of the box's number */
export function sightOf(visibility: Visibility, number: string): Sight {
  if (visibility.scope !== 'COMPANY') return { join: '', within: '' };
  return {
    join: `CROSS JOIN LATERAL (
  SELECT min(w.valid_from) AS opens, max(${WINDOW_END}) AS closes FROM own_window w WHERE w.container_number = ${number}) sight`,
    within: 'AND e.occurred_at >= sight.opens AND e.occurred_at < sight.closes',
  };
}

/** An event of a box in its time under one of the shipments. */
const underShipment = (ids: string): string => `EXISTS (
  SELECT 1 FROM company_window w WHERE w.shipment_id IN (${ids}) AND w.container_number = e.container_number AND ${IN_WINDOW})`;

/** What only the database can tell of an event: under which papers its box travelled, and with which seal it passed. */
export function asksTheDatabase(filter: Given<TrackingEventFilter>): boolean {
  return [filter?.booking, filter?.bill, filter?.seal].some((value) => value !== null && value !== undefined);
}

/** The filter of a list but for what asks the database, asked of one event that the reader may see. */
export function matches(filter: Given<TrackingEventFilter>, event: FilteredEvent): boolean {
  if (!filter) return true;
  const { container, truck, site, gate, lane, zone, kinds, period, text } = filter;
  return (
    (!container || event.containerNumber === container) &&
    (!truck || event.truckPlate === truck || (event.assetKind === 'TRUCK' && event.assetCode === truck)) &&
    (!site || event.siteId === site) &&
    (!gate || event.gateId === gate) &&
    (!lane || event.laneId === lane) &&
    (!zone || event.zoneId === zone) &&
    (!kinds || kinds.includes(event.kind)) &&
    (!period?.from || event.occurredAt >= period.from) &&
    (!period?.to || event.occurredAt < period.to) &&
    (!text || beginsAs(text, event))
  );
}

function beginsAs(text: string, { assetCode, truckPlate }: FilteredEvent): boolean {
  const plate = normaliseLicencePlate(text);
  return (
    assetCode.startsWith(normaliseContainerNumber(text)) ||
    assetCode.startsWith(plate) ||
    (truckPlate?.startsWith(plate) ?? false)
  );
}
