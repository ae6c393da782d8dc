import { Column, Entity, PrimaryColumn } from 'typeorm';
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
}
