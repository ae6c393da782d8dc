import type { ShipmentChangeKind } from '#libs/shipments';
import { selectList, type Columns } from '../shared/columns.js';
import { allForEach } from '../shared/grouped.js';
import type { Batch } from '../shared/request-context.js';

export interface ShipmentChangeRow {
  readonly shipmentId: string;
  readonly kind: ShipmentChangeKind;
  readonly at: Date;
  readonly actorId: string;
  readonly organisationId: string;
  readonly details: unknown;
}

/** Of `shipment_change c`. */
export const CHANGE_COLUMNS: Columns<ShipmentChangeRow> = {
  shipmentId: 'c.shipment_id',
  kind: 'c.kind',
  at: 'c.at',
  actorId: 'c.actor_id',
  organisationId: 'c.organisation_id',
  details: 'c.details',
};

const MOST = 200;

/** Newest first. */
export const HISTORY_OF_SHIPMENT: Batch<string, readonly ShipmentChangeRow[]> = {
  name: 'history of shipment',
  async load(reader, keys) {
    const rows = await reader.query<ShipmentChangeRow>(
      `SELECT row.* FROM unnest($1::uuid[]) WITH ORDINALITY AS parent(key, at) CROSS JOIN LATERAL (
         SELECT ${selectList(CHANGE_COLUMNS)} FROM shipment_change c WHERE c.shipment_id = parent.key
         ORDER BY c.at DESC, c.id DESC LIMIT ${MOST}) AS row ORDER BY parent.at`,
      [keys],
    );
    return allForEach(keys, rows, (row) => row.shipmentId);
  },
};
