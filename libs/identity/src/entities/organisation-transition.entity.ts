import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganisationCommand, OrganisationState } from '../organisation.states.js';

/** A step of an organisation from one state to another; never changed. */
@Entity('organisation_transition')
export class OrganisationTransitionEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @Column('text')
  command!: OrganisationCommand;

  /** null: it was not there before. */
  @Column('text', { name: 'from_state', nullable: true })
  fromState!: OrganisationState | null;

  @Column('text', { name: 'to_state' })
  toState!: OrganisationState;

  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  /** null: the service itself. */
  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId!: string | null;

  @Column('uuid', { name: 'actor_organisation_id', nullable: true })
  actorOrganisationId!: string | null;

  @Column('text', { nullable: true })
  reason!: string | null;
}
