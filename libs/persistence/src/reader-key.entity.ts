import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the settings of readers are sealed with. One row; the reading role has no right to it. */
@Entity('reader_key')
export class ReaderKeyEntity {
  @PrimaryColumn('boolean', { default: true })
  one!: boolean;

  @Column('bytea')
  key!: Buffer;
}
