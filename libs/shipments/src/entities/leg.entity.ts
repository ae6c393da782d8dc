import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A part of a shipment's way by one means of transport. */
@Entity('leg')
export class LegEntity {
  @PrimaryColumn('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  /** Order of the way, from 1. */
  @PrimaryColumn('integer')
  ordinal!: number;

  @Column('text')
  mode!: 'ROAD' | 'SEA' | 'RAIL' | 'BARGE';

  @Column('text', { name: 'from_place' })
  fromPlace!: string;

  @Column('text', { name: 'to_place' })
  toPlace!: string;

  @Column('text', { nullable: true })
  vessel!: string | null;

  @Column('text', { nullable: true })
  voyage!: string | null;
}
