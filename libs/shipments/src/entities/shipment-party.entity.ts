import { Entity, PrimaryColumn } from 'typeorm';

export type PartyRole = 'SHIPPER' | 'CONSIGNEE' | 'FORWARDER' | 'CARRIER' | 'HAULIER';

/** What an organisation is to a shipment. */
@Entity('shipment_party')
export class ShipmentPartyEntity {
  @PrimaryColumn('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  @PrimaryColumn('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @PrimaryColumn('text')
  role!: PartyRole;
}
