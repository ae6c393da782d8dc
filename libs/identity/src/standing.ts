import type { Tx } from '#libs/persistence';
import { readsBySites, type Principal } from './principal.js';
import { ROLES, type Role } from './roles.js';

/** Who somebody is now in a role of theirs, for work that goes on without them; null when they have the role no more. */
export async function standingOf(
  tx: Tx,
  {
    personId,
    organisationId,
    role,
  }: { readonly personId: string; readonly organisationId: string; readonly role: string },
): Promise<Principal | null> {
  const [row] = await tx.query<{ display_name: string; role: Role; site_ids: string[] }>(
    `SELECT p.display_name, m.role,
            ARRAY(SELECT s.site_id FROM organisation_site s WHERE s.organisation_id = m.organisation_id ORDER BY 1) AS site_ids
     FROM membership m JOIN person p ON p.id = m.person_id
     WHERE m.person_id = $1 AND m.organisation_id = $2 AND m.role = $3`,
    [personId, organisationId, role],
  );
  if (row === undefined) return null;
  return {
    personId,
    displayName: row.display_name,
    organisationId,
    role: row.role,
    siteIds: readsBySites(ROLES[row.role].scope) ? row.site_ids : [],
  };
}
