import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ShipmentChangeKind } from '../shipment.states.js';

/** What was done to a shipment; never changed. */
@Entity('shipment_change')
export class ShipmentChangeEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  @Column('text')
  kind!: ShipmentChangeKind;

  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column('uuid', { name: 'actor_id' })
  actorId!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('jsonb')
  details!: Readonly<Record<string, unknown>>;
}
