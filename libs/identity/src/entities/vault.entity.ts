import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SuiteName } from '../cryptography/suites.js';

/** The one row that tells the installation's key from another, without telling it. */
@Entity('vault')
export class VaultEntity {
  @PrimaryColumn('integer')
  id!: 1;

  @Column('text')
  suite!: SuiteName;

  @Column('bytea', { name: 'key_check' })
  keyCheck!: Buffer;
}
