import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../roles.js';

/** A person's sign-in to one of their roles. */
@Entity('access_token')
export class AccessTokenEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** SHA-256 of the bearer token, which itself is kept nowhere. */
  @Column('bytea', { name: 'token_hash', unique: true })
  tokenHash!: Buffer;

  @Column('uuid', { name: 'person_id' })
  personId!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text')
  role!: Role;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  /** null: until it is revoked. */
  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;
}
