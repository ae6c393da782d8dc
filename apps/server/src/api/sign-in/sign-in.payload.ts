import type { Membership, NewSession } from '#libs/identity';
import { globalId } from '../shared/global-id.js';

export interface MembershipRow {
  readonly organisationId: string;
  readonly organisationName: string;
  readonly organisationNameZh: string;
  readonly role: Membership['role'];
}

export type SignInPayloadRow = Omit<NewSession, 'id' | 'personId' | 'memberships'> & {
  readonly memberships: readonly MembershipRow[];
};

export function membershipRow({ organisationId, ...membership }: Membership): MembershipRow {
  return { ...membership, organisationId: globalId('Organisation', organisationId) };
}

export function signInPayload({ organisationId, memberships, ...session }: NewSession): SignInPayloadRow {
  return {
    ...session,
    organisationId: globalId('Organisation', organisationId),
    memberships: memberships.map(membershipRow),
  };
}
