import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A mutation's kept answer under its caller's key; removed by age. */
@Entity('idempotency')
export class IdempotencyEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  /** Drawn by the caller, unique per person. */
  @PrimaryColumn('text')
  key!: string;

  @Column('text')
  operation!: string;

  /** SHA-256 of the operation's canonical input. */
  @Column('bytea', { name: 'request_hash' })
  requestHash!: Buffer;

  @Column('jsonb')
  answer!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
