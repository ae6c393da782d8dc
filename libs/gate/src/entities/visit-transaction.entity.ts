import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OcrEvidence } from '#libs/lane';

/** One box that a truck brought (DELIVER) or fetched (RECEIVE) during a visit. */
@Entity('visit_transaction')
export class VisitTransactionEntity {
  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;

  /** UUIDv5 of site, pass and container. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'visit_id' })
  visitId!: string;

  @Column('uuid', { name: 'pass_id' })
  passId!: string;

  @Column('text')
  kind!: 'DELIVER' | 'RECEIVE';

  /** ISO 6346. */
  @Column('text', { name: 'container_number' })
  containerNumber!: string;

  /** null: nobody said. */
  @Column('text', { nullable: true })
  fullness!: 'LADEN' | 'EMPTY' | null;

  /** Where on the truck it stands. */
  @Column('text', { name: 'box_position', nullable: true })
  boxPosition!: OcrEvidence['position'];

  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;
}
