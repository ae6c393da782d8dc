import { DomainError } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import { refuseOthersOffice } from './administration.js';
import type { Vault } from './cryptography/vault.js';
import { BEHIND, type Page } from './page.js';
import { displayNameOf, NAME_COLUMNS, type NameRow } from './personal-data.js';
import type { Principal } from './principal.js';
import type { Role } from './roles.js';
import type { Scope } from './scopes.js';
import { managedBy } from './service-accounts.js';
import { LIVES } from './sign-in/sessions.js';
import { drawToken } from './tokens.js';

interface Kept {
  readonly database: Database;
  readonly vault: Vault;
}

/** One API token, without itself. */
export interface ApiTokenEntry {
  readonly id: string;
  readonly holderKind: 'PERSON' | 'SERVICE_ACCOUNT';
  readonly holderId: string;
  readonly holderName: string;
  readonly organisationId: string;
  readonly role: Role;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** The token that it was drawn with and ends with; null: none, or nobody knows. */
  readonly drawnWith: string | null;
}

type ApiTokenRow = Omit<ApiTokenEntry, 'holderName'> & NameRow & { readonly service_name: string | null };

const API_TOKENS = `
SELECT t.id, CASE WHEN a.id IS NULL THEN 'PERSON' ELSE 'SERVICE_ACCOUNT' END AS "holderKind",
       coalesce(t.person_id, t.service_account_id) AS "holderId", t.organisation_id AS "organisationId", t.role, t.name, t.scopes,
       t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt", t.drawn_with AS "drawnWith", a.name AS service_name, ${NAME_COLUMNS}
FROM access_token t
LEFT JOIN person p ON p.id = t.person_id
LEFT JOIN service_account a ON a.id = t.service_account_id`;

/**
 * Whose tokens somebody sees and ends, by the values of `reach` from $n on: their own; those of the service accounts of an
 * organisation, or of all where it is null, for whoever manages service accounts; and everybody's.
 */
const reached = (n: number): string =>
  `(t.person_id = $${n} OR t.service_account_id = $${n}
    OR ($${n + 2} AND (a.organisation_id = $${n + 1} OR $${n + 1}::uuid IS NULL)) OR $${n + 3})`;

function reach(principal: Principal): readonly unknown[] {
  const manages = principal.role === 'COMPANY_ADMINISTRATOR' || principal.role === 'SECURITY_ADMINISTRATOR';
  return [
    principal.personId,
    managedBy(principal),
    manages && principal.kind === 'PERSON',
    principal.role === 'SECURITY_ADMINISTRATOR',
  ];
}

/**
 * The asker's own tokens and those of the service accounts that they manage, newest first.
 * @param holderId of one person or service account alone
 */
export async function listApiTokens(
  { database, vault }: Kept,
  principal: Principal,
  holderId: string | null,
  { first, after }: Page,
): Promise<ApiTokenEntry[]> {
  const rows = await database.readRecorded<ApiTokenRow>(
    `${API_TOKENS}
     WHERE ${BEHIND('t')} AND ${reached(4)} AND ($8::uuid IS NULL OR coalesce(t.person_id, t.service_account_id) = $8)
     ORDER BY t.created_at DESC, t.id LIMIT $3`,
    [after?.at ?? null, after?.id ?? null, first, ...reach(principal), holderId],
  );
  return rows.map((row) => entryOf(vault, row));
}

export interface NewApiToken {
  /** null: for the asker, in their present role. */
  readonly serviceAccountId: string | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date;
}

/**
 * Draws a token with no more scopes than the asker's own credential has. When that is a token itself, it lives no longer and ends
 * with it.
 * @returns the token, told once and stored nowhere, and its entry
 * @throws DomainError NOT_FOUND for a service account that the asker does not manage, FORBIDDEN for a scope that they lack,
 *   UNAUTHENTICATED when the asking credential has ended meanwhile, INVALID_INPUT
 */
