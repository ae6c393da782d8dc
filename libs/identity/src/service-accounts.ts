import { DomainError, newId } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import { BEHIND, type Page } from './page.js';
import { refuseMisplaced } from './people.js';
import type { Principal } from './principal.js';
import type { OrganisationKind, Role } from './roles.js';

/** Roles that a program may have: those that are shown and tell, and none that grants. */
export const SERVICE_ROLES: readonly Role[] = [
  'GATE_OPERATOR',
  'PORT_MONITOR',
  'LOGISTICS',
  'CUSTOMS_OFFICER',
  'QUARANTINE_OFFICER',
  'BANK_OFFICER',
];

const MOST_NAME = 100;

/** Whose service accounts and their tokens somebody manages: null for everybody's. */
export function managedBy({ role, organisationId }: Principal): string | null {
  return role === 'SECURITY_ADMINISTRATOR' ? null : organisationId;
}

export interface ServiceAccountEntry {
  readonly id: string;
  readonly organisationId: string;
  readonly role: Role;
  readonly name: string;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
}

const SERVICE_ACCOUNT = `id, organisation_id AS "organisationId", role, name, created_at AS "createdAt", closed_at AS "closedAt"`;

/**
 * @param organisationId null: the asker's own
 * @throws DomainError NOT_FOUND for an organisation that the asker does not manage, INVALID_INPUT
 */
export async function createServiceAccount(
  tx: Tx,
  principal: Principal,
  {
    organisationId,
    role,
    name,
  }: { readonly organisationId: string | null; readonly role: Role; readonly name: string },
): Promise<ServiceAccountEntry> {
  const at = organisationId ?? principal.organisationId;
  const managed = managedBy(principal);
  const [organisation] = await tx.query<{ kind: OrganisationKind; code: string }>(
    'SELECT kind, code FROM organisation WHERE id = $1 AND ($2::uuid IS NULL OR id = $2)',
    [at, managed],
  );
  if (organisation === undefined) throw new DomainError('NOT_FOUND', { field: 'input.organisation' });
  if (!SERVICE_ROLES.includes(role)) {
    throw new DomainError('INVALID_INPUT', { field: 'input.role', value: role, expected: SERVICE_ROLES.join(', ') });
  }
  refuseMisplaced(role, organisation);
  if (name.trim() === '' || name.length > MOST_NAME) {
    throw new DomainError('INVALID_INPUT', { field: 'input.name', expected: `1 to ${MOST_NAME} characters` });
  }
  const [row] = await tx.query<ServiceAccountEntry>(
    `INSERT INTO service_account (id, organisation_id, role, name, created_by) VALUES ($1, $2, $3, $4, $5)
     RETURNING ${SERVICE_ACCOUNT}`,
    [newId(), at, role, name.trim(), principal.personId],
  );
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
  return row;
}

/**
 * Of those that the asker manages, newest first.
 * @param organisationId of one organisation alone
 */
export function listServiceAccounts(
  database: Database,
  principal: Principal,
  organisationId: string | null,
  { first, after }: Page,
): Promise<ServiceAccountEntry[]> {
  return database.readRecorded<ServiceAccountEntry>(
    `SELECT ${SERVICE_ACCOUNT} FROM service_account a
     WHERE ($4::uuid IS NULL OR organisation_id = $4) AND ($5::uuid IS NULL OR organisation_id = $5) AND ${BEHIND('a')}
     ORDER BY created_at DESC, id LIMIT $3`,
    [after?.at ?? null, after?.id ?? null, first, managedBy(principal), organisationId],
  );
}

/**
 * Ends a service account and its tokens.
 * @throws DomainError NOT_FOUND
 */
export async function closeServiceAccount(tx: Tx, principal: Principal, id: string): Promise<ServiceAccountEntry> {
  const [row] = await tx.query<ServiceAccountEntry>(
    `UPDATE service_account SET closed_at = coalesce(closed_at, now())
     WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) RETURNING ${SERVICE_ACCOUNT}`,
    [id, managedBy(principal)],
  );
  if (row === undefined) throw new DomainError('NOT_FOUND', { field: 'id' });
  await tx.query('UPDATE access_token SET revoked_at = coalesce(revoked_at, now()) WHERE service_account_id = $1', [
    id,
  ]);
  return row;
}
