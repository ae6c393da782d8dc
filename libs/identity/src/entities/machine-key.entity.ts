import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MachineKeyState } from '../machine-keys/key-states.js';

/** What a gateway signs with. It has two live ones at most: one that was used, and one that was not yet. */
@Entity('machine_key')
export class MachineKeyEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text', { default: 'NEW' })
  state!: MachineKeyState;

  /** By SecretBox. */
  @Column('bytea')
  sealed!: Buffer;

  @Column('bytea', { name: 'machine_public' })
  machinePublic!: Buffer;

  @Column('bytea', { name: 'service_public' })
  servicePublic!: Buffer;

  /** null: it does not end by itself. */
  @Column('integer', { name: 'valid_days', nullable: true })
  validDays!: number | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'first_used_at', precision: 3, nullable: true })
  firstUsedAt!: Date | null;

  /** It signs nothing from here on, whatever its state. */
  @Column({ type: 'timestamptz', name: 'ends_at', precision: 3, nullable: true })
  endsAt!: Date | null;

  /** Its gateway is told to ask for a new one. */
  @Column({ type: 'timestamptz', name: 'change_asked_at', precision: 3, nullable: true })
  changeAskedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;

  /** A person; null: the operator's tool. */
  @Column('uuid', { name: 'revoked_by', nullable: true })
  revokedBy!: string | null;

  @Column('text', { name: 'revoke_reason', nullable: true })
  revokeReason!: string | null;
}
