export { Identity, type Forgotten, type Holder } from './identity.js';
export { visibilityOf, type GatewayPrincipal, type Principal, type SecondFactorState } from './principal.js';
export { ADMINISTRATORS, ROLE_NAMES, ROLES, type OrganisationKind, type Role } from './roles.js';
export { SCOPE_NAMES, SCOPES, type Scope } from './scopes.js';
export { bearerToken, issueGatewayToken, issueToken, MOST_TOKEN_DAYS, tokenHash, type TokenGrant } from './tokens.js';
export { identityEntities } from './entities/index.js';
export { listTokens, registerGateway, revokeToken, type TokenEntry } from './token-book.js';
export {
  addMember,
  drawEnrolment,
  enrolPerson,
  organisationFor,
  personNamed,
  platformOperator,
  refuseMisplaced,
  resetCredentials,
  type Enrolment,
  type NewMember,
} from './people.js';
export {
  addPerson,
  changePerson,
  eraseAnybody,
  refuseOthersOffice,
  resetPerson,
  type PersonToAdd,
} from './administration.js';
export { erasePerson, keepPersonalData, sealClearNames, type DatumKind, type PersonalData } from './personal-data.js';
export { bindVault, Vault } from './cryptography/vault.js';
export { vaultFrom } from './cryptography/vault-from.js';
export { Passwords } from './passwords.js';
export {
  endSessions,
  listSessions,
  membershipsOfSession,
  switchMembership,
  type Membership,
  type NewSession,
  type SessionEntry,
  type SignInMethod,
} from './sign-in/sessions.js';
export { SignIn, type SignInParts } from './sign-in/sign-in.js';
export { SecondFactors, type OfferedFactor } from './sign-in/second-factor.js';
export { PhoneCodes } from './sign-in/phone-codes.js';
export { LoggedSms, PostedSms, type SmsSender } from './sign-in/sms-sender.js';
export { CertificateSignIn, readAuthorities } from './sign-in/certificate-sign-in.js';
export { RevocationFile } from './sign-in/revocation-file.js';
export { keyFingerprint, parseCertificate } from './cryptography/certificates.js';
export { OidcSignIn, oidcSubject, parseIssuers, readIssuers, type OidcIssuer } from './sign-in/oidc.js';
export {
  apiTokenById,
  createApiToken,
  listApiTokens,
  revokeApiToken,
  type ApiTokenEntry,
  type NewApiToken,
} from './api-tokens.js';
export {
  closeServiceAccount,
  createServiceAccount,
  listServiceAccounts,
  type ServiceAccountEntry,
} from './service-accounts.js';
export type { Page } from './page.js';
export {
  handInPapers,
  moveOrganisation,
  registerOrganisation,
  type HandedIn,
  type OrganisationActor,
  type Registration,
  type Step,
} from './organisation.commands.js';
export { PAPERS, requiredPapers, type PaperKind } from './organisation.papers.js';
export {
  nextStates,
  ORGANISATION_COMMANDS,
  ORGANISATION_STATES,
  type OrganisationCommand,
  type OrganisationState,
} from './organisation.states.js';
export { watchPapers } from './paper-watch.js';
export { requireVerified, verifiedCompanies } from './membership-check.js';
export { readSecretKey, SecretBox } from './secret-box.js';
export { admit, type Arrived } from './machine-keys/admission.js';
export {
  CODE_MINUTES,
  drawEnrolmentCode,
  exchangeCode,
  KEY_DAYS_MOST,
  type EnrolmentCode,
  type EnrolmentOffer,
  type EnrolmentRequest,
} from './machine-keys/enrolment.js';
export {
  askForChange,
  changeKey,
  listKeys,
  revokeKeys,
  type GivenKey,
  type KeyEntry,
  type Revocation,
} from './machine-keys/key-book.js';
export { keySigns, MACHINE_KEY_STATE_NAMES, statesAfter, type MachineKeyState } from './machine-keys/key-states.js';
export { MachineKeys } from './machine-keys/machine-keys.js';
export { MachineRefusal, wrongSignature, type MachineAlarm, type MachineSender } from './machine-keys/refusal.js';
export { standingOf, type Stand } from './standing.js';
