import type { Role, Scope } from '#libs/identity';
import type { NodeType } from './global-id.js';

/** Which of an operation's rows somebody gets. PostgreSQL's row-level policies hold the same words a second time. */
export const CONDITIONS = {
  ANY: 'what belongs to nobody: places, vocabularies',
  SELF: 'what is about the asker alone',
  ANYBODY: 'what is about anybody, by their reference',
  OWN_ORGANISATION: 'rows of the asker’s organisation',
  OWN_SITES: 'rows of the sites that the asker’s organisation answers for',
  OWN_WINDOWS: 'events within the time that a box travels under a shipment of the asker’s company, and that shipment',
  ALL_ORGANISATIONS: 'organisations of all kinds',
  OTHER_ORGANISATIONS: 'every organisation but the asker’s own',
  OWN_PART: 'shipments and windows of the asker’s company, as far as its part in them lets it change them',
  OWN_SANDBOX: 'the sandbox that the asker’s organisation is in; FORBIDDEN without one',
  MACHINES: 'gateways of the whole installation and their keys',
  AUDIT: 'the audit of the whole installation',
  OWN_DISTRICT: 'rows of the sites in the customs office’s district, and all shipments',
} as const;

export type Condition = keyof typeof CONDITIONS;

/** Who may, and then which rows. A role that is not named may not; NOBODY is whoever has not said yet who they are. */
export type Rule = Readonly<Partial<Record<Role | 'NOBODY', Condition>>>;

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

/** What proves who somebody is: no operation but these is done for somebody who is not signed in. */
const PUBLIC: Rule = { NOBODY: 'SELF', ...everyone('SELF') };
const OWN: Rule = everyone('SELF');
const OWN_OR_ANYBODY: Rule = { ...OWN, SECURITY_ADMINISTRATOR: 'ANYBODY' };
const ADMINISTRATION: Rule = { COMPANY_ADMINISTRATOR: 'OWN_ORGANISATION', SECURITY_ADMINISTRATOR: 'ANYBODY' };

