import type { QueryUnresolvedObservationsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { allForEach, oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface UnresolvedObservationRow {
  readonly siteId: string;
  readonly uuid: string;
  readonly reason: 'TAG_WITHOUT_BINDING' | 'CHECK_DIGIT' | 'NOT_A_CONTAINER_NUMBER';
  readonly seen: string;
  readonly occurredAt: Date;
  readonly laneId: string | null;
  readonly deviceCode: string;
  readonly passId: string | null;
  readonly proposals: readonly { readonly containerNumber: string; readonly because: readonly string[] }[];
  readonly state: 'OPEN' | 'RESOLVED' | 'DISMISSED';
  readonly chosenContainer: string | null;
  readonly resolvedAt: Date | null;
}

/** Of `unresolved_observation u`. */
export const UNRESOLVED_COLUMNS: Columns<UnresolvedObservationRow> = {
  siteId: 'u.site_id',
  uuid: 'u.id',
  reason: 'u.reason',
  seen: 'u.seen',
  occurredAt: 'u.occurred_at',
  laneId: 'u.lane_id',
  deviceCode: 'u.device_id',
  passId: 'u.pass_id',
  proposals: 'u.proposals',
  state: 'u.state',
  chosenContainer: 'u.chosen_container',
  resolvedAt: 'u.resolved_at',
};

const UNRESOLVED_KEY = { at: 'u.occurred_at', id: 'u.id', idType: 'uuid' } as const;

export async function unresolvedPage(
  { reader }: RequestContext,
  { site, state, ...page }: QueryUnresolvedObservationsArgs,
): Promise<Connection<UnresolvedObservationRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.unresolvedObservations', null, { site, state });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = [`u.site_id = ANY (${bind(reader.sites(site))}::text[])`];
  if (state) conditions.push(`u.state = ${bind(state)}`);
  const rows = await reader.query<UnresolvedObservationRow>(
    `SELECT ${selectList(UNRESOLVED_COLUMNS)} FROM unresolved_observation u
     WHERE ${conditions.join(' AND ')} ${behind(list.after(page.after), 'NEWEST_FIRST', UNRESOLVED_KEY, bind)}
     ORDER BY u.occurred_at DESC, u.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.occurredAt, id: row.uuid }));
}

/** By (site, id). */
export const UNRESOLVED_BY_KEY: Batch<readonly [string, string], UnresolvedObservationRow | null> = {
  name: 'unresolved observation by key',
  async load(reader, keys) {
    const rows = await reader.query<UnresolvedObservationRow>(
      `SELECT ${selectList(UNRESOLVED_COLUMNS)} FROM unnest($1::text[], $2::uuid[]) AS asked(site, id)
       JOIN unresolved_observation u ON u.site_id = asked.site AND u.id = asked.id`,
      [keys.map(([site]) => site), keys.map(([, id]) => id)],
    );
    return oneForEach(keys, rows, (row) => [row.siteId, row.uuid]);
  },
};

/** By (site, pass). */
export const UNRESOLVED_OF_PASS: Batch<readonly [string, string], readonly UnresolvedObservationRow[]> = {
  name: 'unresolved observations of pass',
  async load(reader, keys) {
    const rows = await reader.query<UnresolvedObservationRow>(
      `SELECT ${selectList(UNRESOLVED_COLUMNS)} FROM unnest($1::text[], $2::uuid[]) AS asked(site, id)
       JOIN unresolved_observation u ON u.site_id = asked.site AND u.pass_id = asked.id ORDER BY u.occurred_at, u.id`,
      [keys.map(([site]) => site), keys.map(([, id]) => id)],
    );
    return allForEach(keys, rows, (row) => [row.siteId, row.passId ?? '']);
  },
};
