import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DatumKind } from '../personal-data.js';

/** One personal datum, sealed with the person's key. */
@Entity('personal_datum')
export class PersonalDatumEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  @PrimaryColumn('text')
  kind!: DatumKind;

  @Column('bytea')
  sealed!: Buffer;

  /** HMAC of what a person is found by; null for the other kinds. */
  @Column('bytea', { name: 'blind_index', nullable: true })
  blindIndex!: Buffer | null;
}
