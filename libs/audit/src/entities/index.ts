import { AuditArchiveEntity } from './audit-archive.entity.js';
import { AuditHeadEntity } from './audit-head.entity.js';
import { AuditRecordEntity } from './audit-record.entity.js';

/** The tables of this room, listed by hand. */
export const auditEntities = [AuditRecordEntity, AuditHeadEntity, AuditArchiveEntity] as const;
