import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { windowsOfGrant, type GrantTerms } from './decide-windows.js';
import { PARTY_SIGHT } from './party-sight.js';
import { lockForCommand, type ShipmentActor } from './shipment.store.js';
import { applyChanges } from './window.store.js';

export interface Grant extends Omit<GrantTerms, 'id'> {
  readonly shipmentId: string;
}

/** Of one shipment and not withdrawn. */
const MOST_GRANTS = 100;

/**
 * Opens a window for another company within the own one.
 * @returns the grant's id
 * @throws DomainError NOT_FOUND, FORBIDDEN for a part that may not grant, INVALID_PERIOD outside of the own window, INVALID_INPUT for
 *   oneself, LIMIT_EXCEEDED
 */
export async function grantWindow(tx: Tx, actor: ShipmentActor, grant: Grant, at: EpochMs): Promise<string> {
  const { shipmentId, granteeId, containerNumber, seenAs, from, to } = grant;
  if (granteeId === actor.organisationId) {
    throw new DomainError('INVALID_INPUT', { field: 'input.organisation', expected: 'another company' });
  }
  const shipment = await lockForCommand(tx, actor, shipmentId, 'GRANT', at);
  const [known] = await tx.query<{ grants: number }>(
    'SELECT count(*)::int AS grants FROM window_grant WHERE shipment_id = $1 AND withdrawn_at IS NULL',
    [shipmentId],
  );
  if ((known?.grants ?? 0) >= MOST_GRANTS) {
    throw new DomainError('LIMIT_EXCEEDED', { field: 'input.shipment', expected: `at most ${MOST_GRANTS} grants` });
  }
  const mayGrant = shipment.parties.flatMap((party) =>
    party.organisationId === actor.organisationId && PARTY_SIGHT[party.role].may.includes('GRANT') ? [party.role] : [],
  );
  const own = shipment.windows.filter(
    ({ organisationId, title }) =>
      organisationId === actor.organisationId && (title === 'PARTY' || mayGrant.some((role) => role === title)),
  );
  const id = newId();
  const windows = windowsOfGrant(own, { id, granteeId, containerNumber, seenAs, from, to });
  await tx.query(
    `INSERT INTO window_grant (id, shipment_id, container_number, grantor_id, grantee_id, seen_as, valid_from, valid_to, granted_by, granted_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      shipmentId,
      containerNumber,
      actor.organisationId,
      granteeId,
      seenAs,
      new Date(from),
      to === null ? null : new Date(to),
      actor.personId,
      new Date(at),
    ],
  );
  await applyChanges(
    tx,
    windows.map((window) => ({ do: 'OPEN', window })),
  );
  return id;
}

/**
 * Ends a grant and all that it showed, what has been seen already included; that it was given stays known.
 * @throws DomainError NOT_FOUND for a grant of others; CONFLICT when it was withdrawn before
 */
export async function withdrawWindow(tx: Tx, actor: ShipmentActor, grantId: string, at: EpochMs): Promise<void> {
  const [grant] = await tx.query<{ granteeId: string; withdrawnAt: Date | null }>(
    `SELECT grantee_id AS "granteeId", withdrawn_at AS "withdrawnAt" FROM window_grant
     WHERE id = $1 AND grantor_id = $2 FOR UPDATE`,
    [grantId, actor.organisationId],
  );
  if (grant === undefined) throw new DomainError('NOT_FOUND', { field: 'grant' });
  const withdrawn = await tx.query(
    'UPDATE window_grant SET withdrawn_by = $2, withdrawn_at = $3 WHERE id = $1 AND withdrawn_at IS NULL RETURNING 1',
    [grantId, actor.personId, new Date(at)],
  );
  if (withdrawn.length !== 1) throw new DomainError('CONFLICT', { field: 'grant', value: 'WITHDRAWN' });
  await tx.query('DELETE FROM company_window WHERE organisation_id = $1 AND title = $2', [grant.granteeId, grantId]);
}
