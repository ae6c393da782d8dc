import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person's TOTP secrets (RFC 6238), sealed with the person's key. */
@Entity('second_factor')
export class SecondFactorEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  @Column('bytea', { nullable: true })
  secret!: Buffer | null;

  /** Shown, and not confirmed by a code yet. */
  @Column('bytea', { name: 'pending_secret', nullable: true })
  pendingSecret!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'confirmed_at', precision: 3, nullable: true })
  confirmedAt!: Date | null;

  /** Time step of the last code that was taken. */
  @Column('bigint', { name: 'last_step', default: 0 })
  lastStep!: string;
}
