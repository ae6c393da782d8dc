import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something at a gate that a person should look at. */
@Entity('alert')
export class AlertEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: string;

  @Column('text')
  severity!: 'INFO' | 'WARNING' | 'CRITICAL';

  @Column('text', { default: 'OPEN' })
  state!: 'OPEN' | 'ACKNOWLEDGED' | 'CLOSED';

  /** When the cause occurred. */
  @Column({ type: 'timestamptz', name: 'raised_at', precision: 3 })
  raisedAt!: Date;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3, default: () => 'now()' })
  recordedAt!: Date;

  @Column('text', { name: 'lane_id', nullable: true })
  laneId!: string | null;

  @Column('text', { name: 'device_id', nullable: true })
  deviceId!: string | null;

  @Column('uuid', { name: 'pass_id', nullable: true })
  passId!: string | null;

  @Column('uuid', { name: 'unresolved_id', nullable: true })
  unresolvedId!: string | null;

  @Column('jsonb', { default: {} })
  details!: Readonly<Record<string, unknown>>;

  @Column('uuid', { name: 'acknowledged_by', nullable: true })
  acknowledgedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'acknowledged_at', precision: 3, nullable: true })
  acknowledgedAt!: Date | null;
}
