import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A truck's stay in a terminal; at most one is open for a truck. */
@Entity('truck_visit')
export class TruckVisitEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  /** UUIDv5 of the pass that opened it. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'truck_plate' })
  truckPlate!: string;

  @Column('text', { name: 'chassis_plate', nullable: true })
  chassisPlate!: string | null;

  /** An id; who it is stands outside the journal and can be erased. */
  @Column('text', { name: 'driver_id', nullable: true })
  driverId!: string | null;

  @Column('text')
  state!: 'OPEN' | 'CLOSED';

  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3 })
  openedAt!: Date;

  /** null while OPEN, and only then. */
  @Column({ type: 'timestamptz', name: 'closed_at', precision: 3, nullable: true })
  closedAt!: Date | null;
}
