import { randomBytes } from 'node:crypto';
import { DomainError, newId } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import type { Vault } from '../cryptography/vault.js';
import { openFor, sealFor } from '../personal-data.js';
import type { Principal, SecondFactorState } from '../principal.js';
import { ROLES, type OrganisationKind, type Role } from '../roles.js';

const MINUTE = 60_000;

/** NIST SP 800-63B-4, 2.2.3: at the second level a session ends after an hour without use, and after a day at the latest. */
export const SESSION = {
  idleMs: 60 * MINUTE,
  lastsMs: 12 * 60 * MINUTE,
  /** Until the second factor is shown or enrolled. */
  unverifiedMs: 15 * MINUTE,
  /** How exactly its last use is kept. */
  touchMs: MINUTE,
} as const;

const TOKEN_BYTES = 32;
/** Most of a person's that live at once; the oldest goes when another comes. */
const MOST_LIVE = 20;
const MOST_LISTED = 200;

export type SignInMethod = 'PASSWORD' | 'ENROLMENT' | 'PHONE' | 'OIDC' | 'CERTIFICATE';

interface MethodRow {
  /** Proves two factors by itself: a key that is had, and the PIN that is known. */
  readonly isTwoFactors: boolean;
  /** For this role alone. */
  readonly only?: Role;
}

export const METHODS: Readonly<Record<SignInMethod, MethodRow>> = {
  PASSWORD: { isTwoFactors: false },
  ENROLMENT: { isTwoFactors: false },
  PHONE: { isTwoFactors: false, only: 'DRIVER' },
  OIDC: { isTwoFactors: false },
  CERTIFICATE: { isTwoFactors: true },
};

/** What a person may be, and for whom. */
export interface Membership {
  readonly organisationId: string;
  readonly organisationName: string;
  readonly organisationNameZh: string;
  readonly organisationKind: OrganisationKind;
  readonly role: Role;
}

export interface NewSession {
  readonly id: string;
  /** Told once, stored nowhere. */
  readonly token: string;
  readonly endsAt: Date;
  readonly secondFactor: SecondFactorState;
  readonly personId: string;
  readonly role: Role;
  readonly organisationId: string;
  readonly memberships: readonly Membership[];
}

/** What a session needs before it may be used for anything else. */
export function secondFactorState(role: Role, isPassed: boolean, isEnrolled: boolean): SecondFactorState {
  if (isPassed) return 'PASSED';
  if (isEnrolled) return 'TO_VERIFY';
  return ROLES[role].privileged ? 'TO_ENROL' : 'NOT_NEEDED';
}

/** A person's memberships that a way of signing in reaches; those of suspended organisations last, those without privileges first. */
export async function membershipsOf(tx: Tx, personId: string, method: SignInMethod): Promise<readonly Membership[]> {
  const rows = await tx.query<Membership & { readonly suspended: boolean }>(
    `SELECT m.organisation_id AS "organisationId", o.name AS "organisationName", o.name_zh AS "organisationNameZh",
            o.kind AS "organisationKind", m.role, o.state = 'SUSPENDED' AS suspended
     FROM membership m JOIN organisation o ON o.id = m.organisation_id WHERE m.person_id = $1 ORDER BY o.code, m.role`,
    [personId],
  );
  const { only } = METHODS[method];
  return rows
    .filter(({ role }) => only === undefined || role === only)
    .toSorted(
      (a, b) =>
        Number(a.suspended) - Number(b.suspended) ||
        Number(ROLES[a.role].privileged) - Number(ROLES[b.role].privileged),
    )
    .map(({ suspended: _suspended, ...membership }) => membership);
}

/** Where a session can go; nowhere from another credential. */
export async function membershipsOfSession(
  database: Database,
  { personId, credential }: Principal,
): Promise<readonly Membership[]> {
  if (credential.kind !== 'SESSION') return [];
  return database.write(async (tx) => {
    const [session] = await tx.query<SessionKeys>('SELECT method FROM session WHERE id = $1', [credential.id]);
    return session === undefined ? [] : membershipsOf(tx, personId, session.method);
  });
}

export interface SignedIn {
  readonly personId: string;
  readonly method: SignInMethod;
  /** Shown by the way of signing in itself. */
  readonly hasShownTwoFactors?: boolean;
  readonly address: string | null;
}

/**
 * Begins a session of somebody who has proved who they are.
 * @throws DomainError SIGN_IN_REFUSED for somebody without a membership
 */
export async function beginSession(
  tx: Tx,
  vault: Vault,
  { personId, method, address, hasShownTwoFactors = METHODS[method].isTwoFactors }: SignedIn,
): Promise<NewSession> {
  const memberships = await membershipsOf(tx, personId, method);
  const [first] = memberships;
  if (first === undefined) throw new DomainError('SIGN_IN_REFUSED');
  const { organisationId, role } = first;
  const factor = await tx.query('SELECT 1 FROM second_factor WHERE person_id = $1 AND confirmed_at IS NOT NULL', [
    personId,
  ]);
  const secondFactor = secondFactorState(role, hasShownTwoFactors, factor.length > 0);
  const [id, token] = [newId(), drawToken()];
  const sealed = address === null ? null : await sealFor(tx, vault, personId, 'ADDRESS', Buffer.from(address));
  await tx.query(
    `UPDATE session SET ended_at = now() WHERE id IN (
       SELECT id FROM session WHERE person_id = $1 AND ended_at IS NULL AND ends_at > now()
       ORDER BY created_at DESC, id OFFSET ${MOST_LIVE - 1})`,
    [personId],
  );
  const [row] = await tx.query<{ ends_at: Date }>(
    `INSERT INTO session (id, token_hash, person_id, organisation_id, role, method, address, second_factor_at, ends_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $8 THEN now() END, now() + make_interval(secs => $9)) RETURNING ends_at`,
    [
      id,
      vault.suite.digest(token),
      personId,
      organisationId,
      role,
      method,
      sealed,
      hasShownTwoFactors,
      lastingMs(secondFactor) / 1_000,
    ],
  );
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
  return { id, token, endsAt: row.ends_at, secondFactor, personId, role, organisationId, memberships };
}

