import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a gateway's numbered items are committed: it frees its spool up to here, and no further. */
@Entity('gateway_stream')
export class GatewayStreamEntity {
  @PrimaryColumn('text', { name: 'gateway_id' })
  gatewayId!: string;

  /** Drawn anew when a gateway begins to count again. */
  @PrimaryColumn('uuid', { name: 'stream_id' })
  streamId!: string;

  /** A bigint, so a string here; 0 before the first item. */
  @Column('bigint', { name: 'committed_sequence', default: 0 })
  committedSequence!: string;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}
