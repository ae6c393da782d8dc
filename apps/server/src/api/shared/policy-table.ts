import type { Role, Scope } from '#libs/identity';

/** Which of an operation's rows somebody gets. PostgreSQL's row-level policies hold the same words a second time. */
export const CONDITIONS = {
  ANY: 'what belongs to nobody: places, vocabularies',
  SELF: 'what is about the asker alone',
  ANYBODY: 'what is about anybody, by their reference',
  OWN_ORGANISATION: 'rows of the asker’s organisation',
  OWN_SITES: 'rows of the sites that the asker’s organisation answers for',
  OWN_WINDOWS: 'events within the time that a box travels under a shipment of the asker’s company, and that shipment',
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
const SHIPMENTS: Rule = { ...COMPANY, CUSTOMS_OFFICER: 'OWN_DISTRICT' };
const EVENTS: Rule = { ...SITES, ...COMPANY, QUARANTINE_OFFICER: 'OWN_SITES' };

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
  'Query.shipment': SHIPMENTS,
  'Query.shipments': SHIPMENTS,
  'Query.passes': SITES,
  'Query.truckVisits': SITES,
  'Query.unresolvedObservations': GATE,
  'Query.alerts': SITES,
  'Query.devices': SITES,
  'Query.gateways': SITES,
  'Query.refusedInputs': GATE,
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
  'Mutation.ping': everyone('SELF'),
  'Mutation.reportPass': GATE,
  'Mutation.resolveObservation': GATE,
  'Mutation.acknowledgeAlert': GATE,
  'Subscription.hello': everyone('SELF'),
  'Subscription.eventRecorded': EVENTS,
  'Subscription.passRecorded': SITES,
  'Subscription.alertRaised': GATE,
  'Container.chain': SITES,
  'Lane.passes': SITES,
};

/** What a credential must be good for, besides its holder's role: by the kind of operation, but for those named below. */
const SCOPE_OF_ROOT: Readonly<Record<string, Scope>> = { Query: 'READ', Mutation: 'WRITE', Subscription: 'SUBSCRIBE' };

const SCOPE_OF: Readonly<Record<string, Scope>> = {
  'Query.sessions': 'MANAGE',
  'Query.apiTokens': 'MANAGE',
  'Query.serviceAccounts': 'MANAGE',
  'Mutation.revokeSession': 'MANAGE',
  'Mutation.revokeSessions': 'MANAGE',
  'Mutation.createApiToken': 'MANAGE',
  'Mutation.revokeApiToken': 'MANAGE',
  'Mutation.createServiceAccount': 'MANAGE',
  'Mutation.closeServiceAccount': 'MANAGE',
  'Mutation.addPerson': 'MANAGE',
  'Mutation.changePerson': 'MANAGE',
  'Mutation.resetCredentials': 'MANAGE',
  'Mutation.erasePerson': 'MANAGE',
};

/** null for a field below the root: who reached its type had the scope of the operation. */
function scopeOf(operation: string): Scope | null {
  return SCOPE_OF[operation] ?? SCOPE_OF_ROOT[operation.slice(0, operation.indexOf('.'))] ?? null;
}

/** What is about the session that asks: no API token does it. */
const IN_A_SESSION: ReadonlySet<string> = new Set([
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
  /** null: of no more than the operation that led here. */
  readonly scope: Scope | null;
  readonly isInSession: boolean;
  readonly isBeforeSecondFactor: boolean;
}

export function demandOf(operation: string, rule: Rule): Demand {
  return {
    operation,
    roles: 'NOBODY' in rule ? null : (Object.keys(rule) as Role[]),
    scope: scopeOf(operation),
    isInSession: IN_A_SESSION.has(operation),
    isBeforeSecondFactor: BEFORE_SECOND_FACTOR.has(operation),
  };
}

/**
 * What holds the rows of each type: the table whose row-level policy decides; PARENT: reached only through a type that has its
 * own row here, and made of what that one's reader sees; PUBLIC: belongs to nobody; SELF: of the asker alone.
 */
export const HELD_BY: Readonly<Record<string, string>> = {
  Alert: 'alert',
  ApiToken: 'access_token',
  Asset: 'PARENT',
  ChainLink: 'PARENT',
  Container: 'tracking_event',
  ContainerPlace: 'asset_state',
  ContainerProposal: 'PARENT',
  Device: 'device_health',
  Gate: 'PUBLIC',
  GatePass: 'gate_pass',
  Gateway: 'gateway_health',
  Lane: 'PUBLIC',
  Leg: 'leg',
  Membership: 'SELF',
  Milestone: 'milestone',
  MilestoneReached: 'tracking_event',
  Organisation: 'shipment_party',
  PassDecision: 'PARENT',
  RefusedInput: 'refused_input',
  ServiceAccount: 'service_account',
  Session: 'session',
  Shipment: 'shipment',
  ShipmentContainer: 'shipment_container',
  ShipmentParty: 'shipment_party',
  Site: 'PUBLIC',
  TrackingEvent: 'tracking_event',
  TruckVisit: 'truck_visit',
  UnresolvedObservation: 'unresolved_observation',
  Viewer: 'SELF',
  VisitTransaction: 'visit_transaction',
  Zone: 'PUBLIC',
};
