import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A seal that was read at a pass, for the way from a seal to its passes. */
@Entity('pass_seal')
export class PassSealEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  @PrimaryColumn('uuid', { name: 'pass_id' })
  passId!: string;

  /** In capitals without blanks. */
  @PrimaryColumn('text', { name: 'seal_number' })
  sealNumber!: string;

  /** The pass's: leads to its partition. */
  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;
}
