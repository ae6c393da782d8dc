import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CodePurpose } from '../sign-in/one-time-codes.js';

/** What is brought back once, within a time. */
@Entity('one_time_code')
export class OneTimeCodeEntity {
  @PrimaryColumn('bytea', { name: 'code_hash' })
  codeHash!: Buffer;

  @Column('text')
  purpose!: CodePurpose;

  @Column('uuid', { name: 'person_id', nullable: true })
  personId!: string | null;

  @Column('jsonb', { default: {} })
  details!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  expiresAt!: Date;
}
