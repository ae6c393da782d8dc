import { issueToken, type OrganisationKind, type Role } from '#libs/identity';
import { derivedId } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { buildWorld, ORGANISATIONS, SITE_A, SITE_B, type Tokens } from './graphql-world.js';

const uuid = (...words: readonly string[]): string => derivedId('audit e2e', ...words);

export const PLATFORM = uuid('platform');

/** Those of the GraphQL world, the three administrators, and further offices. */
export interface AuditTokens extends Tokens {
  readonly system: string;
  readonly security: string;
  readonly auditor: string;
  readonly customsA: string;
  readonly customsB: string;
  readonly quarantineA: string;
  readonly monitorA: string;
}

export const PEOPLE = {
  system: uuid('person', 'system'),
  security: uuid('person', 'security'),
  auditor: uuid('person', 'auditor'),
} as const;

interface Office {
  readonly name: keyof Omit<AuditTokens, keyof Tokens>;
  readonly kind: OrganisationKind;
  readonly role: Role;
  readonly sites: readonly string[];
  readonly organisation?: string;
}

const OFFICES: readonly Office[] = [
  { name: 'system', kind: 'PLATFORM_OPERATOR', role: 'SYSTEM_ADMINISTRATOR', sites: [], organisation: PLATFORM },
  { name: 'security', kind: 'PLATFORM_OPERATOR', role: 'SECURITY_ADMINISTRATOR', sites: [], organisation: PLATFORM },
  { name: 'auditor', kind: 'PLATFORM_OPERATOR', role: 'AUDIT_ADMINISTRATOR', sites: [], organisation: PLATFORM },
  { name: 'customsA', kind: 'CUSTOMS_OFFICE', role: 'CUSTOMS_OFFICER', sites: [SITE_A] },
  { name: 'customsB', kind: 'CUSTOMS_OFFICE', role: 'CUSTOMS_OFFICER', sites: [SITE_B] },
  { name: 'quarantineA', kind: 'QUARANTINE_OFFICE', role: 'QUARANTINE_OFFICER', sites: [SITE_A] },
  { name: 'monitorA', kind: 'PORT_GROUP', role: 'PORT_MONITOR', sites: [SITE_A] },
];

export async function buildAuditWorld(database: Database): Promise<AuditTokens> {
  const tokens: Record<string, string> = { ...(await buildWorld(database)) };
  await database.write(async (tx) => {
    for (const { name, kind, role, sites, organisation = uuid('organisation', name) } of OFFICES) {
      await tx.query(
        `INSERT INTO organisation (id, kind, name, name_zh, code) VALUES ($1, $2, $3, $3, $3) ON CONFLICT DO NOTHING`,
        [organisation, kind, organisation === PLATFORM ? 'platform' : name],
      );
      for (const site of sites) await tx.query('INSERT INTO organisation_site VALUES ($1, $2)', [organisation, site]);
      const personId = uuid('person', name);
      await tx.query('INSERT INTO person (id, display_name) VALUES ($1, $2)', [personId, name]);
      await tx.query('INSERT INTO membership VALUES ($1, $2, $3)', [personId, organisation, role]);
      tokens[name] = await issueToken(tx, { personId, organisationId: organisation, role });
    }
  });
  return tokens as unknown as AuditTokens;
}

export const CUSTOMS_OFFICE = ORGANISATIONS.customs;
