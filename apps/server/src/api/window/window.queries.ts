import type { Sight } from '#libs/shipments';
import type { QueryWindowsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface WindowGrantRow {
  readonly uuid: string;
  readonly shipmentId: string;
  readonly container: string | null;
  readonly grantorId: string;
  readonly granteeId: string;
  readonly seenAs: Sight;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly grantedAt: Date;
  readonly granterId: string;
  readonly withdrawnAt: Date | null;
  readonly withdrawerId: string | null;
}

/** Of `window_grant g`. */
export const GRANT_COLUMNS: Columns<WindowGrantRow> = {
  uuid: 'g.id',
  shipmentId: 'g.shipment_id',
  container: 'g.container_number',
  grantorId: 'g.grantor_id',
  granteeId: 'g.grantee_id',
  seenAs: 'g.seen_as',
  validFrom: 'g.valid_from',
  validTo: 'g.valid_to',
  grantedAt: 'g.granted_at',
  granterId: 'g.granted_by',
  withdrawnAt: 'g.withdrawn_at',
  withdrawerId: 'g.withdrawn_by',
};

export const COLUMN_OF = { GIVEN: 'g.grantor_id', RECEIVED: 'g.grantee_id' } as const;

export async function grantPage(
  { reader }: RequestContext,
  { direction, ...page }: QueryWindowsArgs,
): Promise<Connection<WindowGrantRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.windows', null, { direction });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const own = bind(reader.principal.organisationId);
  const whose = direction ? `${COLUMN_OF[direction]} = ${own}` : `${own} IN (g.grantor_id, g.grantee_id)`;
  const key = { at: 'g.granted_at', id: 'g.id', idType: 'uuid' } as const;
  const rows = await reader.query<WindowGrantRow>(
    `SELECT ${selectList(GRANT_COLUMNS)} FROM window_grant g
     WHERE ${whose} ${behind(list.after(page.after), 'NEWEST_FIRST', key, bind)}
     ORDER BY g.granted_at DESC, g.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.grantedAt, id: row.uuid }));
}

export const GRANT_BY_ID: Batch<string, WindowGrantRow | null> = {
  name: 'window grant by id',
  async load(reader, keys) {
    const rows = await reader.query<WindowGrantRow>(
      `SELECT ${selectList(GRANT_COLUMNS)} FROM window_grant g WHERE g.id = ANY ($1::uuid[])`,
      [keys],
    );
    return oneForEach(keys, rows, (row) => row.uuid);
  },
};
