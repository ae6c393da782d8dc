import type { Principal, SessionEntry } from '#libs/identity';
import { personId } from '../person/person-id.js';
import { globalId } from '../shared/global-id.js';

export type SessionRow = SessionEntry & { readonly isThisOne: boolean };

export const SESSION_FIELDS = [
  'id',
  'personId',
  'organisationId',
  'role',
  'method',
  'address',
  'hasSecondFactor',
  'createdAt',
  'usedAt',
  'endsAt',
  'isThisOne',
] as const satisfies readonly (keyof SessionRow)[];

export function sessionRow(session: SessionEntry, { credential }: Principal): SessionRow {
  return {
    ...session,
    personId: personId(session.personId),
    organisationId: globalId('Organisation', session.organisationId),
    isThisOne: credential.id === session.id,
  };
}
