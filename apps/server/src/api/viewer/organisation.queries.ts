import type { OrganisationKind } from '#libs/identity';
import { selectList, type Columns } from '../shared/columns.js';
import { oneForEach } from '../shared/grouped.js';
import type { Batch } from '../shared/request-context.js';

export interface OrganisationRow {
  readonly uuid: string;
  readonly kind: OrganisationKind;
  readonly name: string;
  readonly nameZh: string;
}

/** Of `organisation o`. */
export const ORGANISATION_COLUMNS: Columns<OrganisationRow> = {
  uuid: 'o.id',
  kind: 'o.kind',
  name: 'o.name',
  nameZh: 'o.name_zh',
};

/** One's own organisation, and the parties of the shipments that one may see. */
export const ORGANISATION_BY_ID: Batch<string, OrganisationRow | null> = {
  name: 'organisation by id',
  async load(reader, keys) {
    const rows = await reader.query<OrganisationRow>(
      `SELECT ${selectList(ORGANISATION_COLUMNS)} FROM organisation o
       WHERE o.id = ANY ($1::uuid[])
         AND (o.id = $2 OR EXISTS (SELECT 1 FROM shipment_party p WHERE p.organisation_id = o.id))`,
      [keys, reader.principal.organisationId],
    );
    return oneForEach(keys, rows, (row) => row.uuid);
  },
};
