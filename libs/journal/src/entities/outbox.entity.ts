import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { XID8 } from '#libs/persistence';
import type { OutboxTopic } from '../append.js';

/** What was stored and must be told, in commit-safe order (xid, position); removed by age. */
@Entity('outbox')
export class OutboxEntity {
  /** A bigint, so a string here. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  position!: string;

  @Column({ type: XID8, default: () => 'pg_current_xact_id()' })
  xid!: string;

  @Column('text')
  topic!: OutboxTopic;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  /** Of the event, pass or alert. */
  @Column('uuid', { name: 'subject_id' })
  subjectId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
