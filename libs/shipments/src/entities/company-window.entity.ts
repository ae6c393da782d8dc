import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A company sees a box's facts in `[validFrom, validTo)`: the only thing that every policy for companies joins. */
@Entity('company_window')
export class CompanyWindowEntity {
  @PrimaryColumn('uuid', { name: 'organisation_id' })
  organisationId!: string;

  /** ISO 6346. */
  @PrimaryColumn('text', { name: 'container_number' })
  containerNumber!: string;

  @PrimaryColumn('uuid', { name: 'shipment_id' })
  shipmentId!: string;

  @PrimaryColumn({ type: 'timestamptz', name: 'valid_from', precision: 3 })
  validFrom!: Date;

  /** null: until the shipment ends. */
  @Column({ type: 'timestamptz', name: 'valid_to', precision: 3, nullable: true })
  validTo!: Date | null;
}
