import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ActorKind } from '../audit-record.js';

/** One link of the audit's chain: who did what, about what, why, when, from where, and how it ended. */
@Entity('audit_record')
export class AuditRecordEntity {
  @PrimaryColumn('bigint')
  sequence!: string;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3 })
  recordedAt!: Date;

  @Column('text', { name: 'actor_kind' })
  actorKind!: ActorKind;

  /** Id of the person or gateway, or the part of the service. */
  @Column('text', { name: 'actor_id' })
  actorId!: string;

  @Column('uuid', { name: 'organisation_id', nullable: true })
  organisationId!: string | null;

  @Column('text', { nullable: true })
  role!: string | null;

  @Column('text')
  operation!: string;

  @Column('text', { name: 'subject_type', nullable: true })
  subjectType!: string | null;

  @Column('text', { name: 'subject_keys', array: true, default: '{}' })
  subjectKeys!: string[];

  /** Arguments and selection. */
  @Column('jsonb', { nullable: true })
  asked!: unknown;

  @Column('integer', { name: 'row_count', nullable: true })
  rowCount!: number | null;

  @Column('text', { name: 'case_number', nullable: true })
  caseNumber!: string | null;

  @Column('text')
  outcome!: string;

  @Column('text', { nullable: true })
  address!: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column('bytea', { name: 'previous_hash' })
  previousHash!: Buffer;

  @Column('bytea')
  hash!: Buffer;
}
