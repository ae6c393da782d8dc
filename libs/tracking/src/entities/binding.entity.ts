import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssetKind } from '#libs/journal';
import type { BindingKind } from '../binding-book.js';

/** A subject stands for an asset in `[validFrom, validTo)`; no two bindings of a subject overlap. */
@Entity('binding')
export class BindingEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: BindingKind;

  /** An EPC in upper-case hex, a device's id, a seal number, or `CONTAINER:<number>` for a box that rides. */
  @Column('text')
  subject!: string;

  @Column('text', { name: 'asset_kind' })
  assetKind!: AssetKind;

  @Column('text', { name: 'asset_code' })
  assetCode!: string;

  @Column({ type: 'timestamptz', name: 'valid_from', precision: 3 })
  validFrom!: Date;

  /** null: until further notice. */
  @Column({ type: 'timestamptz', name: 'valid_to', precision: 3, nullable: true })
  validTo!: Date | null;

  /** Whose word it is. */
  @Column('text')
  source!: 'SEED' | 'PASS' | 'HAND';

  /** The pass that it follows from. */
  @Column('uuid', { name: 'pass_id', nullable: true })
  passId!: string | null;

  @Column({ type: 'timestamptz', name: 'recorded_at', precision: 3, default: () => 'now()' })
  recordedAt!: Date;
}
