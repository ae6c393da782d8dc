import type { Tx } from '#libs/persistence';
import type { Vault } from './cryptography/vault.js';
import { HOLDER_COLUMNS, principalFrom, type HolderRow } from './holder.js';
import type { Principal } from './principal.js';

/** A person or service account in a role, whose work goes on without them. */
export interface Stand {
  readonly personId: string;
  readonly organisationId: string;
  readonly role: string;
  /** The API token that it was begun with; null in a session, which may end before the work does. */
  readonly tokenId: string | null;
}

/**
 * Who somebody is now in a role of theirs, for work that goes on without them; null when they have the role no more, were erased,
 * their organisation is suspended, or the token that the work was begun with was revoked.
 */
export async function standingOf(
  tx: Tx,
  vault: Vault,
  { personId, organisationId, role, tokenId }: Stand,
): Promise<Principal | null> {
  const [row] = await tx.query<HolderRow>(STANDING, [personId, organisationId, role, tokenId]);
  if (row === undefined || row.organisation_state === 'SUSPENDED') return null;
  return principalFrom(vault, row, {
    credential: { kind: 'STANDING', id: personId },
    scopes: ['READ'],
    secondFactor: 'NOT_NEEDED',
  });
}

const STANDING = `
SELECT ${HOLDER_COLUMNS}
FROM (SELECT $1::uuid AS id, $2::uuid AS organisation_id, $3::text AS role) AS asked
LEFT JOIN membership m ON m.person_id = asked.id AND m.organisation_id = asked.organisation_id AND m.role = asked.role
LEFT JOIN person p ON p.id = m.person_id
LEFT JOIN service_account a ON a.id = asked.id AND a.organisation_id = asked.organisation_id AND a.role = asked.role
  AND a.closed_at IS NULL
WHERE num_nonnulls(m.person_id, a.id) = 1
  AND NOT EXISTS (SELECT 1 FROM person_key k WHERE k.person_id = asked.id AND k.destroyed_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM access_token t WHERE t.id = $4::uuid AND t.revoked_at IS NOT NULL)`;
