import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../roles.js';
import type { SignInMethod } from '../sign-in/sessions.js';

/** A person signed in for one of their memberships. */
@Entity('session')
export class SessionEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** Digest of the token, which itself is kept nowhere. */
  @Column('bytea', { name: 'token_hash', unique: true })
  tokenHash!: Buffer;

  @Column('uuid', { name: 'person_id' })
  personId!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text')
  role!: Role;

  @Column('text')
  method!: SignInMethod;

  /** Remote address of the sign-in, sealed with the person's key. */
  @Column('bytea', { nullable: true })
  address!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'second_factor_at', precision: 3, nullable: true })
  secondFactorAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  /** To the minute. */
  @Column({ type: 'timestamptz', name: 'used_at', precision: 3, default: () => 'now()' })
  usedAt!: Date;

  /** At the latest. */
  @Column({ type: 'timestamptz', name: 'ends_at', precision: 3 })
  endsAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3, nullable: true })
  endedAt!: Date | null;
}
