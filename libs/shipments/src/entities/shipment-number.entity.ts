import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A number of a shipment that not every party may read; kept by triggers of `shipment`. */
@Entity('shipment_number')
export class ShipmentNumberEntity {
  @PrimaryColumn('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  @PrimaryColumn('text')
  kind!: 'BOOKING' | 'BILL';

  @Column('text')
  number!: string;
}
