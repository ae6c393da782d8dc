import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A gateway that may send for its site. */
@Entity('gateway')
export class GatewayEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  /** SHA-256 of its bearer token; null before one is issued. */
  @Column('bytea', { name: 'token_hash', unique: true, nullable: true })
  tokenHash!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;
}
