import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../roles.js';
import type { Scope } from '../scopes.js';

/** An API token of a person in one of their roles, or of a service account. */
@Entity('access_token')
export class AccessTokenEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** Digest of the bearer token, which itself is kept nowhere. */
  @Column('bytea', { name: 'token_hash', unique: true })
  tokenHash!: Buffer;

  /** Whose it is: one of the two. */
  @Column('uuid', { name: 'person_id', nullable: true })
  personId!: string | null;

  @Column('uuid', { name: 'service_account_id', nullable: true })
  serviceAccountId!: string | null;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text')
  role!: Role;

  /** What its holder calls it. */
  @Column('text', { default: '' })
  name!: string;

  @Column('text', { array: true, default: ['READ', 'WRITE', 'SUBSCRIBE', 'EXPORT', 'WEBHOOKS', 'MANAGE'] })
  scopes!: Scope[];

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  /** null: the demonstration's, and those from before expiry was asked for. */
  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;

  /** The API token that it was drawn with and ends with; null: in a session, at the machine, or nobody knows. */
  @Column('uuid', { name: 'drawn_with', nullable: true })
  drawnWith!: string | null;
}