const GATE: Rule = { GATE_OPERATOR: 'OWN_SITES' };
const SITES: Rule = { ...GATE, PORT_MONITOR: 'OWN_SITES', CUSTOMS_OFFICER: 'OWN_DISTRICT' };
const COMPANY: Rule = { LOGISTICS: 'OWN_WINDOWS', COMPANY_ADMINISTRATOR: 'OWN_WINDOWS' };
const PART: Rule = { LOGISTICS: 'OWN_PART', COMPANY_ADMINISTRATOR: 'OWN_PART' };
const GRANTORS: Rule = { COMPANY_ADMINISTRATOR: 'OWN_PART' };
const MACHINES: Rule = { SYSTEM_ADMINISTRATOR: 'MACHINES' };
const AUDIT: Rule = { AUDIT_ADMINISTRATOR: 'AUDIT' };
const TARGETS: Rule = { CUSTOMS_OFFICER: 'OWN_DISTRICT' };
const SHIPMENTS: Rule = { ...COMPANY, CUSTOMS_OFFICER: 'OWN_DISTRICT' };
const OPERATOR: Rule = { PLATFORM_OPERATOR: 'OTHER_ORGANISATIONS' };
const SUSPENDERS: Rule = { ...OPERATOR, SECURITY_ADMINISTRATOR: 'OTHER_ORGANISATIONS' };
const DIRECTORY: Rule = { PLATFORM_OPERATOR: 'ALL_ORGANISATIONS', SECURITY_ADMINISTRATOR: 'ALL_ORGANISATIONS' };
const STANDING: Rule = { ...DIRECTORY, COMPANY_ADMINISTRATOR: 'OWN_ORGANISATION' };
const EVENTS: Rule = { ...SITES, ...COMPANY, QUARANTINE_OFFICER: 'OWN_SITES' };
const SANDBOX: Rule = {
  GATE_OPERATOR: 'OWN_SANDBOX',
  LOGISTICS: 'OWN_SANDBOX',
  COMPANY_ADMINISTRATOR: 'OWN_SANDBOX',
  CUSTOMS_OFFICER: 'OWN_SANDBOX',
};
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
  'Query.windows': COMPANY,
  'Query.passes': SITES,
  'Query.truckVisits': SITES,
  'Query.unresolvedObservations': GATE,
  'Query.alerts': SITES,
  'Query.devices': SITES,
  'Query.gateways': SITES,
  'Query.refusedInputs': GATE,
  'Query.organisations': DIRECTORY,
  'Query.paperAlerts': { PLATFORM_OPERATOR: 'ALL_ORGANISATIONS', COMPANY_ADMINISTRATOR: 'OWN_ORGANISATION' },
  'Query.sessions': OWN_OR_ANYBODY,
  'Query.apiTokens': { ...OWN, ...ADMINISTRATION },
  'Query.serviceAccounts': ADMINISTRATION,
  'Mutation.signIn': PUBLIC,
  'Mutation.enrol': PUBLIC,
  'Mutation.requestPhoneCode': PUBLIC,
  'Mutation.signInByPhone': PUBLIC,
  'Mutation.requestCertificateNonce': PUBLIC,
  'Mutation.signInByCertificate': PUBLIC,
  'Mutation.redeemSignIn': PUBLIC,
  'Mutation.offerSecondFactor': OWN,
  'Mutation.confirmSecondFactor': OWN,
  'Mutation.verifySecondFactor': OWN,
  'Mutation.changePassword': OWN,
  'Mutation.switchMembership': OWN,
  'Mutation.signOut': OWN,
  'Mutation.revokeSession': OWN_OR_ANYBODY,
  'Mutation.revokeSessions': OWN_OR_ANYBODY,
  'Mutation.createApiToken': { ...OWN, ...ADMINISTRATION },
  'Mutation.revokeApiToken': { ...OWN, ...ADMINISTRATION },
  'Mutation.createServiceAccount': ADMINISTRATION,
  'Mutation.closeServiceAccount': ADMINISTRATION,
  'Mutation.addPerson': ADMINISTRATION,
  'Mutation.changePerson': ADMINISTRATION,
  'Mutation.resetCredentials': ADMINISTRATION,
  'Mutation.erasePerson': { SECURITY_ADMINISTRATOR: 'ANYBODY' },
  'Query.gatewayKeys': MACHINES,
  'Query.sandboxScripts': SANDBOX,
  'Query.webhookEndpoints': WEBHOOKS,
  'Query.auditRecords': AUDIT,
  'Query.auditArchives': AUDIT,
  'Query.auditCheck': AUDIT,
  'Query.inspectionTargets': TARGETS,
  'Mutation.offerAuditArchive': AUDIT,
  'Mutation.removeArchivedAudit': AUDIT,
  'Mutation.targetContainer': TARGETS,
  'Mutation.withdrawTarget': TARGETS,
  'Mutation.noticeTarget': TARGETS,
  'Mutation.releaseTarget': TARGETS,
  'Mutation.createWebhook': WEBHOOKS,
  'Mutation.commandWebhook': WEBHOOKS,
  'Mutation.replaceWebhookSecret': WEBHOOKS,
  'Mutation.replayWebhook': WEBHOOKS,
  'Mutation.retryWebhookDelivery': WEBHOOKS,
  'Mutation.ping': everyone('SELF'),
  'Mutation.reportPass': GATE,
  'Mutation.resolveObservation': GATE,
  'Mutation.acknowledgeAlert': GATE,
  'Mutation.bookShipment': PART,
  'Mutation.swapContainer': PART,
  'Mutation.rollOver': PART,
  'Mutation.splitShipment': PART,
  'Mutation.mergeShipments': PART,
  'Mutation.endShipment': PART,
  'Mutation.releaseContainer': { PLATFORM_OPERATOR: 'ANY' },
  'Mutation.grantWindow': GRANTORS,
  'Mutation.withdrawWindow': GRANTORS,
  'Mutation.registerOrganisation': { PLATFORM_OPERATOR: 'ALL_ORGANISATIONS' },
  'Mutation.submitPapers': { PLATFORM_OPERATOR: 'ALL_ORGANISATIONS', COMPANY_ADMINISTRATOR: 'OWN_ORGANISATION' },
  'Mutation.beginVerification': OPERATOR,
  'Mutation.verifyOrganisation': OPERATOR,
  'Mutation.rejectOrganisation': OPERATOR,
  'Mutation.suspendOrganisation': SUSPENDERS,
  'Mutation.liftSuspension': SUSPENDERS,
  'Mutation.runSandboxScript': SANDBOX,
  'Mutation.enrolGateway': MACHINES,
  'Mutation.changeGatewayKey': MACHINES,
  'Mutation.revokeGatewayKeys': MACHINES,
  'Subscription.hello': everyone('SELF'),
  'Subscription.eventRecorded': EVENTS,
  'Subscription.passRecorded': SITES,
  'Subscription.alertRaised': GATE,
  'Container.chain': SITES,
  'Lane.passes': SITES,
  'Organisation.history': STANDING,
  'Organisation.nextStates': STANDING,
  'Organisation.papers': STANDING,
  'Organisation.requiredPapers': STANDING,
};

