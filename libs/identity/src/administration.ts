import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Vault } from './cryptography/vault.js';
import { addMember, drawEnrolment, refuseMisplaced, resetCredentials } from './people.js';
import { erasePerson, keepPersonalData, type PersonalData } from './personal-data.js';
import type { Principal } from './principal.js';
import { ADMINISTRATORS, type OrganisationKind, type Role } from './roles.js';
import { managedBy } from './service-accounts.js';
import type { DrawnCode } from './sign-in/one-time-codes.js';

/**
 * Roles that nobody gives, resets or signs out over the API: an administrator who could would hold the other two offices as well. The operator
 * adds them at the machine (`npx boxtrail person`).
 */
const MACHINE_ONLY = ADMINISTRATORS;

export interface PersonToAdd {
  /** null: the asker's own. */
  readonly organisationId: string | null;
  readonly role: Role;
  readonly data: PersonalData & { readonly DISPLAY_NAME: string };
}

/**
 * A new person in an organisation that the asker manages, and the code that they enrol with.
 * @throws DomainError NOT_FOUND for an organisation that the asker does not manage; FORBIDDEN for an administrator's role;
 *   INVALID_INPUT; CONFLICT when somebody else is found by the same name or number
 */
export async function addPerson(
  tx: Tx,
  vault: Vault,
  principal: Principal,
  { organisationId, role, data }: PersonToAdd,
): Promise<DrawnCode & { readonly personId: string }> {
  const at = organisationId ?? principal.organisationId;
  const [organisation] = await tx.query<{ kind: OrganisationKind; code: string }>(
    'SELECT kind, code FROM organisation WHERE id = $1 AND ($2::uuid IS NULL OR id = $2) FOR SHARE',
    [at, managedBy(principal)],
  );
  if (organisation === undefined) throw new DomainError('NOT_FOUND', { field: 'input.organisation' });
  refuseMachineOnly([role]);
  refuseMisplaced(role, organisation);
  const personId = await addMember(tx, vault, { organisationId: at, role, data });
  return { personId, ...(await drawEnrolment(tx, personId)) };
}

/**
 * `resetCredentials` of somebody all of whose memberships the asker manages: a reset of a colleague reaches into no other company.
 * @throws DomainError NOT_FOUND; FORBIDDEN for an administrator of the system
 */
export async function resetPerson(
  tx: Tx,
  vault: Vault,
  principal: Principal,
  personId: string,
  options: { readonly secondFactor: boolean },
): Promise<DrawnCode> {
  await refuseUnmanaged(tx, principal, personId);
  return resetCredentials(tx, vault, personId, options);
}

/**
 * Other data of somebody all of whose memberships the asker manages; each in the place of the one of its kind before.
 * @throws DomainError NOT_FOUND, FORBIDDEN, INVALID_INPUT, CONFLICT
 */
export async function changePerson(
  tx: Tx,
  vault: Vault,
  principal: Principal,
  personId: string,
  data: PersonalData,
): Promise<void> {
  await refuseUnmanaged(tx, principal, personId);
  await keepPersonalData(tx, vault, personId, data);
}

/**
 * `erasePerson` of anybody but the three administrators: none of them takes another's office by that.
 * @throws DomainError NOT_FOUND; FORBIDDEN for an administrator of the system
 */
export async function eraseAnybody(tx: Tx, personId: string): Promise<void> {
  const memberships = await tx.query<{ role: Role }>('SELECT role FROM membership WHERE person_id = $1', [personId]);
  refuseMachineOnly(memberships.map(({ role }) => role));
  await erasePerson(tx, personId);
}

/** Roles of whoever has this, unless it is the asker's own. */
const OTHERS_ROLES = {
  person: 'SELECT m.role FROM membership m WHERE m.person_id = $1 AND m.person_id <> $2',
  session: 'SELECT m.role FROM session s JOIN membership m USING (person_id) WHERE s.id = $1 AND s.person_id <> $2',
  apiToken:
    'SELECT m.role FROM access_token t JOIN membership m USING (person_id) WHERE t.id = $1 AND t.person_id <> $2',
} as const;

/**
 * That a security administrator, who reaches everybody's sessions and tokens, takes another of the three administrators from no work
 * by ending theirs: each ends their own, or they are reset at the machine.
 * @param id of a `what`; one that is not there is refused to nobody
 * @throws DomainError FORBIDDEN
 */
export async function refuseOthersOffice(
  tx: Tx,
  { personId, role }: Principal,
  what: keyof typeof OTHERS_ROLES,
  id: string,
): Promise<void> {
  if (role !== 'SECURITY_ADMINISTRATOR') return;
  const held = await tx.query<{ role: Role }>(OTHERS_ROLES[what], [id, personId]);
  refuseMachineOnly(held.map((row) => row.role));
}

async function refuseUnmanaged(tx: Tx, principal: Principal, personId: string): Promise<void> {
  const managed = managedBy(principal);
  const memberships = await tx.query<{ organisation_id: string; role: Role }>(
    'SELECT organisation_id, role FROM membership WHERE person_id = $1',
    [personId],
  );
  const isManaged = memberships.every(
    ({ organisation_id: organisation }) => managed === null || organisation === managed,
  );
  if (memberships.length === 0 || !isManaged) throw new DomainError('NOT_FOUND', { field: 'person' });
  refuseMachineOnly(memberships.map(({ role }) => role));
}

function refuseMachineOnly(roles: readonly Role[]): void {
  const role = roles.find((candidate) => MACHINE_ONLY.includes(candidate));
  if (role !== undefined) {
    throw new DomainError('FORBIDDEN', { field: 'role', value: role, expected: 'npx boxtrail person, at the machine' });
  }
}
