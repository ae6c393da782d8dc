import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PaperKind } from '../organisation.papers.js';

/** A paper that an organisation handed in, and what was found of it. */
@Entity('organisation_paper')
export class OrganisationPaperEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text')
  kind!: PaperKind;

  @Column('text')
  number!: string;

  @Column('text')
  issuer!: string;

  @Column({ type: 'timestamptz', name: 'valid_from', precision: 3 })
  validFrom!: Date;

  /** null: without an end. */
  @Column({ type: 'timestamptz', name: 'valid_to', precision: 3, nullable: true })
  validTo!: Date | null;

  /** Where the copy lies. */
  @Column('text', { name: 'document_ref' })
  documentRef!: string;

  @Column('uuid', { name: 'submitted_by' })
  submittedBy!: string;

  @Column({ type: 'timestamptz', name: 'submitted_at', precision: 3 })
  submittedAt!: Date;

  /** null: nobody has looked at it yet. */
  @Column('text', { nullable: true })
  verdict!: 'ACCEPTED' | 'REFUSED' | null;

  @Column('uuid', { name: 'verified_by', nullable: true })
  verifiedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'verified_at', precision: 3, nullable: true })
  verifiedAt!: Date | null;
}
