import { DomainError, newId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Vault } from './cryptography/vault.js';
import { noSuch } from './no-such.js';
import {
  displayNameOf,
  indexOf,
  keepPersonalData,
  NAME_COLUMNS,
  openFor,
  type NameRow,
  type PersonalData,
} from './personal-data.js';
import { ADMINISTRATORS, ROLES, type OrganisationKind, type Role } from './roles.js';
import { forgive, subjectOf } from './sign-in/attempts.js';
import { drawCode, endCodes, type DrawnCode } from './sign-in/one-time-codes.js';
import { endSessions } from './sign-in/sessions.js';
import { endTokens } from './tokens.js';

export interface Organisation {
  readonly id: string;
  readonly kind: OrganisationKind;
  readonly code: string;
}

/**
 * An organisation in which a role has its place, held until the transaction ends.
 * @throws DomainError NOT_FOUND for a code that no organisation has, with those that exist; INVALID_INPUT when the role has no
 *   place there
 */
export async function organisationFor(tx: Tx, role: Role, code: string): Promise<Organisation> {
  const [organisation] = await tx.query<Organisation>(
    'SELECT id, kind, code FROM organisation WHERE code = $1 FOR UPDATE',
    [code],
  );
  if (organisation === undefined) throw await noSuch(tx, 'organisation', 'code', code);
  refuseMisplaced(role, organisation);
  return organisation;
}

/** @throws DomainError INVALID_INPUT */
export function refuseMisplaced(role: Role, { code, kind }: Pick<Organisation, 'code' | 'kind'>): void {
  const expected = ROLES[role].of;
  if (kind === expected) return;
  throw new DomainError(
    'INVALID_INPUT',
    { field: 'role', value: role, expected: `an organisation of kind ${expected}` },
    { message: `${role} has no place in ${code}, which is a ${kind}; it needs a ${expected}.` },
  );
}

/** The platform operator's organisation; made when there is none, so that a first administrator has a place. */
export async function platformOperator(tx: Tx): Promise<string> {
  const [known] = await tx.query<{ code: string }>(
    `SELECT code FROM organisation WHERE kind = 'PLATFORM_OPERATOR' ORDER BY code LIMIT 1`,
  );
  if (known !== undefined) return known.code;
  await tx.query(
    `INSERT INTO organisation (id, kind, name, name_zh, code)
     VALUES ($1, 'PLATFORM_OPERATOR', 'Platform operator', '平台运营方', 'PLATFORM') ON CONFLICT (code) DO NOTHING`,
    [newId()],
  );
  return 'PLATFORM';
}

export interface NewMember {
  readonly organisationId: string;
  readonly role: Role;
  readonly data: PersonalData & { readonly DISPLAY_NAME: string };
}

/**
 * A new person as a member of an organisation in which the role has its place.
 * @returns the person's id
 * @throws DomainError INVALID_INPUT; CONFLICT when somebody else is found by the same name, number or certificate, or when somebody
 *   of that name there is another of the three administrators
 */
export async function addMember(tx: Tx, vault: Vault, { organisationId, role, data }: NewMember): Promise<string> {
  await refuseSecondAdministration(tx, vault, organisationId, role, data.DISPLAY_NAME);
  const personId = newId();
  await tx.query('INSERT INTO person (id) VALUES ($1)', [personId]);
  await keepPersonalData(tx, vault, personId, data);
  await tx.query('INSERT INTO membership (person_id, organisation_id, role) VALUES ($1, $2, $3)', [
    personId,
    organisationId,
    role,
  ]);
  return personId;
}

/**
 * The index `membership_one_administration` holds a person to one of the three offices; this, somebody of one name in one organisation.
 * @throws DomainError CONFLICT
 */
async function refuseSecondAdministration(
  tx: Tx,
  vault: Vault,
  organisationId: string,
  role: Role,
  displayName: string,
): Promise<void> {
  if (!ADMINISTRATORS.includes(role)) return;
  const others = await tx.query<NameRow & { id: string; role: Role }>(
    `SELECT p.id, m.role, ${NAME_COLUMNS} FROM person p JOIN membership m ON m.person_id = p.id
     WHERE m.organisation_id = $1 AND m.role = ANY ($2::text[]) AND m.role <> $3`,
    [organisationId, ADMINISTRATORS, role],
  );
  const other = others.find((row) => displayNameOf(vault, row.id, row) === displayName.trim());
  if (other === undefined) return;
  throw new DomainError(
    'CONFLICT',
    { field: 'role', value: role, held: other.role, expected: 'another person' },
    { message: `${displayName.trim()} is ${other.role} there; nobody is two of ${ADMINISTRATORS.join(', ')}.` },
  );
}

