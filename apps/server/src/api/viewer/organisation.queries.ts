import type { OrganisationKind, OrganisationState } from '#libs/identity';
import { selectList, type Columns } from '../shared/columns.js';
import { oneForEach } from '../shared/grouped.js';
import type { Batch } from '../shared/request-context.js';

export interface OrganisationRow {
  readonly uuid: string;
  readonly kind: OrganisationKind;
  readonly name: string;
  readonly nameZh: string;
  readonly code: string;
  readonly creditCode: string | null;
  readonly state: OrganisationState;
  readonly stateSince: Date;
}

/** Of `organisation o`. */
export const ORGANISATION_COLUMNS: Columns<OrganisationRow> = {
  uuid: 'o.id',
  kind: 'o.kind',
  name: 'o.name',
  nameZh: 'o.name_zh',
  code: 'o.code',
  creditCode: 'o.credit_code',
  state: 'o.state',
  stateSince: 'o.state_since',
};

/** One's own organisation, and those with whom one shares a shipment or a window: its row-level policy says which. */
export const ORGANISATION_BY_ID: Batch<string, OrganisationRow | null> = {
  name: 'organisation by id',
  async load(reader, keys) {
    const rows = await reader.query<OrganisationRow>(
      `SELECT ${selectList(ORGANISATION_COLUMNS)} FROM organisation o WHERE o.id = ANY ($1::uuid[])`,
      [keys],
    );
    return oneForEach(keys, rows, (row) => row.uuid);
  },
};
