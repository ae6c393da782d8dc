export { Identity } from './identity.js';
export { SCOPE_OF_ROLE, visibilityOf, type GatewayPrincipal, type Principal, type Role } from './principal.js';
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
