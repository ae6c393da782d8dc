import { Column, Entity, Generated, PrimaryColumn } from 'typeorm';
import { XID8 } from '#libs/persistence';
import type { EventKind } from '../event-kinds.js';
import type { AssetKind, EventSource } from '../tracking-event.js';

/** A business fact in the journal; partitioned by `occurredAt`. A trigger refuses UPDATE, DELETE and TRUNCATE. */
@Entity('tracking_event')
export class TrackingEventEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  /** UUIDv5 of site, kind, asset and causes. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: EventKind;

  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;

  /** The gateway's time. */
  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3, default: () => 'now()' })
  recordedAt!: Date;

  @Column('text', { name: 'asset_kind' })
  assetKind!: AssetKind;

  @Column('text', { name: 'asset_code' })
  assetCode!: string;

  /** Equals `assetCode` for a container: what a company's window joins. */
  @Column('text', { name: 'container_number', nullable: true })
  containerNumber!: string | null;

  @Column('text', { name: 'truck_plate', nullable: true })
  truckPlate!: string | null;

  @Column('text', { name: 'gate_id', nullable: true })
  gateId!: string | null;

  @Column('text', { name: 'lane_id', nullable: true })
  laneId!: string | null;

  @Column('text', { name: 'zone_id', nullable: true })
  zoneId!: string | null;

  @Column('uuid', { name: 'pass_id', nullable: true })
  passId!: string | null;

  @Column('uuid', { name: 'visit_id', nullable: true })
  visitId!: string | null;

  @Column('text')
  source!: EventSource;

  /** It became known after later facts of the same asset had been written. */
  @Column('boolean', { default: false })
  late!: boolean;

  /** The event that no longer stands. */
  @Column('uuid', { nullable: true })
  withdraws!: string | null;

  /** Ids of what it rests on. */
  @Column('jsonb')
  causes!: readonly string[];

  /** Ids of people, never personal data. */
  @Column('jsonb')
  payload!: Readonly<Record<string, unknown>>;

  /** SHA-256 of the event's canonical JSON (RFC 8785). */
  @Column('bytea')
  hash!: Buffer;

  /** The transaction that wrote it: readers follow (xid, position) and stop at the oldest one still in flight. */
  @Column({ type: XID8, default: () => 'pg_current_xact_id()' })
  xid!: string;

  /** GENERATED ALWAYS AS IDENTITY, a strategy that TypeORM's types name for primary keys only. A bigint, so a string here. */
  @Column({ type: 'bigint', generatedIdentity: 'ALWAYS' })
  @Generated('increment')
  position!: string;
}
