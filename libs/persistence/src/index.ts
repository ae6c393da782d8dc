export { ChannelListener, type Hearing } from './channel-listener.js';
export { Database, RecordedMeanwhile, sqlState, type DatabaseUrls, type Tx } from './database.js';
export { readerSettings, windowRelation, type ReaderSettings, type Visibility } from './reader-seal.js';
export { runOnce, type IdempotentRequest } from './idempotency.js';
export { migrate, prepareRoles, type ServiceRoles } from './migrate.js';
export {
  isSameProcess,
  processIdentity,
  startEmbeddedPostgres,
  startThrowawayPostgres,
  waitForExit,
  type EmbeddedPostgres,
  type ThrowawayPostgres,
} from './embedded/index.js';
export { createDataSource, persistenceEntities, XID8 } from './data-source.js';
export { ask, partsOf, type Question } from './question.js';