/**
 * The second factor was shown: the session gets a new token, so that who knew the one before has gained nothing.
 * @throws DomainError UNAUTHENTICATED when it has ended meanwhile
 */
export async function raiseSession(tx: Tx, vault: Vault, sessionId: string): Promise<NewSession> {
  const token = drawToken();
  const [row] = await tx.query<SessionKeys & { ends_at: Date }>(
    `UPDATE session SET token_hash = $2, second_factor_at = now(), used_at = now(),
       ends_at = created_at + make_interval(secs => $3)
     WHERE id = $1 AND ended_at IS NULL AND ends_at > now()
     RETURNING person_id, organisation_id, role, method, ends_at`,
    [sessionId, vault.suite.digest(token), SESSION.lastsMs / 1_000],
  );
  if (row === undefined) throw new DomainError('UNAUTHENTICATED');
  return {
    id: sessionId,
    token,
    endsAt: row.ends_at,
    secondFactor: 'PASSED',
    personId: row.person_id,
    role: row.role,
    organisationId: row.organisation_id,
    memberships: await membershipsOf(tx, row.person_id, row.method),
  };
}

interface SessionKeys {
  readonly person_id: string;
  readonly organisation_id: string;
  readonly role: Role;
  readonly method: SignInMethod;
}

/**
 * The session goes on for another of the person's memberships.
 * @throws DomainError NOT_FOUND for a membership that the person does not have or this way of signing in does not reach
 */
export async function switchMembership(
  tx: Tx,
  sessionId: string,
  to: { readonly organisationId: string; readonly role: Role },
): Promise<void> {
  const [session] = await tx.query<SessionKeys>(
    'SELECT person_id, organisation_id, role, method FROM session WHERE id = $1 AND ended_at IS NULL FOR UPDATE',
    [sessionId],
  );
  const memberships = session === undefined ? [] : await membershipsOf(tx, session.person_id, session.method);
  if (!memberships.some(({ organisationId, role }) => organisationId === to.organisationId && role === to.role)) {
    throw new DomainError('NOT_FOUND', { field: 'organisation', expected: 'an organisation and role of yours' });
  }
  await tx.query('UPDATE session SET organisation_id = $2, role = $3 WHERE id = $1', [
    sessionId,
    to.organisationId,
    to.role,
  ]);
}

/** One session, without its token. */
export interface SessionEntry {
  readonly id: string;
  readonly personId: string;
  readonly organisationId: string;
  readonly role: Role;
  readonly method: SignInMethod;
  readonly address: string | null;
  readonly hasSecondFactor: boolean;
  readonly createdAt: Date;
  readonly usedAt: Date;
  readonly endsAt: Date;
}

/** A person's sessions that live, newest first; at most 200. */
export async function listSessions(database: Database, vault: Vault, personId: string): Promise<SessionEntry[]> {
  const rows = await database.readRecorded<
    Omit<SessionEntry, 'address'> & { wrapped: Buffer | null; sealed: Buffer | null }
  >(
    `SELECT s.id, s.person_id AS "personId", s.organisation_id AS "organisationId", s.role, s.method,
            s.second_factor_at IS NOT NULL AS "hasSecondFactor", s.created_at AS "createdAt", s.used_at AS "usedAt",
            s.ends_at AS "endsAt", k.wrapped, s.address AS sealed
     FROM session s LEFT JOIN person_key k ON k.person_id = s.person_id
     WHERE s.person_id = $1 AND ${LIVES} ORDER BY s.created_at DESC, s.id LIMIT ${MOST_LISTED}`,
    [personId],
  );
  return rows.map(({ wrapped, sealed, ...session }) => ({
    ...session,
    address: openFor(vault, personId, 'ADDRESS', { wrapped, sealed })?.toString() ?? null,
  }));
}

/** Of `session s`. */
export const LIVES = `s.ended_at IS NULL AND s.ends_at > now() AND s.used_at > now() - interval '${SESSION.idleMs} milliseconds'`;

/**
 * Ends sessions for good.
 * @param which all of a person's, but for `except`; or one, of `personId` when that is given
 * @returns how many lived until now
 */
export async function endSessions(
  tx: Tx,
  which:
    | { readonly personId: string; readonly except?: string }
    | { readonly sessionId: string; readonly personId: string | null },
): Promise<readonly string[]> {
  const rows =
    'sessionId' in which
      ? await tx.query<{ id: string }>(
          `UPDATE session s SET ended_at = now() WHERE s.id = $1 AND ($2::uuid IS NULL OR s.person_id = $2) AND ${LIVES} RETURNING id`,
          [which.sessionId, which.personId],
        )
      : await tx.query<{ id: string }>(
          `UPDATE session s SET ended_at = now() WHERE s.person_id = $1 AND s.id IS DISTINCT FROM $2::uuid AND ${LIVES} RETURNING id`,
          [which.personId, which.except ?? null],
        );
  return rows.map(({ id }) => id);
}

const drawToken = (): string => `${SESSION_PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;

export const SESSION_PREFIX = 'bxs_';

function lastingMs(state: SecondFactorState): number {
  return state === 'TO_VERIFY' || state === 'TO_ENROL' ? SESSION.unverifiedMs : SESSION.lastsMs;
}
