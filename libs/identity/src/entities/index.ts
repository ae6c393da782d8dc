import { AccessTokenEntity } from './access-token.entity.js';
import { EnrolmentCodeEntity } from './enrolment-code.entity.js';
import { GatewayEntity } from './gateway.entity.js';
import { MachineBootEntity } from './machine-boot.entity.js';
import { MachineKeyEntity } from './machine-key.entity.js';
import { MembershipEntity } from './membership.entity.js';
import { OneTimeCodeEntity } from './one-time-code.entity.js';
import { OrganisationEntity } from './organisation.entity.js';
import { OrganisationPaperEntity } from './organisation-paper.entity.js';
import { OrganisationSiteEntity } from './organisation-site.entity.js';
import { OrganisationTransitionEntity } from './organisation-transition.entity.js';
import { PaperAlertEntity } from './paper-alert.entity.js';
import { PasswordEntity } from './password.entity.js';
import { PersonEntity } from './person.entity.js';
import { PersonKeyEntity } from './person-key.entity.js';
import { PersonalDatumEntity } from './personal-datum.entity.js';
import { PhoneCodeEntity } from './phone-code.entity.js';
import { RecoveryCodeEntity } from './recovery-code.entity.js';
import { SecondFactorEntity } from './second-factor.entity.js';
import { ServiceAccountEntity } from './service-account.entity.js';
import { SessionEntity } from './session.entity.js';
import { SignInAttemptEntity } from './sign-in-attempt.entity.js';
import { VaultEntity } from './vault.entity.js';

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
  VaultEntity,
  PersonKeyEntity,
  PersonalDatumEntity,
  PasswordEntity,
  SecondFactorEntity,
  RecoveryCodeEntity,
  OneTimeCodeEntity,
  PhoneCodeEntity,
  SignInAttemptEntity,
  SessionEntity,
  ServiceAccountEntity,
] as const;
