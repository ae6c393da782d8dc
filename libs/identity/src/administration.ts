import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Vault } from './cryptography/vault.js';
import { addMember, drawEnrolment, refuseMisplaced, resetCredentials } from './people.js';
import { keepPersonalData, type PersonalData } from './personal-data.js';
import type { Principal } from './principal.js';
import { ADMINISTRATORS, type OrganisationKind, type Role } from './roles.js';
import { managedBy } from './service-accounts.js';
import type { DrawnCode } from './sign-in/one-time-codes.js';

/**
 * Roles that nobody gives or resets over the API: an administrator who could would hold the other two offices as well. The operator
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