/** A file of a list: what its list needs, and this. */
export const EXPORT = 'GET /exports/v1';

/**
 * What a credential must be good for, besides its holder's role. Each operation stands under one scope, but for those that are for
 * anybody, and those of a session alone.
 */
export const OPERATIONS_OF_SCOPE: Readonly<Record<Scope, readonly string[]>> = {
  READ: [
    'Query.viewer',
    'Query.node',
    'Query.sites',
    'Query.zones',
    'Query.lanes',
    'Query.container',
    'Query.events',
    'Query.journalEnd',
    'Query.shipment',
    'Query.shipments',
    'Query.windows',
    'Query.passes',
    'Query.truckVisits',
    'Query.unresolvedObservations',
    'Query.alerts',
    'Query.devices',
    'Query.gateways',
    'Query.refusedInputs',
    'Query.sandboxScripts',
    'Query.inspectionTargets',
    'Query.auditRecords',
    'Query.auditArchives',
    'Query.auditCheck',
  ],
  WRITE: [
    'Mutation.ping',
    'Mutation.reportPass',
    'Mutation.resolveObservation',
    'Mutation.acknowledgeAlert',
    'Mutation.targetContainer',
    'Mutation.withdrawTarget',
    'Mutation.noticeTarget',
    'Mutation.releaseTarget',
    'Mutation.bookShipment',
    'Mutation.swapContainer',
    'Mutation.rollOver',
    'Mutation.splitShipment',
    'Mutation.mergeShipments',
    'Mutation.endShipment',
    'Mutation.releaseContainer',
    'Mutation.grantWindow',
    'Mutation.withdrawWindow',
    'Mutation.runSandboxScript',
  ],
  SUBSCRIBE: [
    'Subscription.hello',
    'Subscription.eventRecorded',
    'Subscription.passRecorded',
    'Subscription.alertRaised',
  ],
  EXPORT: [EXPORT],
  WEBHOOKS: [
    'Query.webhookEndpoints',
    'Mutation.createWebhook',
    'Mutation.commandWebhook',
    'Mutation.replaceWebhookSecret',
    'Mutation.replayWebhook',
    'Mutation.retryWebhookDelivery',
  ],
  MANAGE: [
    'Query.sessions',
    'Query.apiTokens',
    'Query.serviceAccounts',
    'Query.organisations',
    'Query.paperAlerts',
    'Mutation.registerOrganisation',
    'Mutation.submitPapers',
    'Mutation.beginVerification',
    'Mutation.verifyOrganisation',
    'Mutation.rejectOrganisation',
    'Mutation.suspendOrganisation',
    'Mutation.liftSuspension',
    'Query.gatewayKeys',
    'Mutation.revokeSession',
    'Mutation.revokeSessions',
    'Mutation.createApiToken',
    'Mutation.revokeApiToken',
    'Mutation.createServiceAccount',
    'Mutation.closeServiceAccount',
    'Mutation.addPerson',
    'Mutation.changePerson',
    'Mutation.resetCredentials',
    'Mutation.erasePerson',
    'Mutation.enrolGateway',
    'Mutation.changeGatewayKey',
    'Mutation.revokeGatewayKeys',
    'Mutation.offerAuditArchive',
    'Mutation.removeArchivedAudit',
  ],
};

