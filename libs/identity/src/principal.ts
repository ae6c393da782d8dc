import type { Visibility } from '#libs/persistence';

export type Role = 'GATE_OPERATOR' | 'LOGISTICS' | 'CUSTOMS_OFFICER';

/** What a role reads by: a company its windows, a terminal and customs their sites. */
export const SCOPE_OF_ROLE = {
  GATE_OPERATOR: 'TERMINAL',
  LOGISTICS: 'COMPANY',
  CUSTOMS_OFFICER: 'CUSTOMS',
} as const satisfies Record<Role, Visibility['scope']>;

/** Who asks, as an access token told it. */
export interface Principal {
  readonly personId: string;
  readonly displayName: string;
  readonly organisationId: string;
  readonly role: Role;
  readonly scope: Visibility['scope'];
  /** What the organisation answers for, sorted; empty for a company. */
  readonly siteIds: readonly string[];
}

/** A gateway, as its token told it. */
export interface GatewayPrincipal {
  readonly gatewayId: string;
  readonly siteId: string;
}

/** What PostgreSQL is told about a principal. Equal rights give equal objects, so that readers of the same rows can be served together. */
export function visibilityOf(principal: Principal): Visibility {
  return principal.scope === 'COMPANY'
    ? { scope: principal.scope, organisationId: principal.organisationId }
    : { scope: principal.scope, organisationId: principal.organisationId, siteIds: principal.siteIds };
}
