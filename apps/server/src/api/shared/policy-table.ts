import type { Role } from '#libs/identity';
import type { NodeType } from './global-id.js';

/** Which of an operation's rows somebody gets. PostgreSQL's row-level policies hold the same words a second time. */
export const CONDITIONS = {
  ANY: 'what belongs to nobody: places, vocabularies',
  SELF: 'what is about the asker alone',
  OWN_ORGANISATION: 'rows of the asker’s organisation',
  OWN_SITES: 'rows of the sites that the asker’s organisation answers for',
  OWN_WINDOWS: 'events within the time that a box travels under a shipment of the asker’s company, and that shipment',
  MACHINES: 'gateways of the whole installation and their keys',
  OWN_DISTRICT: 'rows of the sites in the customs office’s district, and all shipments',
} as const;

export type Condition = keyof typeof CONDITIONS;

/** Who may, and then which rows. A role that is not named may not. */
export type Rule = Readonly<Partial<Record<Role, Condition>>>;

const SIGNED_IN: readonly Role[] = [
  'GATE_OPERATOR',
  'PORT_MONITOR',
  'LOGISTICS',
  'COMPANY_ADMINISTRATOR',
  'DRIVER',
  'CUSTOMS_OFFICER',
  'QUARANTINE_OFFICER',
  'BANK_OFFICER',
  'PLATFORM_OPERATOR',
  'SYSTEM_ADMINISTRATOR',
  'SECURITY_ADMINISTRATOR',
  'AUDIT_ADMINISTRATOR',
];

const everyone = (condition: Condition): Rule => Object.fromEntries(SIGNED_IN.map((role) => [role, condition]));

const GATE: Rule = { GATE_OPERATOR: 'OWN_SITES' };
const SITES: Rule = { ...GATE, PORT_MONITOR: 'OWN_SITES', CUSTOMS_OFFICER: 'OWN_DISTRICT' };
const COMPANY: Rule = { LOGISTICS: 'OWN_WINDOWS', COMPANY_ADMINISTRATOR: 'OWN_WINDOWS' };
const MACHINES: Rule = { SYSTEM_ADMINISTRATOR: 'MACHINES' };
const SHIPMENTS: Rule = { ...COMPANY, CUSTOMS_OFFICER: 'OWN_DISTRICT' };
const EVENTS: Rule = { ...SITES, ...COMPANY, QUARANTINE_OFFICER: 'OWN_SITES' };
const WEBHOOKS: Rule = Object.fromEntries(Object.keys(EVENTS).map((role) => [role, 'OWN_ORGANISATION']));

/**
 * The one table of who may ask what. Every operation has a row; fields below the root have one where not everybody who reaches
 * their type may have them. A schema with an operation that has no row here is not served.
 */
export const POLICY: Readonly<Record<string, Rule>> = {
  'Query.viewer': everyone('SELF'),
  'Query.node': everyone('ANY'),
  'Query.sites': everyone('ANY'),
  'Query.zones': everyone('ANY'),
  'Query.lanes': SITES,
  'Query.container': EVENTS,
  'Query.events': EVENTS,
  'Query.journalEnd': EVENTS,
  'Query.shipment': SHIPMENTS,
  'Query.shipments': SHIPMENTS,
  'Query.passes': SITES,
  'Query.truckVisits': SITES,
  'Query.unresolvedObservations': GATE,
  'Query.alerts': SITES,
  'Query.devices': SITES,
  'Query.gateways': SITES,
  'Query.refusedInputs': GATE,
  'Query.gatewayKeys': MACHINES,
  'Query.webhookEndpoints': WEBHOOKS,
  'Mutation.createWebhook': WEBHOOKS,
  'Mutation.commandWebhook': WEBHOOKS,
  'Mutation.replaceWebhookSecret': WEBHOOKS,
  'Mutation.replayWebhook': WEBHOOKS,
  'Mutation.retryWebhookDelivery': WEBHOOKS,
  'Mutation.ping': everyone('SELF'),
  'Mutation.reportPass': GATE,
  'Mutation.resolveObservation': GATE,
  'Mutation.acknowledgeAlert': GATE,
  'Mutation.enrolGateway': MACHINES,
  'Mutation.changeGatewayKey': MACHINES,
  'Mutation.revokeGatewayKeys': MACHINES,
  'Subscription.hello': everyone('SELF'),
  'Subscription.eventRecorded': EVENTS,
  'Subscription.passRecorded': SITES,
  'Subscription.alertRaised': GATE,
  'Container.chain': SITES,
  'Lane.passes': SITES,
};

/** Whoever may ask this operation may have a node of the type by its id, if it is theirs; to anybody else it does not exist. */
export const NODE_ASKED_BY = {
  Alert: 'Query.alerts',
  Container: 'Query.container',
  Device: 'Query.devices',
  Gate: 'Query.sites',
  GatePass: 'Query.passes',
  Gateway: 'Query.gateways',
  Lane: 'Query.lanes',
  Organisation: 'Query.viewer',
  Shipment: 'Query.shipment',
  Site: 'Query.sites',
  TrackingEvent: 'Query.events',
  TruckVisit: 'Query.truckVisits',
  UnresolvedObservation: 'Query.unresolvedObservations',
  WebhookEndpoint: 'Query.webhookEndpoints',
  Zone: 'Query.zones',
} as const satisfies Readonly<Record<NodeType, string>>;

/**
 * What holds the rows of each type: the table whose row-level policy decides; PARENT: reached only through a type that has its
 * own row here, and made of what that one's reader sees; PUBLIC: belongs to nobody; SELF: of the asker alone.
 */
export const HELD_BY: Readonly<Record<string, string>> = {
  Alert: 'alert',
  Asset: 'PARENT',
  ChainLink: 'PARENT',
  Container: 'tracking_event',
  ContainerPlace: 'asset_state',
  ContainerProposal: 'PARENT',
  Device: 'device_health',
  Gate: 'PUBLIC',
  GatePass: 'gate_pass',
  Gateway: 'gateway_health',
  GatewayKey: 'machine_key',
  Lane: 'PUBLIC',
  Leg: 'leg',
  Milestone: 'milestone',
  MilestoneReached: 'tracking_event',
  Organisation: 'shipment_party',
  PassDecision: 'PARENT',
  RefusedInput: 'refused_input',
  Shipment: 'shipment',
  ShipmentContainer: 'shipment_container',
  ShipmentParty: 'shipment_party',
  Site: 'PUBLIC',
  TrackingEvent: 'tracking_event',
  TruckVisit: 'truck_visit',
  UnresolvedObservation: 'unresolved_observation',
  Viewer: 'SELF',
  VisitTransaction: 'visit_transaction',
  WebhookDelivery: 'webhook_delivery',
  WebhookEndpoint: 'webhook_endpoint',
  Zone: 'PUBLIC',
};
