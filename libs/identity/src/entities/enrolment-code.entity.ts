import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A code that a gateway exchanges for a key, once. */
@Entity('enrolment_code')
export class EnrolmentCodeEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** SHA-256; 100 random bits, which no dictionary reaches. */
  @Column('bytea', { name: 'code_hash', unique: true })
  codeHash!: Buffer;

  @Column('text', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('integer', { name: 'valid_days', nullable: true })
  validDays!: number | null;

  /** A person; null: the operator's tool. */
  @Column('uuid', { name: 'drawn_by', nullable: true })
  drawnBy!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  expiresAt!: Date;

  /** What it was exchanged for. */
  @Column('uuid', { name: 'key_id', nullable: true })
  keyId!: string | null;
}
