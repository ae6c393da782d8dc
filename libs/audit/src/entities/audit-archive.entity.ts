import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ArchiveState } from '../archive.states.js';

/** A period of the audit that was handed out as a file. */
@Entity('audit_archive')
export class AuditArchiveEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { default: 'OFFERED' })
  state!: ArchiveState;

  @Column('bigint', { name: 'first_sequence' })
  firstSequence!: string;

  @Column('bigint', { name: 'last_sequence' })
  lastSequence!: string;

  @Column({ type: 'timestamptz', name: 'first_at', precision: 3 })
  firstAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_at', precision: 3 })
  lastAt!: Date;

  @Column('bytea', { name: 'previous_hash' })
  previousHash!: Buffer;

  @Column('bytea', { name: 'last_hash' })
  lastHash!: Buffer;

  /** SHA-256 of the file. */
  @Column('bytea', { name: 'file_hash' })
  fileHash!: Buffer;

  @Column('uuid', { name: 'made_by' })
  madeBy!: string;

  @Column({ type: 'timestamptz', name: 'made_at', precision: 3, default: () => 'now()' })
  madeAt!: Date;

  @Column('uuid', { name: 'removed_by', nullable: true })
  removedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'removed_at', precision: 3, nullable: true })
  removedAt!: Date | null;
}
