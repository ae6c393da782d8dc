import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('lane')
@Unique('lane_gate_id_number_key', ['gateId', 'number'])
export class LaneEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text', { name: 'gate_id' })
  gateId!: string;

  /** As painted over the lane. */
  @Column('integer')
  number!: number;

  @Column('text')
  direction!: 'IN' | 'OUT' | 'REVERSIBLE';

  /** Where a pass of this lane places the truck and its boxes. */
  @Column('text', { name: 'zone_id', nullable: true })
  zoneId!: string | null;
}
