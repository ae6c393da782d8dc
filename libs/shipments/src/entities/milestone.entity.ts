import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A planned point of a shipment; when it was reached is read from the journal. */
@Entity('milestone')
export class MilestoneEntity {
  @PrimaryColumn('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  /** Order of the plan, from 1. */
  @PrimaryColumn('integer')
  ordinal!: number;

  @Column('text')
  code!: string;

  @Column('text', { name: 'site_id', nullable: true })
  siteId!: string | null;

  @Column('text', { name: 'zone_id', nullable: true })
  zoneId!: string | null;

  @Column({ type: 'timestamptz', name: 'planned_at', precision: 3, nullable: true })
  plannedAt!: Date | null;
}
