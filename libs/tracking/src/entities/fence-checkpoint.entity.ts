import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssetFenceState } from '#libs/geo';
import type { AssetKind } from '#libs/journal';

/** Fence state behind the last fix at or before `at`: where a late fix begins to fold again. */
@Entity('fence_checkpoint')
export class FenceCheckpointEntity {
  @PrimaryColumn('text', { name: 'asset_kind' })
  assetKind!: AssetKind;

  @PrimaryColumn('text', { name: 'asset_code' })
  assetCode!: string;

  @PrimaryColumn({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column('jsonb')
  state!: AssetFenceState;
}
