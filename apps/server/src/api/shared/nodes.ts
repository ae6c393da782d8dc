import { SHIPMENTS_BY_ID } from '#libs/shipments';
import { ALERT_BY_KEY } from '../alert/alert.queries.js';
import { CONTAINER_BY_NUMBER } from '../container/container.queries.js';
import { DEVICE_BY_CODE, GATEWAY_BY_CODE } from '../device/device.queries.js';
import { PASS_BY_KEY } from '../gate-pass/gate-pass.queries.js';
import { EVENT_BY_KEY } from '../tracking-event/tracking-event.queries.js';
import { VISIT_BY_KEY } from '../truck-visit/truck-visit.queries.js';
import { UNRESOLVED_BY_KEY } from '../unresolved-observation/unresolved-observation.queries.js';
import { ORGANISATION_BY_ID } from '../viewer/organisation.queries.js';
import { GRANT_BY_ID } from '../window/window.queries.js';
import { WEBHOOK_ENDPOINT_BY_ID } from '../webhook/webhook.queries.js';
import { domainBatch } from './domain-batch.js';
import { globalId, type NodeRef, type NodeType } from './global-id.js';
import { demandOf, NODE_ASKED_BY } from './policy-table.js';
import type { RequestContext } from './request-context.js';

export interface NodeObject {
  readonly __typename: NodeType;
}

export const SHIPMENT_BY_ID = domainBatch('shipment by id', SHIPMENTS_BY_ID);

type Load = (context: RequestContext, first: string, second: string) => Promise<object | null | undefined>;

/** How each kind of node is found by its key; what row-level security hides is not found. */
const LOADS: Readonly<Record<NodeType, Load>> = {
  Alert: (context, site, id) => context.load(ALERT_BY_KEY, [site, id]),
  Container: (context, number) => context.load(CONTAINER_BY_NUMBER, number),
  Device: (context, code) => context.load(DEVICE_BY_CODE, code),
  Gate: async (context, code) => (await context.places.get()).gates.get(code),
  GatePass: (context, site, id) => context.load(PASS_BY_KEY, [site, id]),
  Gateway: (context, code) => context.load(GATEWAY_BY_CODE, code),
  Lane: async (context, code) => (await context.places.get()).lanes.get(code),
  Organisation: (context, id) => context.load(ORGANISATION_BY_ID, id),
  Shipment: (context, id) => context.load(SHIPMENT_BY_ID, id),
  Site: async (context, code) => (await context.places.get()).sites.get(code),
  TrackingEvent: (context, site, id) => context.load(EVENT_BY_KEY, [site, id]),
  TruckVisit: (context, site, id) => context.load(VISIT_BY_KEY, [site, id]),
  UnresolvedObservation: (context, site, id) => context.load(UNRESOLVED_BY_KEY, [site, id]),
  WindowGrant: (context, id) => context.load(GRANT_BY_ID, id),
  WebhookEndpoint: (context, id) => context.load(WEBHOOK_ENDPOINT_BY_ID, id),
  Zone: async (context, code) => (await context.places.get()).zones.get(code),
};

export async function loadNode(context: RequestContext, { type, key }: NodeRef): Promise<NodeObject | null> {
  if (context.refusalOf(demandOf(NODE_ASKED_BY[type])) !== null) return null;
  const [first = '', second = ''] = key;
  const row = await LOADS[type](context, first, second);
  return row === null || row === undefined ? null : { ...row, __typename: type };
}

interface Keyed {
  readonly uuid: string;
  readonly siteId: string;
  readonly code: string;
  readonly number: string;
}

const bySiteAndId = (row: Keyed): string[] => [row.siteId, row.uuid];
const byCode = (row: Keyed): string[] => [row.code];
const byId = (row: Keyed): string[] => [row.uuid];

/** How a row of each kind gives its key. */
const KEYS_OF: Readonly<Record<NodeType, (row: Keyed) => string[]>> = {
  Alert: bySiteAndId,
  Container: (row) => [row.number],
  Device: byCode,
  Gate: byCode,
  GatePass: bySiteAndId,
  Gateway: byCode,
  Lane: byCode,
  Organisation: byId,
  Shipment: byId,
  Site: byCode,
  TrackingEvent: bySiteAndId,
  TruckVisit: bySiteAndId,
  UnresolvedObservation: bySiteAndId,
  WindowGrant: byId,
  WebhookEndpoint: byId,
  Zone: byCode,
};

/** The field `id` of every type that is a Node, and the type of a node that was loaded. */
export const NODE_RESOLVERS: Readonly<Record<string, Readonly<Record<string, (row: never) => string>>>> = {
  Node: { __resolveType: (node: NodeObject) => node.__typename },
  ...Object.fromEntries(
    Object.entries(KEYS_OF).map(([type, keyOf]) => [
      type,
      { id: (row: Keyed) => globalId(type as NodeType, ...keyOf(row)) },
    ]),
  ),
};
