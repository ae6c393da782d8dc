import { Column, Entity, PrimaryColumn } from 'typeorm';

/** That a paper will run out, told once for each of its distances. */
@Entity('paper_alert')
export class PaperAlertEntity {
  @PrimaryColumn('uuid', { name: 'paper_id' })
  paperId!: string;

  /** 0: it has run out. */
  @PrimaryColumn('integer', { name: 'days_before' })
  daysBefore!: number;

  @Column('uuid', { unique: true })
  id!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column({ type: 'timestamptz', name: 'raised_at', precision: 3 })
  raisedAt!: Date;
}
