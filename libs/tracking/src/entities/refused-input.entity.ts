import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a gateway could not understand, kept where a person can look at it. */
@Entity('refused_input')
export class RefusedInputEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  @PrimaryColumn('text', { name: 'device_id' })
  deviceId!: string;

  @PrimaryColumn('text')
  boot!: string;

  /** A bigint, so a string here. */
  @PrimaryColumn('bigint')
  sequence!: string;

  /** The gateway's time. */
  @PrimaryColumn({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3, default: () => 'now()' })
  recordedAt!: Date;

  /** A framer's or codec's, short and stable: `checksum`, `length`. */
  @PrimaryColumn('text')
  reason!: string;

  /** The offending value and what was expected. */
  @Column('text', { nullable: true })
  detail!: string | null;

  /** The bytes, cut short when they are many. */
  @Column('text', { nullable: true })
  hex!: string | null;
}
