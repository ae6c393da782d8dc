import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A reference, which the journal holds. What is personal stands in `personal_datum`, so that it can be erased. */
@Entity('person')
export class PersonEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** In clear from before personal data were sealed; null once the service has sealed it. */
  @Column('text', { name: 'display_name', nullable: true })
  displayName!: string | null;
}
