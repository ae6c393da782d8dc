import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A terminal. */
@Entity('site')
export class SiteEntity {
  @PrimaryColumn('text')
  id!: string;

  /** UN/LOCODE of its port, without the space: `CNNBO`. */
  @Column('text', { name: 'un_locode' })
  unLocode!: string;

  /** Of the SMDG terminal code list, unique within the port. */
  @Column('text', { name: 'smdg_code' })
  smdgCode!: string;

  @Column('text')
  name!: string;

  @Column('text', { name: 'name_zh' })
  nameZh!: string;

  /** WGS-84 degrees. */
  @Column('double precision')
  longitude!: number;

  /** WGS-84 degrees. */
  @Column('double precision')
  latitude!: number;
}
