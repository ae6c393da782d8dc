import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganisationState } from '../organisation.states.js';
import type { OrganisationKind } from '../roles.js';

@Entity('organisation')
export class OrganisationEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: OrganisationKind;

  @Column('text')
  name!: string;

  @Column('text', { name: 'name_zh' })
  nameZh!: string;

  /** Short and stable, for people and messages. */
  @Column('text', { unique: true })
  code!: string;

  /** GB 32100-2015; null: not told yet. */
  @Column('text', { name: 'credit_code', unique: true, nullable: true })
  creditCode!: string | null;

  @Column('text', { default: 'REGISTERED' })
  state!: OrganisationState;

  @Column({ type: 'timestamptz', name: 'state_since', precision: 3, default: () => 'now()' })
  stateSince!: Date;
}
