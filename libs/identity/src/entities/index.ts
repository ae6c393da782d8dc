import { AccessTokenEntity } from './access-token.entity.js';
import { EnrolmentCodeEntity } from './enrolment-code.entity.js';
import { GatewayEntity } from './gateway.entity.js';
import { MachineBootEntity } from './machine-boot.entity.js';
import { MachineKeyEntity } from './machine-key.entity.js';
import { MembershipEntity } from './membership.entity.js';
import { OrganisationEntity } from './organisation.entity.js';
import { OrganisationPaperEntity } from './organisation-paper.entity.js';
import { OrganisationSiteEntity } from './organisation-site.entity.js';
import { OrganisationTransitionEntity } from './organisation-transition.entity.js';
import { PaperAlertEntity } from './paper-alert.entity.js';
import { PersonEntity } from './person.entity.js';

/** The tables of this room, listed by hand. */
export const identityEntities = [
  OrganisationEntity,
  OrganisationPaperEntity,
  OrganisationSiteEntity,
  OrganisationTransitionEntity,
  PaperAlertEntity,
  PersonEntity,
  MembershipEntity,
  AccessTokenEntity,
  GatewayEntity,
  EnrolmentCodeEntity,
  MachineKeyEntity,
  MachineBootEntity,
] as const;
