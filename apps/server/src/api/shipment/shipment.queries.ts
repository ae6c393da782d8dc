import { DomainError } from '#libs/kernel';
import {
  containersOfShipments,
  legsOfShipments,
  milestonesAhead,
  milestonesOfShipments,
  newestShipments,
  partiesOfShipments,
  shipmentByReference,
  shipmentStatus,
  type MilestoneRow,
  type ShipmentRow,
  type ShipmentStatus,
} from '#libs/shipments';
import { checkPageSize, KeysetList, type Connection, type PageArgs } from '../shared/connection.js';
import { domainBatch } from '../shared/domain-batch.js';
import type { RequestContext } from '../shared/request-context.js';

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

export async function shipmentPage({ reader }: RequestContext, args: PageArgs): Promise<Connection<ShipmentRow>> {
  checkPageSize(args.first);
  const list = new KeysetList('Query.shipments', null, null);
  const rows = await newestShipments(reader, args.first + 1, list.after(args.after));
  return list.page(rows, args.first, (row) => ({ at: row.createdAt, id: row.uuid }));
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
