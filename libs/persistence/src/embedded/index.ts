export {
  startEmbeddedPostgres,
  startThrowawayPostgres,
  type EmbeddedPostgres,
  type ThrowawayPostgres,
} from './embedded-postgres.js';
export { isSameProcess, processIdentity, waitForExit } from './process-identity.js';
