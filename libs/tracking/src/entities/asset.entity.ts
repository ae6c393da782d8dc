import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssetKind } from '#libs/journal';

/** What moves and is tracked. */
@Entity('asset')
export class AssetEntity {
  @PrimaryColumn('text')
  kind!: AssetKind;

  /** Container number (ISO 6346), licence plate, MMSI … */
  @PrimaryColumn('text')
  code!: string;

  @Column('jsonb', { default: {} })
  attributes!: Readonly<Record<string, unknown>>;

  @Column({ type: 'timestamptz', name: 'first_seen_at', precision: 3, default: () => 'now()' })
  firstSeenAt!: Date;
}