const SCOPE_OF: ReadonlyMap<string, Scope> = new Map(
  Object.entries(OPERATIONS_OF_SCOPE).flatMap(([scope, operations]) =>
    operations.map((operation) => [operation, scope as Scope] as const),
  ),
);

/** What is about the session that asks: no API token does it. */
export const IN_A_SESSION: ReadonlySet<string> = new Set([
  'Mutation.offerSecondFactor',
  'Mutation.confirmSecondFactor',
  'Mutation.verifySecondFactor',
  'Mutation.changePassword',
  'Mutation.switchMembership',
  'Mutation.signOut',
]);

/** All that a session does whose second factor was not shown, or not enrolled where the role asks for one. */
const BEFORE_SECOND_FACTOR: ReadonlySet<string> = new Set([
  'Mutation.offerSecondFactor',
  'Mutation.confirmSecondFactor',
  'Mutation.verifySecondFactor',
  'Mutation.switchMembership',
  'Mutation.signOut',
]);

/** What the table asks of whoever wants an operation or field. */
export interface Demand {
  readonly operation: string;
  /** null: of nobody; not even that they say who they are. */
  readonly roles: readonly Role[] | null;
  /** null for a field below the root, whose type was reached with the scope of the operation; and where no token is taken. */
  readonly scope: Scope | null;
  readonly isInSession: boolean;
  readonly isBeforeSecondFactor: boolean;
}

export function demandOf(operation: string, rule: Rule = POLICY[operation] ?? {}): Demand {
  return {
    operation,
    roles: 'NOBODY' in rule ? null : (Object.keys(rule) as Role[]),
    scope: SCOPE_OF.get(operation) ?? null,
    isInSession: IN_A_SESSION.has(operation),
    isBeforeSecondFactor: BEFORE_SECOND_FACTOR.has(operation),
  };
}

/** Of an export itself; its pages are asked of the list. */
export const EXPORT_DEMAND: Demand = demandOf(EXPORT, everyone('SELF'));

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
  WindowGrant: 'Query.windows',
  Zone: 'Query.zones',
} as const satisfies Readonly<Record<NodeType, string>>;

/**
 * What holds the rows of each type: the table whose row-level policy decides; PARENT: reached only through a type that has its
 * own row here, and made of what that one's reader sees; PUBLIC: belongs to nobody; SELF: of the asker alone.
 */
export const HELD_BY: Readonly<Record<string, string>> = {
  Alert: 'alert',
  ApiToken: 'access_token',
  Asset: 'PARENT',
  AuditActor: 'PARENT',
  AuditArchive: 'audit_archive',
  AuditCheck: 'audit_head',
  AuditRecord: 'audit_record',
  ChainLink: 'PARENT',
  Container: 'tracking_event',
  ContainerPlace: 'asset_state',
  ContainerProposal: 'PARENT',
  Device: 'device_health',
  Gate: 'PUBLIC',
  GatePass: 'gate_pass',
  Gateway: 'gateway_health',
  GatewayKey: 'machine_key',
  InspectionTarget: 'inspection_target',
  Lane: 'PUBLIC',
  Leg: 'leg',
  Membership: 'SELF',
  Milestone: 'milestone',
  MilestoneReached: 'tracking_event',
  Organisation: 'organisation',
  OrganisationPaper: 'organisation_paper',
  OrganisationTransition: 'organisation_transition',
  PaperAlert: 'paper_alert',
  PassDecision: 'PARENT',
  RefusedInput: 'refused_input',
  ServiceAccount: 'service_account',
  Session: 'session',
  SandboxRun: 'PARENT',
  SandboxScriptSheet: 'PUBLIC',
  Shipment: 'shipment',
  ShipmentChange: 'shipment_change',
  ShipmentContainer: 'shipment_container',
  ShipmentParty: 'shipment_party',
  Site: 'PUBLIC',
  TrackingEvent: 'tracking_event',
  TruckVisit: 'truck_visit',
  UnresolvedObservation: 'unresolved_observation',
  Viewer: 'SELF',
  VisitTransaction: 'visit_transaction',
  WindowGrant: 'window_grant',
  WebhookDelivery: 'webhook_delivery',
  WebhookEndpoint: 'webhook_endpoint',
  Zone: 'PUBLIC',
};
