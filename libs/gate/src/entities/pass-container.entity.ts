import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A box of a pass, for the way from a box to its passes; those that a person named later too. */
@Entity('pass_container')
export class PassContainerEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  @PrimaryColumn('uuid', { name: 'pass_id' })
  passId!: string;

  /** ISO 6346. */
  @PrimaryColumn('text', { name: 'container_number' })
  containerNumber!: string;

  /** The pass's: leads to its partition. */
  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;
}
