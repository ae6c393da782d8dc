import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('shipment_container')
export class ShipmentContainerEntity {
  @PrimaryColumn('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  /** ISO 6346. A box is reused: other shipments may have it at other times. */
  @PrimaryColumn('text', { name: 'container_number' })
  containerNumber!: string;

  /** null: nobody said. */
  @Column('text', { nullable: true })
  fullness!: 'LADEN' | 'EMPTY' | null;

  /** Swapped for another box, or released: milestones no longer wait for it. */
  @Column({ type: 'timestamptz', name: 'left_at', precision: 3, nullable: true })
  leftAt!: Date | null;
}
