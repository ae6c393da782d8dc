import { createHash, randomBytes } from 'node:crypto';
import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Role } from './roles.js';
import { SCOPE_NAMES, type Scope } from './scopes.js';

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

/** An API token lives a year at most; whoever needs it longer draws another. */
export const MOST_TOKEN_DAYS = 365;
const DAY_MS = 86_400_000;
const MOST_NAME = 100;

export interface TokenGrant {
  /** Whose it is: a person in one of their roles, or a service account in its own. */
  readonly personId?: string;
  readonly serviceAccountId?: string;
  readonly organisationId: string;
  readonly role: Role;
  /** Absent: the last moment that a token can have. */
  readonly expiresAt?: Date;
  /** Absent: all. */
  readonly scopes?: readonly Scope[];
  /** What its holder calls it. */
  readonly name?: string;
  /** The API token that asks for it, with which it ends. */
  readonly drawnWith?: string;
}

/** @throws DomainError INVALID_INPUT for an end that has passed or lies too far ahead */
export function tokenEnd(expiresAt: Date | undefined, now: EpochMs): Date {
  const last = new Date(now + MOST_TOKEN_DAYS * DAY_MS);
  if (expiresAt === undefined) return last;
  if (expiresAt.getTime() <= now || expiresAt > last) {
    throw new DomainError('INVALID_INPUT', {
      field: 'expiresAt',
      value: expiresAt.toISOString(),
      expected: `ahead, by ${MOST_TOKEN_DAYS} days at most`,
    });
  }
  return expiresAt;
}

/**
 * Draws an API token for a membership or service account that exists and keeps its hash.
 * @returns the token: told once, stored nowhere
 * @throws DomainError INVALID_INPUT
 */
export async function issueToken(tx: Tx, grant: TokenGrant, digest = tokenHash): Promise<string> {
  return (await drawToken(tx, grant, digest)).token;
}

export async function drawToken(
  tx: Tx,
  {
    personId,
    serviceAccountId,
    organisationId,
    role,
    expiresAt,
    scopes = SCOPE_NAMES,
    name = '',
    drawnWith,
  }: TokenGrant,
  digest: (token: string) => Buffer,
): Promise<{ readonly id: string; readonly token: string }> {
  if (scopes.length === 0) throw new DomainError('INVALID_INPUT', { field: 'scopes', expected: 'at least one scope' });
  if (name.length > MOST_NAME)
    throw new DomainError('INVALID_INPUT', { field: 'name', expected: `at most ${MOST_NAME} characters` });
  const [id, token] = [newId(), `bxt_${randomBytes(TOKEN_BYTES).toString('base64url')}`];
  await tx.query(
    `INSERT INTO access_token (id, token_hash, person_id, service_account_id, organisation_id, role, expires_at, scopes, name, drawn_with)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      digest(token),
      personId ?? null,
      serviceAccountId ?? null,
      organisationId,
      role,
      tokenEnd(expiresAt, Date.now()),
      SCOPE_NAMES.filter((scope) => scopes.includes(scope)),
      name,
      drawnWith ?? null,
    ],
  );
  return { id, token };
}

/** Ends a person's API tokens for good, and with them what was drawn with them; those of service accounts stay else. */
export async function endTokens(tx: Tx, personId: string): Promise<void> {
  await tx.query('UPDATE access_token SET revoked_at = now() WHERE person_id = $1 AND revoked_at IS NULL', [personId]);
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
