import type { Visibility } from '#libs/persistence';
import { ROLES, type Role } from './roles.js';
import type { Scope } from './scopes.js';

/** What stands between a session and its use. An API token was drawn by somebody who had passed. */
export type SecondFactorState =
  /** Shown in this session. */
  | 'PASSED'
  /** The role does not ask for one, and the person has none. */
  | 'NOT_NEEDED'
  /** The person has one, and has not shown it yet. */
  | 'TO_VERIFY'
  /** The role asks for one, and the person has none. */
  | 'TO_ENROL';

/** Who asks, as a session or an API token told it. */
export interface Principal {
  readonly kind: 'PERSON' | 'SERVICE_ACCOUNT';
  /** Who acts: a person, or a service account. */
  readonly personId: string;
  readonly displayName: string;
  readonly organisationId: string;
  readonly role: Role;
  /** What the organisation answers for, sorted; empty unless the role reads by sites. */
  readonly siteIds: readonly string[];
  /** STANDING: none was shown; what they began goes on without them, under their own id. */
  readonly credential: { readonly kind: 'SESSION' | 'API_TOKEN' | 'STANDING'; readonly id: string };
  /** What the credential may be used for; all of it in a session. */
  readonly scopes: readonly Scope[];
  readonly secondFactor: SecondFactorState;
}

/** A gateway, as its key or token told it. */
export interface GatewayPrincipal {
  readonly gatewayId: string;
  readonly siteId: string;
}

/** What PostgreSQL is told about a principal. Equal rights give equal objects, so that readers of the same rows can be served together. */
export function visibilityOf({ role, organisationId, siteIds }: Principal): Visibility {
  const { scope } = ROLES[role];
  return readsBySites(scope) ? { scope, organisationId, siteIds } : { scope, organisationId };
}

export function readsBySites(scope: Visibility['scope']): scope is 'TERMINAL' | 'CUSTOMS' {
  return scope === 'TERMINAL' || scope === 'CUSTOMS';
}
