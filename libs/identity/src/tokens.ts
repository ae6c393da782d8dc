import { createHash, randomBytes } from 'node:crypto';
import { DomainError, newId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Role } from './roles.js';

/** 32 random bytes: no dictionary reaches them, so a plain SHA-256 is enough to keep them by. */
const TOKEN_BYTES = 32;
/** RFC 6750, 2.1: the characters of a bearer token. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const MAX_TOKEN_LENGTH = 256;

export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * The token of an `Authorization` header (RFC 6750, 2.1).
 * @throws DomainError UNAUTHENTICATED when there is none or its form is not that of a bearer token
 */
export function bearerToken(header: string | undefined): string {
  const token = header === undefined ? undefined : BEARER.exec(header.trim())?.[1];
  if (token === undefined || token.length > MAX_TOKEN_LENGTH) {
    throw new DomainError('UNAUTHENTICATED', { field: 'authorization', expected: 'Bearer <token>' });
  }
  return token;
}

export interface TokenGrant {
  readonly personId: string;
  readonly organisationId: string;
  readonly role: Role;
  /** Absent: until it is revoked. */
  readonly expiresAt?: Date;
}

/**
 * Draws an access token for a membership that exists and keeps its hash.
 * @returns the token: told once, stored nowhere
 */
export async function issueToken(tx: Tx, grant: TokenGrant): Promise<string> {
  const token = `bxt_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  await tx.query(
    `INSERT INTO access_token (id, token_hash, person_id, organisation_id, role, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [newId(), tokenHash(token), grant.personId, grant.organisationId, grant.role, grant.expiresAt ?? null],
  );
  return token;
}

/**
 * Draws a new token for a gateway; the one before it stops working.
 * @returns the token: told once, stored nowhere
 * @throws DomainError NOT_FOUND when there is no such gateway
 */
export async function issueGatewayToken(tx: Tx, gatewayId: string): Promise<string> {
  const token = `bxg_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const changed = await tx.query(`UPDATE gateway SET token_hash = $2, revoked_at = NULL WHERE id = $1 RETURNING id`, [
    gatewayId,
    tokenHash(token),
  ]);
  if (changed.length === 0) throw new DomainError('NOT_FOUND', { field: 'gatewayId', value: gatewayId });
  return token;
}
