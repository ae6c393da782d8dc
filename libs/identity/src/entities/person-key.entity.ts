import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person's data key, sealed with the installation's. */
@Entity('person_key')
export class PersonKeyEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  /** null: destroyed, and with it all that was sealed with it. */
  @Column('bytea', { nullable: true })
  wrapped!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'destroyed_at', precision: 3, nullable: true })
  destroyedAt!: Date | null;
}
