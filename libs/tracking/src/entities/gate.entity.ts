import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A group of lanes at one place of a terminal's edge. */
@Entity('gate')
export class GateEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text')
  name!: string;

  @Column('text', { name: 'name_zh' })
  nameZh!: string;

  @Column('text', { name: 'zone_id', nullable: true })
  zoneId!: string | null;
}
