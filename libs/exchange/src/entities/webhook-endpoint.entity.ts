import { XID8 } from '#libs/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { EndpointState } from '../webhooks/webhook.states.js';

/** An address that is told of events, as its maker would read them. */
@Entity('webhook_endpoint')
export class WebhookEndpointEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  /** Who made it, in which role: it is told what they may see, for as long as they may. */
  @Column('uuid', { name: 'made_by' })
  madeBy!: string;

  /** The API token that it was made with, and ends with when that is revoked; null: in a session. */
  @Column('uuid', { name: 'made_with', nullable: true })
  madeWith!: string | null;

  @Column('text')
  role!: string;

  /** For which customs made it; null for all others. */
  @Column('text', { name: 'case_number', nullable: true })
  caseNumber!: string | null;

  @Column('text')
  url!: string;

  @Column('text')
  description!: string;

  /** A TrackingEventFilter; null: all. */
  @Column('jsonb', { nullable: true })
  filter!: unknown;

  /** Sealed with the installation's key. */
  @Column('bytea')
  secret!: Buffer;

  /** Signs beside the new one until its time is over. */
  @Column('bytea', { name: 'former_secret', nullable: true })
  formerSecret!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'former_until', precision: 3, nullable: true })
  formerUntil!: Date | null;

  @Column('text', { default: 'ACTIVE' })
  state!: EndpointState;

  @Column('text', { name: 'state_reason', nullable: true })
  stateReason!: string | null;

  /** Everything in the journal up to here has become a delivery. */
  @Column({ type: XID8, name: 'cursor_xid' })
  cursorXid!: string;

  @Column('bigint', { name: 'cursor_position' })
  cursorPosition!: string;

  /** Attempts without an answer, one after the other. */
  @Column('integer', { default: 0 })
  failures!: number;

  @Column({ type: 'timestamptz', name: 'failing_since', precision: 3, nullable: true })
  failingSince!: Date | null;

  /** Nothing is sent before. */
  @Column({ type: 'timestamptz', name: 'rests_until', precision: 3, nullable: true })
  restsUntil!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
