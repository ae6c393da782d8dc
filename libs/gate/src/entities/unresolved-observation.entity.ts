import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a lane saw and nobody could name: boxes are proposed, a person chooses, and both are kept. */
@Entity('unresolved_observation')
export class UnresolvedObservationEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3, default: () => 'now()' })
  recordedAt!: Date;

  @Column('uuid', { name: 'pass_id', nullable: true })
  passId!: string | null;

  @Column('text', { name: 'lane_id', nullable: true })
  laneId!: string | null;

  @Column('text', { name: 'device_id' })
  deviceId!: string;

  @Column('text')
  boot!: string;

  /** With device and boot it names the reading. A bigint, so a string here. */
  @Column('bigint')
  sequence!: string;

  @Column('text')
  reason!: 'TAG_WITHOUT_BINDING' | 'CHECK_DIGIT' | 'NOT_A_CONTAINER_NUMBER';

  /** As the device spelt it. */
  @Column('text')
  seen!: string;

  /** Likely boxes, the likeliest first. */
  @Column('jsonb', { default: [] })
  proposals!: readonly unknown[];

  @Column('text', { default: 'OPEN' })
  state!: 'OPEN' | 'RESOLVED' | 'DISMISSED';

  @Column('text', { name: 'chosen_container', nullable: true })
  chosenContainer!: string | null;

  @Column('uuid', { name: 'resolved_by', nullable: true })
  resolvedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'resolved_at', precision: 3, nullable: true })
  resolvedAt!: Date | null;
}
