import { DomainError, systemClock, type Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { readsBySites, type GatewayPrincipal, type Principal } from './principal.js';
import type { OrganisationState } from './organisation.states.js';
import { ROLES, type Role } from './roles.js';
import { ShortMemory } from './short-memory.js';
import { tokenHash } from './tokens.js';

/** How long a token's answer is reused: a revoked one works no longer than this. */
const KEEP_MS = 3_000;
const MAX_KEPT = 10_000;

interface PersonRow {
  readonly person_id: string;
  readonly display_name: string;
  readonly organisation_id: string;
  readonly role: Role;
  readonly expires_at: Date | null;
  readonly organisation_state: OrganisationState;
  readonly site_ids: string[];
}

/** Who a token stands for, and until when, in milliseconds; without an end it is infinite. */
export interface KnownPerson {
  readonly principal: Principal;
  readonly expiresAt: number;
}

/** Tokens to those who hold them. Only hashes reach the database. */
export class Identity {
  private readonly people: ShortMemory<KnownPerson>;
  private readonly gateways: ShortMemory<GatewayPrincipal>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock = systemClock,
  ) {
    this.people = new ShortMemory(clock, KEEP_MS, MAX_KEPT);
    this.gateways = new ShortMemory(clock, KEEP_MS, MAX_KEPT);
  }

  /** @throws DomainError UNAUTHENTICATED: unknown, expired and revoked alike; ORGANISATION_SUSPENDED */
  async principalOf(token: string): Promise<Principal> {
    return (await this.personOf(token)).principal;
  }

  /** The same, and until when it holds. */
  async personOf(token: string): Promise<KnownPerson> {
    const hash = tokenHash(token);
    const known = await this.people.get(hash.toString('base64'), () => this.loadPerson(hash));
    if (known.expiresAt <= this.clock.now()) throw refused();
    return known;
  }

  /** Somebody's rights have changed: whoever is asked of next is looked up anew. */
  forget(): void {
    this.people.clear();
    this.gateways.clear();
  }

  /** @throws DomainError UNAUTHENTICATED */
  gatewayOf(token: string): Promise<GatewayPrincipal> {
    const hash = tokenHash(token);
    return this.gateways.get(hash.toString('base64'), () => this.loadGateway(hash));
  }

  private async loadPerson(hash: Buffer): Promise<KnownPerson> {
    const [row] = await this.database.readIdentity((tx) => tx.query<PersonRow>(PERSON_BY_TOKEN, [hash]));
    if (row === undefined) throw refused();
    if (row.organisation_state === 'SUSPENDED') throw new DomainError('ORGANISATION_SUSPENDED');
    return {
      principal: {
        personId: row.person_id,
        displayName: row.display_name,
        organisationId: row.organisation_id,
        role: row.role,
        siteIds: readsBySites(ROLES[row.role].scope) ? row.site_ids : [],
      },
      expiresAt: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
    };
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

const PERSON_BY_TOKEN = `
SELECT t.person_id, p.display_name, t.organisation_id, t.role, t.expires_at, o.state AS organisation_state,
       ARRAY(SELECT s.site_id FROM organisation_site s WHERE s.organisation_id = t.organisation_id ORDER BY 1) AS site_ids
FROM access_token t
JOIN membership m USING (person_id, organisation_id, role)
JOIN person p ON p.id = t.person_id
JOIN organisation o ON o.id = t.organisation_id
WHERE t.token_hash = $1 AND t.revoked_at IS NULL`;

function refused(): DomainError {
  return new DomainError('UNAUTHENTICATED', { field: 'authorization', expected: 'a token that is known and valid' });
}
