import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Direction, DirectionSource, ExitWord, PassClosedBy, PassDecision, PassOutcome } from '#libs/lane';
import type { PassException } from '../resolved-pass.js';

/** One crossing of one lane; partitioned by `occurredAt`. */
@Entity('gate_pass')
export class GatePassEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  /** UUIDv5 of site, lane and the reading that opened the session. */
  @PrimaryColumn('uuid')
  id!: string;

  /** When the loop session opened; without a loop, the first read of the second antenna group. */
  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;

  @Column({ type: 'timestamptz', name: 'closed_at', precision: 3 })
  closedAt!: Date;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3, default: () => 'now()' })
  recordedAt!: Date;

  @Column('text', { name: 'gate_id', nullable: true })
  gateId!: string | null;

  @Column('text', { name: 'lane_id' })
  laneId!: string;

  @Column('text')
  direction!: Direction;

  @Column('text', { name: 'direction_source' })
  directionSource!: DirectionSource;

  /** CROSSED makes gate events; UNDECIDED outwards too, when the exit was seen. */
  @Column('text')
  outcome!: PassOutcome;

  /** What was seen of the truck's leaving by the exit. */
  @Column('text')
  exit!: ExitWord;

  @Column('text', { name: 'closed_by' })
  closedBy!: PassClosedBy;

  @Column('text')
  source!: 'READERS' | 'HAND';

  @Column('text', { name: 'truck_plate', nullable: true })
  truckPlate!: string | null;

  /** ISO 6346; those that a person named later too. */
  @Column('text', { name: 'container_numbers', array: true, default: [] })
  containerNumbers!: readonly string[];

  @Column('uuid', { name: 'visit_id', nullable: true })
  visitId!: string | null;

  @Column('jsonb', { nullable: true })
  decision!: PassDecision | null;

  /** The lane's LanePass as it came, and how each piece of it was resolved. */
  @Column('jsonb')
  evidence!: Readonly<Record<string, unknown>>;

  @Column('text', { array: true, default: [] })
  exceptions!: readonly PassException[];

  /** The person who reported it by hand. */
  @Column('uuid', { name: 'reported_by', nullable: true })
  reportedBy!: string | null;

  /** Why it was reported by hand. */
  @Column('text', { nullable: true })
  reason!: string | null;
}
