import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where the chain ends. */
@Entity('audit_head')
export class AuditHeadEntity {
  @PrimaryColumn('boolean', { default: true })
  one!: boolean;

  @Column('bigint')
  sequence!: string;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3 })
  recordedAt!: Date;

  @Column('bytea')
  hash!: Buffer;
}
