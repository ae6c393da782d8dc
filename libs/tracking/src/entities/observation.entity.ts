import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssetKind } from '#libs/journal';
import type { ObservationBody } from '#libs/telemetry';

/** A reading worth keeping; partitioned by `occurredAt`. (device, boot, sequence) makes a re-sent one harmless. */
@Entity('observation')
export class ObservationEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  @PrimaryColumn('text', { name: 'device_id' })
  deviceId!: string;

  /** Drawn by the gateway for a device at each start: 64 random bits, hex. */
  @PrimaryColumn('text')
  boot!: string;

  /** Counts from 1 within a boot. A bigint, so a string here. */
  @PrimaryColumn('bigint')
  sequence!: string;

  /** The device's time, fixed when the reading enters the spool. */
  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;

  /** The gateway's time. */
  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3, default: () => 'now()' })
  recordedAt!: Date;

  @Column('text')
  kind!: ObservationBody['kind'];

  @Column('text', { name: 'lane_id', nullable: true })
  laneId!: string | null;

  /** What it is about, as the device said it: an EPC, a number, a plate. */
  @Column('text', { nullable: true })
  subject!: string | null;

  /** null: nobody knew at the time what it is about. */
  @Column('text', { name: 'asset_kind', nullable: true })
  assetKind!: AssetKind | null;

  @Column('text', { name: 'asset_code', nullable: true })
  assetCode!: string | null;

  /** WGS-84 degrees; of fixes only. */
  @Column('double precision', { nullable: true })
  longitude!: number | null;

  /** WGS-84 degrees; of fixes only. */
  @Column('double precision', { nullable: true })
  latitude!: number | null;

  @Column('jsonb')
  body!: ObservationBody;
}
