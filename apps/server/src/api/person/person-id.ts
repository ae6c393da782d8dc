import { DomainError } from '#libs/kernel';
import { globalId, parseGlobalId } from '../shared/global-id.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const personId = (uuid: string): string => globalId('Person', uuid);

/**
 * The reference of a person or service account in an id of the API.
 * @throws DomainError NOT_FOUND for whatever is none: it names nobody
 */
export function parsePersonId(id: string, field: string): string {
  const uuid = Buffer.from(id.slice(0, 200), 'base64url').toString('utf8').slice('Person:'.length);
  if (!UUID.test(uuid) || personId(uuid) !== id) throw new DomainError('NOT_FOUND', { field });
  return uuid;
}

/** @throws DomainError NOT_FOUND */
export function parseOrganisationId(id: string, field: string): string {
  const ref = parseGlobalId(id);
  const [uuid] = ref?.type === 'Organisation' ? ref.key : [];
  if (uuid === undefined) throw new DomainError('NOT_FOUND', { field });
  return uuid;
}

/** An id that is a uuid and no more: of sessions, tokens and service accounts. @throws DomainError NOT_FOUND */
export function parseUuid(id: string, field: string): string {
  if (!UUID.test(id)) throw new DomainError('NOT_FOUND', { field });
  return id;
}
