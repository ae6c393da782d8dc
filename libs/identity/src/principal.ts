import type { Visibility } from '#libs/persistence';
import { ROLES, type Role } from './roles.js';

/** Who asks, as an access token told it. */
export interface Principal {
  readonly personId: string;
  readonly displayName: string;
  readonly organisationId: string;
  readonly role: Role;
  /** What the organisation answers for, sorted; empty unless the role reads by sites. */
  readonly siteIds: readonly string[];
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
