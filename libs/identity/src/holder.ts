import type { Vault } from './cryptography/vault.js';
import { displayNameOf, NAME_COLUMNS, type NameRow } from './personal-data.js';
import type { OrganisationState } from './organisation.states.js';
import { readsBySites, type Principal } from './principal.js';
import { ROLES, type Role } from './roles.js';

/** Who acts in a role, however that was found out. */
export interface HolderRow extends NameRow {
  readonly holder_id: string;
  readonly organisation_id: string;
  readonly role: Role;
  readonly organisation_state: OrganisationState;
  readonly site_ids: string[];
  /** null for a person. */
  readonly service_name: string | null;
}

/** Of membership `m` with person `p`, or else of service account `a`. */
export const HOLDER_COLUMNS = `coalesce(m.person_id, a.id) AS holder_id,
  coalesce(m.organisation_id, a.organisation_id) AS organisation_id, coalesce(m.role, a.role) AS role, a.name AS service_name,
  (SELECT o.state FROM organisation o WHERE o.id = coalesce(m.organisation_id, a.organisation_id)) AS organisation_state,
  ARRAY(SELECT s.site_id FROM organisation_site s
        WHERE s.organisation_id = coalesce(m.organisation_id, a.organisation_id) ORDER BY 1) AS site_ids, ${NAME_COLUMNS}`;

/** The one way to a principal: a row of who acts, and what proved it. */
export function principalFrom(
  vault: Vault,
  row: HolderRow,
  proof: Pick<Principal, 'credential' | 'scopes' | 'secondFactor'>,
): Principal {
  return {
    kind: row.service_name === null ? 'PERSON' : 'SERVICE_ACCOUNT',
    personId: row.holder_id,
    displayName: row.service_name ?? displayNameOf(vault, row.holder_id, row),
    organisationId: row.organisation_id,
    role: row.role,
    siteIds: readsBySites(ROLES[row.role].scope) ? row.site_ids : [],
    ...proof,
  };
}
