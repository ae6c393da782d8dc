import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { OrganisationState } from './organisation.states.js';

/**
 * That an organisation is verified, for as long as the transaction takes: a suspension waits for its end, or is seen here.
 * @throws DomainError ORGANISATION_SUSPENDED, ORGANISATION_NOT_VERIFIED
 */
export async function requireVerified(tx: Tx, organisationId: string): Promise<void> {
  const [row] = await tx.query<{ state: OrganisationState }>('SELECT state FROM organisation WHERE id = $1 FOR SHARE', [
    organisationId,
  ]);
  if (row?.state === 'SUSPENDED') throw new DomainError('ORGANISATION_SUSPENDED');
  if (row?.state !== 'VERIFIED') throw new DomainError('ORGANISATION_NOT_VERIFIED', { value: row?.state });
}

/**
 * Logistics companies of the port by their code or credit code, in the order asked. Companies of sandboxes stand in no deed: they have
 * what they were made with.
 * @param fieldOf where each stands in the input
 * @throws DomainError NOT_FOUND, the same for one that is not there, one that is not verified and one of a sandbox
 */
export async function verifiedCompanies(
  tx: Tx,
  codes: readonly string[],
  fieldOf: (index: number) => string,
): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string; code: string; creditCode: string | null }>(
    `SELECT id, code, credit_code AS "creditCode" FROM organisation
     WHERE (code = ANY ($1::text[]) OR credit_code = ANY ($1::text[])) AND kind = 'LOGISTICS_COMPANY' AND state = 'VERIFIED'
       AND NOT EXISTS (SELECT 1 FROM sandbox_member m WHERE m.organisation_id = organisation.id)`,
    [codes],
  );
  return codes.map((asked, index) => {
    const found = rows.find(({ code, creditCode }) => code === asked || creditCode === asked);
    if (found === undefined) {
      throw new DomainError('NOT_FOUND', {
        field: fieldOf(index),
        value: asked.slice(0, 100),
        expected: 'the code or credit code of a company whose name is verified',
      });
    }
    return found.id;
  });
}
