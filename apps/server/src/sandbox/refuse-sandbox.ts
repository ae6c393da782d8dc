import type { Principal } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';

/**
 * A sandbox has the shipments that it was made with: a further one would stand among the port's, hold its boxes and name its companies.
 * @throws DomainError FORBIDDEN for whoever is in a sandbox
 */
export async function refuseSandbox(tx: Tx, { organisationId }: Principal, operation: string): Promise<void> {
  const member = await tx.query('SELECT 1 FROM sandbox_member WHERE organisation_id = $1', [organisationId]);
  if (member.length === 0) return;
  throw new DomainError('FORBIDDEN', { operation, expected: 'a company of the port; in a sandbox, runSandboxScript' });
}
