export { Identity } from './identity.js';
export { visibilityOf, type GatewayPrincipal, type Principal } from './principal.js';
export { ROLE_NAMES, ROLES, type OrganisationKind, type Role } from './roles.js';
export { bearerToken, issueGatewayToken, issueToken, tokenHash, type TokenGrant } from './tokens.js';
export { identityEntities } from './entities/index.js';
export {
  enrolPerson,
  listTokens,
  registerGateway,
  revokeToken,
  type Enrolment,
  type Member,
  type TokenEntry,
} from './token-book.js';
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
export { standingOf } from './standing.js';
