import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TargetState } from '../target.states.js';

/** A box that customs selected for inspection at a site. */
@Entity('inspection_target')
export class InspectionTargetEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text', { name: 'container_number' })
  containerNumber!: string;

  @Column('text', { default: 'SELECTED' })
  state!: TargetState;

  /** The customs office that selected it. */
  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text', { name: 'case_number' })
  caseNumber!: string;

  @Column('text')
  reason!: string;

  @Column('uuid', { name: 'selected_by' })
  selectedBy!: string;

  @Column({ type: 'timestamptz', name: 'selected_at', precision: 3, default: () => 'now()' })
  selectedAt!: Date;

  @Column('uuid', { name: 'notified_by', nullable: true })
  notifiedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'notified_at', precision: 3, nullable: true })
  notifiedAt!: Date | null;

  /** Who released or withdrew it. */
  @Column('uuid', { name: 'ended_by', nullable: true })
  endedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3, nullable: true })
  endedAt!: Date | null;
}
