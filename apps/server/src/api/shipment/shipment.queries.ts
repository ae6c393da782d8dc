import { DomainError } from '#libs/kernel';
import {
  containersOfShipments,
  legsOfShipments,
  milestonesAhead,
  milestonesOfShipments,
  newestShipments,
  partiesOfShipments,
  shipmentByReference,
  shipmentsBegun,
  shipmentsNumbered,
  shipmentStatus,
  type MilestoneRow,
  type ShipmentRow,
  type ShipmentStatus,
} from '#libs/shipments';
import type { ShipmentFilter } from '../schema.generated.js';
import { Binds } from '../shared/columns.js';
import { checkPageSize, KeysetList, type Connection, type PageArgs } from '../shared/connection.js';
import { domainBatch } from '../shared/domain-batch.js';
import { checkPeriod, within } from '../shared/period.js';
import type { RequestContext } from '../shared/request-context.js';
import { beginsWith, checkText, LEAST_BEGINNING } from '../shared/text-filter.js';

export const PARTIES_OF_SHIPMENT = domainBatch('parties of shipment', partiesOfShipments);
export const CONTAINERS_OF_SHIPMENT = domainBatch('containers of shipment', containersOfShipments);
export const LEGS_OF_SHIPMENT = domainBatch('legs of shipment', legsOfShipments);
export const MILESTONES_OF_SHIPMENT = domainBatch('milestones of shipment', milestonesOfShipments);

/** No paper's number is longer; what is can be no reference. */
const MAX_REFERENCE = 100;

/** @throws DomainError NOT_FOUND, the same for a shipment of others and for one that does not exist */
export async function findShipment({ reader }: RequestContext, reference: string): Promise<ShipmentRow> {
  const row = reference.length > MAX_REFERENCE ? null : await shipmentByReference(reader, reference);
  if (row === null) {
    throw new DomainError('NOT_FOUND', {
      field: 'reference',
      value: reference.slice(0, MAX_REFERENCE),
      expected: 'the reference, booking or bill number of a shipment that you may see',
    });
  }
  return row;
}

export async function shipmentPage(
  { reader }: RequestContext,
  filter: ShipmentFilter | null | undefined,
  args: PageArgs,
): Promise<Connection<ShipmentRow>> {
  checkPageSize(args.first);
  checkPeriod(filter?.period, 'filter.period');
  checkText(filter?.booking, 'filter.booking');
  checkText(filter?.bill, 'filter.bill');
  checkText(filter?.text, 'filter.text', LEAST_BEGINNING);
  const list = new KeysetList('Query.shipments', null, filter);
  const binds = new Binds();
  const where = conditionsOf(filter, (value) => binds.bind(value));
  const rows = await newestShipments(reader, args.first + 1, list.after(args.after), { where, values: binds.values });
  return list.page(rows, args.first, (row) => ({ at: row.createdAt, id: row.uuid }));
}

/** Of `shipment s`. */
function conditionsOf(filter: ShipmentFilter | null | undefined, bind: (value: unknown) => string): readonly string[] {
  const all = [...within(filter?.period, 's.created_at', bind)];
  if (filter?.trade) all.push(`s.trade = ${bind(filter.trade)}`);
  if (filter?.booking) all.push(`s.id IN (${shipmentsNumbered('BOOKING', bind(filter.booking))})`);
  if (filter?.bill) all.push(`s.id IN (${shipmentsNumbered('BILL', bind(filter.bill))})`);
  if (filter?.container) {
    const number = bind(filter.container);
    all.push(`s.id IN (SELECT v.shipment_id FROM company_window v WHERE v.container_number = ${number})`);
  }
  if (filter?.text) {
    const { text } = filter;
    all.push(`s.id IN (${shipmentsBegun((column) => beginsWith(column, text, bind))})`);
  }
  return all;
}

export async function statusOfShipment(context: RequestContext, shipment: ShipmentRow): Promise<ShipmentStatus> {
  return shipmentStatus(shipment, await context.load(MILESTONES_OF_SHIPMENT, shipment.uuid), Date.now());
}

export async function milestonesToCome(
  context: RequestContext,
  shipment: ShipmentRow,
): Promise<readonly MilestoneRow[]> {
  return milestonesAhead(await context.load(MILESTONES_OF_SHIPMENT, shipment.uuid));
}
