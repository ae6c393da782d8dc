import type { QueryAlertsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface AlertRow {
  readonly siteId: string;
  readonly uuid: string;
  readonly kind: string;
  readonly severity: 'INFO' | 'WARNING' | 'CRITICAL';
  readonly state: 'OPEN' | 'ACKNOWLEDGED' | 'CLOSED';
  readonly raisedAt: Date;
  readonly laneId: string | null;
  readonly deviceCode: string | null;
  readonly passId: string | null;
  readonly unresolvedId: string | null;
  readonly details: unknown;
}

/** Of `alert a`. */
export const ALERT_COLUMNS: Columns<AlertRow> = {
  siteId: 'a.site_id',
  uuid: 'a.id',
  kind: 'a.kind',
  severity: 'a.severity',
  state: 'a.state',
  raisedAt: 'a.raised_at',
  laneId: 'a.lane_id',
  deviceCode: 'a.device_id',
  passId: 'a.pass_id',
  unresolvedId: 'a.unresolved_id',
  details: 'a.details',
};

const ALERT_KEY = { at: 'a.raised_at', id: 'a.id', idType: 'uuid' } as const;

export async function alertPage(
  { reader }: RequestContext,
  { site, state, ...page }: QueryAlertsArgs,
): Promise<Connection<AlertRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.alerts', null, { site, state });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = [`a.site_id = ANY (${bind(reader.sites(site))}::text[])`];
  if (state) conditions.push(`a.state = ${bind(state)}`);
  const rows = await reader.query<AlertRow>(
    `SELECT ${selectList(ALERT_COLUMNS)} FROM alert a
     WHERE ${conditions.join(' AND ')} ${behind(list.after(page.after), 'NEWEST_FIRST', ALERT_KEY, bind)}
     ORDER BY a.raised_at DESC, a.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.raisedAt, id: row.uuid }));
}

/** By (site, id). */
export const ALERT_BY_KEY: Batch<readonly [string, string], AlertRow | null> = {
  name: 'alert by key',
  async load(reader, keys) {
    const rows = await reader.query<AlertRow>(ALERTS_BY_KEYS, [keys.map(([site]) => site), keys.map(([, id]) => id)]);
    return oneForEach(keys, rows, (row) => [row.siteId, row.uuid]);
  },
};

/** $1 sites, $2 ids. */
export const ALERTS_BY_KEYS = `
SELECT ${selectList(ALERT_COLUMNS)} FROM unnest($1::text[], $2::uuid[]) AS asked(site, id)
JOIN alert a ON a.site_id = asked.site AND a.id = asked.id`;