export async function createApiToken(
  tx: Tx,
  vault: Vault,
  principal: Principal,
  { serviceAccountId, name, scopes, expiresAt }: NewApiToken,
): Promise<{ readonly token: string; readonly id: string }> {
  const lacking = scopes.filter((scope) => !principal.scopes.includes(scope));
  if (lacking.length > 0) {
    throw new DomainError('FORBIDDEN', {
      field: 'input.scopes',
      value: lacking,
      expected: principal.scopes.join(', '),
    });
  }
  await holdCredential(tx, principal, expiresAt);
  const holder =
    serviceAccountId === null ? holderOf(principal) : await managedAccount(tx, principal, serviceAccountId);
  const { kind, id } = principal.credential;
  const grant = { ...holder, name, scopes, expiresAt, ...(kind === 'API_TOKEN' ? { drawnWith: id } : {}) };
  return drawToken(tx, grant, (token) => vault.suite.digest(token));
}

/**
 * Holds the asking credential until the transaction ends: whoever ends it then waits, and ends what is drawn here too. A token gives
 * none that outlives it: else whoever holds one for an hour would hold one for ever.
 */
async function holdCredential(tx: Tx, { credential: { kind, id } }: Principal, expiresAt: Date): Promise<void> {
  const [held] =
    kind === 'SESSION'
      ? await tx.query<{ ends: null }>(`SELECT NULL AS ends FROM session s WHERE s.id = $1 AND ${LIVES} FOR SHARE`, [
          id,
        ])
      : await tx.query<{ ends: Date | null }>(
          `SELECT expires_at AS ends FROM access_token
           WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FOR SHARE`,
          [id],
        );
  if (held === undefined) throw new DomainError('UNAUTHENTICATED');
  if (held.ends === null || held.ends >= expiresAt) return;
  throw new DomainError('INVALID_INPUT', {
    field: 'expiresAt',
    value: expiresAt.toISOString(),
    expected: `no later than the token that asks, which ends at ${held.ends.toISOString()}`,
  });
}

type Holder = Pick<Parameters<typeof drawToken>[1], 'personId' | 'serviceAccountId' | 'organisationId' | 'role'>;

const holderOf = ({ kind, personId, organisationId, role }: Principal): Holder => ({
  ...(kind === 'PERSON' ? { personId } : { serviceAccountId: personId }),
  organisationId,
  role,
});

async function managedAccount(tx: Tx, principal: Principal, id: string): Promise<Holder> {
  const [, managed, manages] = reach(principal);
  const [account] = await tx.query<{ organisation_id: string; role: Role }>(
    `SELECT organisation_id, role FROM service_account
     WHERE id = $1 AND closed_at IS NULL AND $3 AND ($2::uuid IS NULL OR organisation_id = $2) FOR SHARE`,
    [id, managed, manages],
  );
  if (account === undefined) throw new DomainError('NOT_FOUND', { field: 'input.serviceAccount' });
  return { serviceAccountId: id, organisationId: account.organisation_id, role: account.role };
}

/**
 * Ends a token for good, and with it what was drawn with it (the trigger `access_token_ends_drawn`); one that was revoked before keeps
 * its time.
 * @throws DomainError NOT_FOUND for one that is not the asker's to end, FORBIDDEN for another administrator's
 */
export async function revokeApiToken(tx: Tx, principal: Principal, id: string): Promise<void> {
  await refuseOthersOffice(tx, principal, 'apiToken', id);
  const ended = await tx.query(
    `UPDATE access_token SET revoked_at = coalesce(revoked_at, now()) WHERE id IN (
       SELECT t.id FROM access_token t LEFT JOIN service_account a ON a.id = t.service_account_id WHERE ${reached(1)} AND t.id = $5)
     RETURNING 1`,
    [...reach(principal), id],
  );
  if (ended.length === 0) throw new DomainError('NOT_FOUND', { field: 'id' });
}

/** @throws DomainError NOT_FOUND */
export async function apiTokenById(
  { database, vault }: Kept,
  principal: Principal,
  id: string,
): Promise<ApiTokenEntry> {
  const [row] = await database.readRecorded<ApiTokenRow>(`${API_TOKENS} WHERE ${reached(1)} AND t.id = $5`, [
    ...reach(principal),
    id,
  ]);
  if (row === undefined) throw new DomainError('NOT_FOUND', { field: 'id' });
  return entryOf(vault, row);
}

function entryOf(vault: Vault, { service_name, clear_name, wrapped, sealed, ...token }: ApiTokenRow): ApiTokenEntry {
  return {
    ...token,
    holderName: service_name ?? displayNameOf(vault, token.holderId, { clear_name, wrapped, sealed }),
  };
}
