import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../roles.js';

/** A program that acts for an organisation: it has tokens and no password. */
@Entity('service_account')
export class ServiceAccountEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text')
  role!: Role;

  @Column('text')
  name!: string;

  @Column('uuid', { name: 'created_by' })
  createdBy!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'closed_at', precision: 3, nullable: true })
  closedAt!: Date | null;
}
