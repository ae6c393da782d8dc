export { Identity, type KnownPerson } from './identity.js';
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
