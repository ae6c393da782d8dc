import type { TargetState } from '#libs/targeting';
import type { QueryInspectionTargetsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface InspectionTargetRow {
  readonly targetId: string;
  readonly containerNumber: string;
  readonly siteId: string;
  readonly state: TargetState;
  readonly caseNumber: string;
  readonly reason: string;
  readonly selectedAt: Date;
  readonly notifiedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Of `inspection_target t`. */
export const INSPECTION_TARGET_COLUMNS: Columns<InspectionTargetRow> = {
  targetId: 't.id',
  containerNumber: 't.container_number',
  siteId: 't.site_id',
  state: 't.state',
  caseNumber: 't.case_number',
  reason: 't.reason',
  selectedAt: 't.selected_at',
  notifiedAt: 't.notified_at',
  endedAt: 't.ended_at',
};

const TARGETS = `SELECT ${selectList(INSPECTION_TARGET_COLUMNS)} FROM inspection_target t`;
const KEY = { at: 't.selected_at', id: 't.id', idType: 'uuid' } as const;

export async function inspectionTargetPage(
  { reader }: RequestContext,
  { container, state, ...page }: QueryInspectionTargetsArgs,
): Promise<Connection<InspectionTargetRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.inspectionTargets', null, { container, state });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = [`t.site_id = ANY (${bind(reader.sites(null))}::text[])`];
  if (container) conditions.push(`t.container_number = ${bind(container)}`);
  if (state) conditions.push(`t.state = ${bind(state)}`);
  const rows = await reader.query<InspectionTargetRow>(
    `${TARGETS} WHERE ${conditions.join(' AND ')} ${behind(list.after(page.after), 'NEWEST_FIRST', KEY, bind)}
     ORDER BY t.selected_at DESC, t.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.selectedAt, id: row.targetId }));
}

export const INSPECTION_TARGET_BY_ID: Batch<string, InspectionTargetRow | null> = {
  name: 'inspection target by id',
  async load(reader, keys) {
    const rows = await reader.query<InspectionTargetRow>(`${TARGETS} WHERE t.id = ANY ($1::uuid[])`, [keys]);
    return oneForEach(keys, rows, (row) => row.targetId);
  },
};
