import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DeviceHealth } from '#libs/lane';

/** What a device's gateway last said of it. */
@Entity('device_health')
export class DeviceHealthEntity {
  @PrimaryColumn('text', { name: 'device_id' })
  deviceId!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('text', { name: 'lane_id', nullable: true })
  laneId!: string | null;

  /** The gateway's time. */
  @Column({ type: 'timestamptz', name: 'reported_at', precision: 3 })
  reportedAt!: Date;

  @Column('jsonb')
  report!: DeviceHealth;
}
