import { Entity, PrimaryColumn } from 'typeorm';

/** A site that a terminal or customs office answers for. */
@Entity('organisation_site')
export class OrganisationSiteEntity {
  @PrimaryColumn('uuid', { name: 'organisation_id' })
  organisationId!: string;

  @PrimaryColumn('text', { name: 'site_id' })
  siteId!: string;
}
