import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ZoneGeometry } from '#libs/geo';

export type ZoneKind = 'TERMINAL' | 'GATE' | 'YARD' | 'BERTH' | 'BONDED_AREA' | 'RAIL_STATION' | 'ROAD' | 'TRUCK_PARK';

/** A polygon or corridor with its fence policy. */
@Entity('zone')
export class ZoneEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text')
  kind!: ZoneKind;

  @Column('text')
  name!: string;

  @Column('text', { name: 'name_zh' })
  nameZh!: string;

  /** GeoJSON (RFC 7946), or our corridor and circle; WGS-84, `[longitude, latitude]`. */
  @Column('jsonb')
  geometry!: ZoneGeometry;

  /** How far beyond the edge a fix must be to count as the other side, metres. */
  @Column('double precision', { name: 'buffer_m' })
  bufferM!: number;

  /** How long the other side must last before it counts, milliseconds. */
  @Column('integer', { name: 'dwell_ms' })
  dwellMs!: number;
}
