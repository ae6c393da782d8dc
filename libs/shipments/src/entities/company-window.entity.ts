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

  /** By what right: a party's role, or the id of a grant. */
  @PrimaryColumn('text', { default: 'PARTY' })
  title!: string;

  /** null: until the shipment ends. */
  @Column({ type: 'timestamptz', name: 'valid_to', precision: 3, nullable: true })
  validTo!: Date | null;

  /** What it shows, in the words of `facetsOf`; null: all. */
  @Column('text', { array: true, nullable: true })
  sees!: readonly string[] | null;
}
