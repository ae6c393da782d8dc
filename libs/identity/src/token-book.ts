import { DomainError, newId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { ROLES, type Role } from './roles.js';

export interface Enrolment {
  readonly organisationCode: string;
  readonly role: Role;
  readonly displayName: string;
}

export interface Member {
  readonly personId: string;
  readonly organisationId: string;
}

/**
 * A person as a member of an organisation; one of the same name who is there in that role already is the same person.
 * @throws DomainError NOT_FOUND for a code that no organisation has, with those that exist; INVALID_INPUT when the role has no
 *   place there
 */
export async function enrolPerson(tx: Tx, { organisationCode, role, displayName }: Enrolment): Promise<Member> {
  const [organisation] = await tx.query<{ id: string; kind: string }>(
    'SELECT id, kind FROM organisation WHERE code = $1 FOR UPDATE',
    [organisationCode],
  );
  if (organisation === undefined) throw await noSuch(tx, 'organisation', 'code', organisationCode);
  const expected = ROLES[role].of;
  if (organisation.kind !== expected) {
    throw new DomainError(
      'INVALID_INPUT',
      { field: 'role', value: role, expected: `an organisation of kind ${expected}` },
      {
        message: `${role} has no place in ${organisationCode}, which is a ${organisation.kind}; it needs a ${expected}.`,
      },
    );
  }
  const organisationId = organisation.id;
  const [known] = await tx.query<{ id: string }>(
    `SELECT p.id FROM person p JOIN membership m ON m.person_id = p.id
     WHERE m.organisation_id = $1 AND m.role = $2 AND p.display_name = $3 ORDER BY p.id LIMIT 1`,
    [organisationId, role, displayName],
  );
  if (known !== undefined) return { personId: known.id, organisationId };
  const personId = newId();
  await tx.query('INSERT INTO person (id, display_name) VALUES ($1, $2)', [personId, displayName]);
  await tx.query('INSERT INTO membership (person_id, organisation_id, role) VALUES ($1, $2, $3)', [
    personId,
    organisationId,
    role,
  ]);
  return { personId, organisationId };
}

/**
 * Makes a gateway known at its site; one that is known there stays as it is.
 * @throws DomainError NOT_FOUND for a site that is not there, with those that exist; CONFLICT when the gateway is of another site
 */
export async function registerGateway(tx: Tx, gatewayId: string, siteId: string): Promise<void> {
  const sites = await tx.query('SELECT 1 FROM site WHERE id = $1', [siteId]);
  if (sites.length === 0) throw await noSuch(tx, 'site', 'id', siteId);
  await tx.query('INSERT INTO gateway (id, site_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [gatewayId, siteId]);
  const [kept] = await tx.query<{ site_id: string }>('SELECT site_id FROM gateway WHERE id = $1', [gatewayId]);
  if (kept !== undefined && kept.site_id !== siteId) {
    throw new DomainError(
      'CONFLICT',
      { field: 'siteId', value: siteId, expected: kept.site_id },
      { message: `The gateway ${gatewayId} is of ${kept.site_id}; another site needs a gateway of another id.` },
    );
  }
}

/** One token, without itself: it is kept nowhere. */
export interface TokenEntry {
  /** Of a person's token; for a gateway, whose token is one, the gateway's own. */
  readonly id: string;
  readonly holder: 'PERSON' | 'GATEWAY';
  readonly name: string;
  /** Code of the organisation, or id of the site. */
  readonly of: string;
  readonly role: Role | null;
  /** null: a gateway's is not kept. */
  readonly createdAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

const MOST_LISTED = 1_000;

/** People's tokens, newest first, then gateways; at most 1,000 of each. */
export async function listTokens(tx: Tx): Promise<readonly TokenEntry[]> {
  const people = await tx.query<TokenEntry>(
    `SELECT t.id::text AS id, 'PERSON' AS holder, p.display_name AS name, o.code AS of, t.role,
            t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt"
     FROM access_token t JOIN person p ON p.id = t.person_id JOIN organisation o ON o.id = t.organisation_id
     ORDER BY t.created_at DESC, t.id LIMIT ${MOST_LISTED}`,
  );
  const gateways = await tx.query<TokenEntry>(
    `SELECT id, 'GATEWAY' AS holder, id AS name, site_id AS of, NULL AS role,
            NULL AS "createdAt", NULL AS "expiresAt", revoked_at AS "revokedAt"
     FROM gateway WHERE token_hash IS NOT NULL ORDER BY id LIMIT ${MOST_LISTED}`,
  );
  return [...people, ...gateways];
}

/**
 * Ends a token for good; one that was revoked before keeps its time. The service forgets it within seconds.
 * @param id of a person's token, or of a gateway
 * @throws DomainError NOT_FOUND
 */
export async function revokeToken(tx: Tx, id: string): Promise<void> {
  const ended = [
    ...(await tx.query(
      'UPDATE access_token SET revoked_at = coalesce(revoked_at, now()) WHERE id::text = $1 RETURNING id',
      [id],
    )),
    ...(await tx.query(
      'UPDATE gateway SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND token_hash IS NOT NULL RETURNING id',
      [id],
    )),
  ];
  if (ended.length === 0) {
    throw new DomainError('NOT_FOUND', { field: 'id', value: id }, { message: `There is no token ${id}.` });
  }
}

async function noSuch(tx: Tx, table: 'organisation' | 'site', column: 'code' | 'id', value: string) {
  const known = (await tx.query<{ name: string }>(`SELECT ${column} AS name FROM ${table} ORDER BY 1 LIMIT 50`)).map(
    ({ name }) => name,
  );
  const list = known.length === 0 ? 'none is there yet' : `these exist: ${known.join(', ')}`;
  return new DomainError(
    'NOT_FOUND',
    { field: column, value, expected: list },
    { message: `There is no ${table} ${value}; ${list}.` },
  );
}
