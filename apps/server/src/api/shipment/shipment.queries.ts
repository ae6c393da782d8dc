import { DomainError } from '#libs/kernel';
import {
  CONTAINERS_OF_SHIPMENT as CONTAINERS,
  LEGS_OF_SHIPMENT as LEGS,
  MILESTONES_OF_SHIPMENT as MILESTONES,
  milestonesAhead,
  newestShipments,
  PARTIES_OF_SHIPMENT as PARTIES,
  SHIPMENTS_BY_REFERENCE,
  shipmentStatus,
  type MilestoneRow,
  type ShipmentRow,
  type ShipmentStatus,
} from '#libs/shipments';
import type { GraphQLResolveInfo } from 'graphql';
import { CONTAINER_AHEAD, CONTAINER_BY_NUMBER } from '../container/container.queries.js';
import { checkPageSize, KeysetList, type Connection, type PageArgs } from '../shared/connection.js';
import { domainBatch } from '../shared/domain-batch.js';
import { loadAhead, type AheadFields } from '../shared/look-ahead.js';
import type { RequestContext } from '../shared/request-context.js';
import { shipmentEventsAhead } from '../tracking-event/tracking-event.queries.js';

const SHIPMENT_BY_REFERENCE = domainBatch('shipment by reference', SHIPMENTS_BY_REFERENCE);
export const PARTIES_OF_SHIPMENT = domainBatch('parties of shipment', PARTIES);
export const CONTAINERS_OF_SHIPMENT = domainBatch('containers of shipment', CONTAINERS);
export const LEGS_OF_SHIPMENT = domainBatch('legs of shipment', LEGS);
export const MILESTONES_OF_SHIPMENT = domainBatch('milestones of shipment', MILESTONES);

const SHIPMENT_KEY = ['uuid'] as const;

const SHIPMENT_AHEAD: AheadFields = {
  status: { keys: SHIPMENT_KEY, batch: () => MILESTONES_OF_SHIPMENT },
  milestones: { keys: SHIPMENT_KEY, batch: () => MILESTONES_OF_SHIPMENT },
  milestonesToCome: { keys: SHIPMENT_KEY, batch: () => MILESTONES_OF_SHIPMENT },
  parties: { keys: SHIPMENT_KEY, batch: () => PARTIES_OF_SHIPMENT },
  legs: { keys: SHIPMENT_KEY, batch: () => LEGS_OF_SHIPMENT },
  events: { keys: SHIPMENT_KEY, batch: shipmentEventsAhead },
  containers: {
    keys: SHIPMENT_KEY,
    batch: () => CONTAINERS_OF_SHIPMENT,
    rows: {
      type: 'ShipmentContainer',
      fields: () => ({
        container: {
          keys: ['number'],
          batch: () => CONTAINER_BY_NUMBER,
          rows: { type: 'Container', fields: () => CONTAINER_AHEAD },
        },
      }),
    },
  },
};

/** No paper's number is longer; what is can be no reference. */
const MAX_REFERENCE = 100;

/** @throws DomainError NOT_FOUND, the same for a shipment of others and for one that does not exist */
export async function findShipment(
  context: RequestContext,
  reference: string,
  info: GraphQLResolveInfo,
): Promise<ShipmentRow> {
  const row =
    reference.length > MAX_REFERENCE
      ? null
      : await loadAhead(context, SHIPMENT_BY_REFERENCE, reference, info, 'Shipment', SHIPMENT_AHEAD);
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
  const { scope, organisationId } = reader.visibility;
  const company = scope === 'COMPANY' ? organisationId : null;
  const rows = await newestShipments(reader, args.first + 1, list.after(args.after), company);
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
