import { DomainError, systemClock, type Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { SUITES } from './cryptography/suites.js';
import { Vault } from './cryptography/vault.js';
import { HOLDER_COLUMNS, principalFrom, type HolderRow } from './holder.js';
import type { GatewayPrincipal, Principal } from './principal.js';
import { SCOPE_NAMES, type Scope } from './scopes.js';
import { ShortMemory } from './short-memory.js';
import { LIVES, secondFactorState, SESSION, SESSION_PREFIX } from './sign-in/sessions.js';
import { tokenHash } from './tokens.js';

/** How long a token's answer is reused: a revoked one works no longer than this. */
const KEEP_MS = 3_000;
const MAX_KEPT = 10_000;

interface CredentialRow extends HolderRow {
  readonly credential_id: string;
}

interface SessionRow extends CredentialRow {
  readonly is_passed: boolean;
  readonly is_enrolled: boolean;
  readonly used_at: Date;
  readonly ends_at: Date;
}

interface ApiTokenRow extends CredentialRow {
  readonly scopes: Scope[];
  readonly expires_at: Date | null;
}

/** Who a token stands for, and until when, in milliseconds; infinite for one without an end. */
export interface Holder {
  readonly principal: Principal;
  readonly endsAt: number;
}

interface Known extends Holder {
  /** Of a session: when its use was last written down. */
  usedAt: number | null;
}

/** Whose tokens are asked for anew; more than one word narrows it. */
export interface Forgotten {
  readonly personId?: string;
  readonly organisationId?: string;
  readonly credentialId?: string;
}

interface IdentityOptions {
  /** Opens people's names; without it they are told by their reference. */
  readonly vault?: Vault;
  readonly clock?: Clock;
}

/** Tokens to those who hold them. Only hashes reach the database. */
export class Identity {
  private readonly holders: ShortMemory<Known>;
  private readonly gateways: ShortMemory<GatewayPrincipal>;
  private readonly vault: Vault;
  private readonly clock: Clock;

  constructor(
    private readonly database: Database,
    { vault = Vault.unkept(), clock = systemClock }: IdentityOptions = {},
  ) {
    this.vault = vault;
    this.clock = clock;
    this.holders = new ShortMemory(clock, KEEP_MS, MAX_KEPT);
    this.gateways = new ShortMemory(clock, KEEP_MS, MAX_KEPT);
  }

  /**
   * @param isUse whether somebody asks for something: only that keeps a session from ending for want of use
   * @throws DomainError UNAUTHENTICATED: unknown, expired and revoked alike; ORGANISATION_SUSPENDED
   */
  async holderOf(token: string, { isUse = true }: { readonly isUse?: boolean } = {}): Promise<Holder> {
    const key = tokenHash(token).toString('base64');
    const known = await this.holders.get(key, () =>
      token.startsWith(SESSION_PREFIX) ? this.loadSession(token) : this.loadApiToken(token),
    );
    const now = this.clock.now();
    if (known.endsAt <= now) throw refused();
    if (isUse && known.usedAt !== null && now - known.usedAt >= SESSION.touchMs) {
      known.usedAt = now;
      await this.touch(known.principal.credential.id);
    }
    return known;
  }

  /** The same, whenever it ends. */
  async principalOf(token: string): Promise<Principal> {
    return (await this.holderOf(token)).principal;
  }

  /** @throws DomainError UNAUTHENTICATED */
  gatewayOf(token: string): Promise<GatewayPrincipal> {
    const hash = tokenHash(token);
    return this.gateways.get(hash.toString('base64'), () => this.loadGateway(hash));
  }

  /** Something changed of what these people, organisations or credentials may: they are asked for anew, all of them without a word. */
  forget({ personId, organisationId, credentialId }: Forgotten = {}): void {
    this.holders.forget(
      ({ principal }) =>
        (personId === undefined || principal.personId === personId) &&
        (organisationId === undefined || principal.organisationId === organisationId) &&
        (credentialId === undefined || principal.credential.id === credentialId),
    );
  }

  private async loadSession(token: string): Promise<Known> {
    const [row] = await this.database.readRecorded<SessionRow>(SESSION_BY_TOKEN, [digests(token)]);
    refuseAbsent(row);
    return {
      principal: principalFrom(this.vault, row, {
        credential: { kind: 'SESSION', id: row.credential_id },
        scopes: SCOPE_NAMES,
        secondFactor: secondFactorState(row.role, row.is_passed, row.is_enrolled),
      }),
      endsAt: row.ends_at.getTime(),
      usedAt: row.used_at.getTime(),
    };
  }

  private async loadApiToken(token: string): Promise<Known> {
    const [row] = await this.database.readRecorded<ApiTokenRow>(API_TOKEN_BY_TOKEN, [digests(token)]);
    refuseAbsent(row);
    return {
      principal: principalFrom(this.vault, row, {
        credential: { kind: 'API_TOKEN', id: row.credential_id },
        scopes: row.scopes,
        secondFactor: 'NOT_NEEDED',
      }),
      endsAt: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
      usedAt: null,
    };
  }

  private async touch(sessionId: string): Promise<void> {
    await this.database.write((tx) =>
      tx.query(`UPDATE session s SET used_at = now() WHERE s.id = $1 AND ${LIVES}`, [sessionId]),
    );
  }

  private async loadGateway(hash: Buffer): Promise<GatewayPrincipal> {
    const [row] = await this.database.write((tx) =>
      tx.query<{ id: string; site_id: string }>(
        `SELECT id, site_id FROM gateway WHERE token_hash = $1 AND revoked_at IS NULL`,
        [hash],
      ),
    );
    if (row === undefined) throw refused();
    return { gatewayId: row.id, siteId: row.site_id };
  }
}

const SESSION_BY_TOKEN = `
SELECT s.id AS credential_id, s.used_at, s.ends_at, s.second_factor_at IS NOT NULL AS is_passed,
       EXISTS (SELECT 1 FROM second_factor f WHERE f.person_id = s.person_id AND f.confirmed_at IS NOT NULL) AS is_enrolled,
       ${HOLDER_COLUMNS}
FROM session s
JOIN membership m USING (person_id, organisation_id, role)
JOIN person p ON p.id = s.person_id
LEFT JOIN service_account a ON false
WHERE s.token_hash = ANY ($1::bytea[]) AND ${LIVES}`;

const API_TOKEN_BY_TOKEN = `
SELECT t.id AS credential_id, t.scopes, t.expires_at, ${HOLDER_COLUMNS}
FROM access_token t
LEFT JOIN membership m USING (person_id, organisation_id, role)
LEFT JOIN person p ON p.id = m.person_id
LEFT JOIN service_account a ON a.id = t.service_account_id AND a.closed_at IS NULL
WHERE t.token_hash = ANY ($1::bytea[]) AND t.revoked_at IS NULL AND num_nonnulls(m.person_id, a.id) = 1`;

/** A token may have been drawn while the other suite was chosen, or by a tool that knows of none. */
const digests = (token: string): Buffer[] => Object.values(SUITES).map((suite) => suite.digest(token));

function refuseAbsent<R extends HolderRow>(row: R | undefined): asserts row is R {
  if (row === undefined) throw refused();
  if (row.organisation_state === 'SUSPENDED') throw new DomainError('ORGANISATION_SUSPENDED');
}

function refused(): DomainError {
  return new DomainError('UNAUTHENTICATED', { field: 'authorization', expected: 'a token that is known and valid' });
}
