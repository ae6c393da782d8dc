import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { HealthReport } from '#libs/lane';

/** What a gateway last said of its spool; its devices stand in `device_health`. */
@Entity('gateway_health')
export class GatewayHealthEntity {
  @PrimaryColumn('text', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  /** The gateway's time. */
  @Column({ type: 'timestamptz', name: 'reported_at', precision: 3 })
  reportedAt!: Date;

  @Column('jsonb')
  report!: HealthReport['spool'];
}