/** @throws DomainError NOT_FOUND */
export async function personNamed(tx: Tx, vault: Vault, loginName: string): Promise<string> {
  const [found] = await tx.query<{ person_id: string }>(
    `SELECT person_id FROM personal_datum WHERE kind = 'LOGIN_NAME' AND blind_index = $1`,
    [indexOf(vault, 'LOGIN_NAME', loginName)],
  );
  if (found !== undefined) return found.person_id;
  throw new DomainError(
    'NOT_FOUND',
    { field: 'login', value: loginName },
    { message: `Nobody has the login name ${loginName}.` },
  );
}

/** What somebody sets their first password with; what was drawn for them before is not taken any more. */
export async function drawEnrolment(tx: Tx, personId: string): Promise<DrawnCode> {
  await endCodes(tx, personId);
  return drawCode(tx, 'ENROLMENT', { personId });
}

export interface Enrolment {
  readonly organisationCode: string;
  readonly role: Role;
  readonly displayName: string;
}

/**
 * A person as a member of an organisation; one of the same name who is there in that role already is the same person.
 * @throws DomainError as organisationFor and addMember
 */
export async function enrolPerson(
  tx: Tx,
  vault: Vault,
  { organisationCode, role, displayName }: Enrolment,
): Promise<{ readonly personId: string; readonly organisationId: string }> {
  const { id: organisationId } = await organisationFor(tx, role, organisationCode);
  const members = await tx.query<NameRow & { id: string }>(
    `SELECT p.id, ${NAME_COLUMNS} FROM person p JOIN membership m ON m.person_id = p.id
     WHERE m.organisation_id = $1 AND m.role = $2 ORDER BY p.id`,
    [organisationId, role],
  );
  const known = members.find((row) => displayNameOf(vault, row.id, row) === displayName.trim());
  const personId =
    known?.id ?? (await addMember(tx, vault, { organisationId, role, data: { DISPLAY_NAME: displayName } }));
  return { personId, organisationId };
}

/**
 * For somebody who lost their password or telephone, or whose sign-in is no longer theirs alone: password, sessions and API tokens
 * end, pauses end, and a new enrolment begins.
 * @param options.secondFactor whether that ends too, and the certificate, which counts as one
 * @throws DomainError NOT_FOUND
 */
export async function resetCredentials(
  tx: Tx,
  vault: Vault,
  personId: string,
  { secondFactor }: { readonly secondFactor: boolean },
): Promise<DrawnCode> {
  const [person] = await tx.query<{ wrapped: Buffer | null; sealed: Buffer | null }>(
    `SELECT k.wrapped, d.sealed FROM person p LEFT JOIN person_key k ON k.person_id = p.id
     LEFT JOIN personal_datum d ON d.person_id = p.id AND d.kind = 'LOGIN_NAME' WHERE p.id = $1`,
    [personId],
  );
  if (person === undefined) throw new DomainError('NOT_FOUND', { field: 'person' });
  await tx.query('DELETE FROM password WHERE person_id = $1', [personId]);
  if (secondFactor) {
    await tx.query('DELETE FROM second_factor WHERE person_id = $1', [personId]);
    await tx.query('DELETE FROM recovery_code WHERE person_id = $1', [personId]);
    await tx.query(`DELETE FROM personal_datum WHERE person_id = $1 AND kind = 'CERTIFICATE'`, [personId]);
  }
  await endSessions(tx, { personId });
  await endTokens(tx, personId);
  const loginName = openFor(vault, personId, 'LOGIN_NAME', person)?.toString();
  await forgive(tx, [
    subjectOf(vault, 'PERSON', personId),
    ...(loginName === undefined ? [] : [subjectOf(vault, 'LOGIN_NAME', loginName)]),
  ]);
  return drawEnrolment(tx, personId);
}
