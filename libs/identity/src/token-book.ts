import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Vault } from './cryptography/vault.js';
import { noSuch } from './no-such.js';
import { displayNameOf, NAME_COLUMNS, type NameRow } from './personal-data.js';
import type { Role } from './roles.js';

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
  /** Of an API token; for a gateway, whose token is one, the gateway's own. */
  readonly id: string;
  readonly holder: 'PERSON' | 'SERVICE_ACCOUNT' | 'GATEWAY';
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

/** API tokens, newest first, then gateways; at most 1,000 of each. */
export async function listTokens(tx: Tx, vault: Vault): Promise<readonly TokenEntry[]> {
  const tokens = await tx.query<
    Omit<TokenEntry, 'name'> & NameRow & { holder_id: string; service_name: string | null }
  >(
    `SELECT t.id::text AS id, CASE WHEN a.id IS NULL THEN 'PERSON' ELSE 'SERVICE_ACCOUNT' END AS holder,
            coalesce(p.id, a.id) AS holder_id, a.name AS service_name, o.code AS of, t.role,
            t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt", ${NAME_COLUMNS}
     FROM access_token t LEFT JOIN person p ON p.id = t.person_id LEFT JOIN service_account a ON a.id = t.service_account_id
     JOIN organisation o ON o.id = t.organisation_id
     ORDER BY t.created_at DESC, t.id LIMIT ${MOST_LISTED}`,
  );
  const gateways = await tx.query<TokenEntry>(
    `SELECT id, 'GATEWAY' AS holder, id AS name, site_id AS of, NULL AS role,
            NULL AS "createdAt", NULL AS "expiresAt", revoked_at AS "revokedAt"
     FROM gateway WHERE token_hash IS NOT NULL ORDER BY id LIMIT ${MOST_LISTED}`,
  );
  const named = tokens.map(({ holder_id, service_name, clear_name, wrapped, sealed, ...token }) => ({
    ...token,
    name: service_name ?? displayNameOf(vault, holder_id, { clear_name, wrapped, sealed }),
  }));
  return [...named, ...gateways];
}

/**
 * Ends a token for good, and with it what was drawn with it; one that was revoked before keeps its time. The service forgets it within
 * seconds.
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
