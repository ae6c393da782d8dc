import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Goods under way. */
@Entity('shipment')
export class ShipmentEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** The companies' own; not unique across them. */
  @Column('text')
  reference!: string;

  @Column('text', { name: 'booking_number', nullable: true })
  bookingNumber!: string | null;

  @Column('text', { name: 'bill_number', nullable: true })
  billNumber!: string | null;

  @Column('text')
  trade!: 'EXPORT' | 'IMPORT';

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  /** null while it is under way. */
  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3, nullable: true })
  endedAt!: Date | null;
}
