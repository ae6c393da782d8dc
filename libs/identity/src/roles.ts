import type { Visibility } from '#libs/persistence';

export type OrganisationKind =
  | 'PORT_GROUP'
  | 'TERMINAL'
  | 'LOGISTICS_COMPANY'
  | 'CUSTOMS_OFFICE'
  | 'QUARANTINE_OFFICE'
  | 'BANK'
  | 'PLATFORM_OPERATOR';

interface RoleRow {
  /** Where somebody can have the role. */
  readonly of: OrganisationKind;
  /**
   * What its holders read by: their company's windows, their sites, themselves and their organisation (DIRECTORY), the
   * installation's machines (SYSTEM) or audit (AUDIT), or all organisations and people (PLATFORM).
   */
  readonly scope: Visibility['scope'];
  /** Signs in with a second factor, or not at all. */
  readonly privileged: boolean;
}

/**
 * What somebody may be for an organisation. The three administrators are apart (GB/T 22239, third level): who runs the system does
 * not grant rights, who grants rights does not run it, and neither reads or stops the audit.
 */
export const ROLES = {
  GATE_OPERATOR: { of: 'TERMINAL', scope: 'TERMINAL', privileged: false },
  PORT_MONITOR: { of: 'PORT_GROUP', scope: 'TERMINAL', privileged: false },
  LOGISTICS: { of: 'LOGISTICS_COMPANY', scope: 'COMPANY', privileged: false },
  COMPANY_ADMINISTRATOR: { of: 'LOGISTICS_COMPANY', scope: 'COMPANY', privileged: true },
  DRIVER: { of: 'LOGISTICS_COMPANY', scope: 'DIRECTORY', privileged: false },
  CUSTOMS_OFFICER: { of: 'CUSTOMS_OFFICE', scope: 'CUSTOMS', privileged: true },
  QUARANTINE_OFFICER: { of: 'QUARANTINE_OFFICE', scope: 'TERMINAL', privileged: true },
  BANK_OFFICER: { of: 'BANK', scope: 'DIRECTORY', privileged: true },
  PLATFORM_OPERATOR: { of: 'PLATFORM_OPERATOR', scope: 'PLATFORM', privileged: true },
  SYSTEM_ADMINISTRATOR: { of: 'PLATFORM_OPERATOR', scope: 'SYSTEM', privileged: true },
  SECURITY_ADMINISTRATOR: { of: 'PLATFORM_OPERATOR', scope: 'PLATFORM', privileged: true },
  AUDIT_ADMINISTRATOR: { of: 'PLATFORM_OPERATOR', scope: 'AUDIT', privileged: true },
} as const satisfies Record<string, RoleRow>;

export type Role = keyof typeof ROLES;

/** In the order of the table. */
export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];

/** Three people: who runs the system, who grants rights, and who audits both (三员分立). */
export const ADMINISTRATORS: readonly Role[] = [
  'SYSTEM_ADMINISTRATOR',
  'SECURITY_ADMINISTRATOR',
  'AUDIT_ADMINISTRATOR',
];
