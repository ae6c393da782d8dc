import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Personal data stand here and nowhere in the journal, so that they can be erased. */
@Entity('person')
export class PersonEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'display_name' })
  displayName!: string;
}
