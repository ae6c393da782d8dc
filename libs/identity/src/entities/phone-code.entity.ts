import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A code that was sent to a telephone, or would have been if somebody had that number. */
@Entity('phone_code')
export class PhoneCodeEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('bytea', { name: 'phone_index' })
  phoneIndex!: Buffer;

  /** HMAC: six digits would be found from a plain hash. */
  @Column('bytea', { name: 'code_hash' })
  codeHash!: Buffer;

  @Column('integer', { default: 0 })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', name: 'used_at', precision: 3, nullable: true })
  usedAt!: Date | null;
}
