import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Sight } from '../party-sight.js';

/** A window that a company opened for another one; kept for ever, withdrawn or not. */
@Entity('window_grant')
export class WindowGrantEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  /** null: every box of the shipment. */
  @Column('text', { name: 'container_number', nullable: true })
  containerNumber!: string | null;

  @Column('uuid', { name: 'grantor_id' })
  grantorId!: string;

  @Column('uuid', { name: 'grantee_id' })
  granteeId!: string;

  @Column('text', { name: 'seen_as' })
  seenAs!: Sight;

  @Column({ type: 'timestamptz', name: 'valid_from', precision: 3 })
  validFrom!: Date;

  /** null: as long as the grantor's own. */
  @Column({ type: 'timestamptz', name: 'valid_to', precision: 3, nullable: true })
  validTo!: Date | null;

  @Column('uuid', { name: 'granted_by' })
  grantedBy!: string;

  @Column({ type: 'timestamptz', name: 'granted_at', precision: 3 })
  grantedAt!: Date;

  @Column('uuid', { name: 'withdrawn_by', nullable: true })
  withdrawnBy!: string | null;

  @Column({ type: 'timestamptz', name: 'withdrawn_at', precision: 3, nullable: true })
  withdrawnAt!: Date | null;
}
