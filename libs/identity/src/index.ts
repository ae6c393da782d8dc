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
export { standingOf } from './standing.js';
