export { ARCHIVE_STATES, type ArchiveState } from './archive.states.js';
export { readArchive, type ArchiveReading } from './archive-file.js';
export { MOST_IN_ARCHIVE, offerArchive, removeArchived } from './archives.js';
export type { ActorKind, AuditActor, AuditFact, Outcome } from './audit-record.js';
export { AuditTrail, recordWith } from './audit-trail.js';
export { auditEntities } from './entities/index.js';
export { recordSignIn, type SignInEvent } from './sign-in.js';
