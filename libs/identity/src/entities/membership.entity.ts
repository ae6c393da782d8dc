import { Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../roles.js';

/** What a person may be for an organisation. */
@Entity('membership')
export class MembershipEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  @PrimaryColumn('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @PrimaryColumn('text')
  role!: Role;
}
