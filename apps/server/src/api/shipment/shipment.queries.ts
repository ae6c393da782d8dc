import { DomainError } from '#libs/kernel';
import {
  CONTAINERS_OF_SHIPMENT as CONTAINERS,
  LEGS_OF_SHIPMENT as LEGS,
  MILESTONES_OF_SHIPMENT as MILESTONES,
  milestonesAhead,
  newestShipments,
  NUMBERS_OF_SHIPMENT as NUMBERS,
  PARTIES_OF_SHIPMENT as PARTIES,
  SHIPMENTS_BY_REFERENCE,
  shipmentsBegun,
  shipmentsNumbered,
  shipmentStatus,
  type MilestoneRow,
  type ShipmentRow,
  type ShipmentStatus,
} from '#libs/shipments';
import type { Visibility } from '#libs/persistence';
import type { GraphQLResolveInfo } from 'graphql';
import { CONTAINER_AHEAD, CONTAINER_BY_NUMBER } from '../container/container.queries.js';
import type { ShipmentFilter } from '../schema.generated.js';
import { Binds } from '../shared/columns.js';
import { checkPageSize, KeysetList, type Connection, type PageArgs } from '../shared/connection.js';
import { domainBatch } from '../shared/domain-batch.js';
import { loadAhead, type AheadFields } from '../shared/look-ahead.js';
import { checkPeriod, within } from '../shared/period.js';
import type { RequestContext } from '../shared/request-context.js';
import { beginsWith, checkText, LEAST_BEGINNING } from '../shared/text-filter.js';
import { shipmentEventsAhead } from '../tracking-event/tracking-event.queries.js';

const SHIPMENT_BY_REFERENCE = domainBatch('shipment by reference', SHIPMENTS_BY_REFERENCE);
export const NUMBERS_OF_SHIPMENT = domainBatch('numbers of shipment', NUMBERS);
export const PARTIES_OF_SHIPMENT = domainBatch('parties of shipment', PARTIES);
export const CONTAINERS_OF_SHIPMENT = domainBatch('containers of shipment', CONTAINERS);
export const LEGS_OF_SHIPMENT = domainBatch('legs of shipment', LEGS);
export const MILESTONES_OF_SHIPMENT = domainBatch('milestones of shipment', MILESTONES);

const SHIPMENT_KEY = ['uuid'] as const;

const SHIPMENT_AHEAD: AheadFields = {
  bookingNumber: { keys: SHIPMENT_KEY, batch: () => NUMBERS_OF_SHIPMENT },
  billNumber: { keys: SHIPMENT_KEY, batch: () => NUMBERS_OF_SHIPMENT },
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
  const where = conditionsOf(reader.visibility, filter, (value) => binds.bind(value));
  const rows = await newestShipments(reader, args.first + 1, list.after(args.after), { where, values: binds.values });
  return list.page(rows, args.first, (row) => ({ at: row.createdAt, id: row.uuid }));
}

/** Of `shipment s`. */
function conditionsOf(
  { scope, organisationId }: Visibility,
  filter: ShipmentFilter | null | undefined,
  bind: (value: unknown) => string,
): readonly string[] {
  const all = [...within(filter?.period, 's.created_at', bind)];
  if (scope === 'COMPANY') {
    // Leads to its own: without it a company with three is looked for in the whole port.
    all.push(`s.id IN (SELECT o.shipment_id FROM company_window o WHERE o.organisation_id = ${bind(organisationId)})`);
  }
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
