import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A site of its own, far from the port, where an integrator plays scripted passes. */
@Entity('sandbox')
export class SandboxEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  /** From 0: the first digits of its box numbers, and where it lies. */
  @Column('smallint')
  ordinal!: number;

  @Column('uuid', { name: 'company_id' })
  companyId!: string;

  @Column('uuid', { name: 'export_shipment_id' })
  exportShipmentId!: string;

  @Column('uuid', { name: 'import_shipment_id' })
  importShipmentId!: string;

  /** Runs so far: the last digits of the next run's box number. */
  @Column('integer', { default: 0 })
  runs!: number;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}

/** Who is in a sandbox sees it and nothing else. */
@Entity('sandbox_member')
export class SandboxMemberEntity {
  @PrimaryColumn('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;
}
