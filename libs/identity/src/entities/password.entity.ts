import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('password')
export class PasswordEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  /** Argon2id in PHC form. */
  @Column('text')
  hash!: string;

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3, default: () => 'now()' })
  changedAt!: Date;
}
