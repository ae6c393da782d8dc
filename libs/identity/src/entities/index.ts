import { AccessTokenEntity } from './access-token.entity.js';
import { GatewayEntity } from './gateway.entity.js';
import { MembershipEntity } from './membership.entity.js';
import { OrganisationEntity } from './organisation.entity.js';
import { OrganisationSiteEntity } from './organisation-site.entity.js';
import { PersonEntity } from './person.entity.js';

/** The tables of this room, listed by hand. */
export const identityEntities = [
  OrganisationEntity,
  OrganisationSiteEntity,
  PersonEntity,
  MembershipEntity,
  AccessTokenEntity,
  GatewayEntity,
] as const;
