import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssetFenceState } from '#libs/geo';
import type { AssetKind } from '#libs/journal';

/** The present of an asset: a projection, which the journal and the observations can rebuild. Its row is the asset's lock. */
@Entity('asset_state')
export class AssetStateEntity {
  @PrimaryColumn('text', { name: 'asset_kind' })
  assetKind!: AssetKind;

  @PrimaryColumn('text', { name: 'asset_code' })
  assetCode!: string;

  @Column('text', { name: 'site_id', nullable: true })
  siteId!: string | null;

  /** WGS-84 degrees. */
  @Column('double precision', { nullable: true })
  longitude!: number | null;

  /** WGS-84 degrees. */
  @Column('double precision', { nullable: true })
  latitude!: number | null;

  @Column('double precision', { name: 'speed_mps', nullable: true })
  speedMps!: number | null;

  /** From true north, clockwise. */
  @Column('double precision', { name: 'course_deg', nullable: true })
  courseDeg!: number | null;

  @Column({ type: 'timestamptz', name: 'position_at', precision: 3, nullable: true })
  positionAt!: Date | null;

  /** Empty before the first fix or placement. */
  @Column('jsonb', { name: 'fence_state', default: {} })
  fenceState!: AssetFenceState | Record<string, never>;

  @Column({ type: 'timestamptz', name: 'fence_at', precision: 3, nullable: true })
  fenceAt!: Date | null;

  /** The zones that it is in. */
  @Column('text', { name: 'zone_ids', array: true, default: [] })
  zoneIds!: readonly string[];

  @Column('uuid', { name: 'last_event_id', nullable: true })
  lastEventId!: string | null;

  @Column('text', { name: 'last_event_kind', nullable: true })
  lastEventKind!: string | null;

  @Column({ type: 'timestamptz', name: 'last_event_at', precision: 3, nullable: true })
  lastEventAt!: Date | null;

  /** The newest of the instants above: what a company's window is held against. */
  @Column({ type: 'timestamptz', name: 'known_at', precision: 3 })
  knownAt!: Date;
}
