import type { QueryTruckVisitsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { allForEach, oneForEach } from '../shared/grouped.js';
import { checkPeriod, within } from '../shared/period.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface TruckVisitRow {
  readonly siteId: string;
  readonly uuid: string;
  readonly truckPlate: string;
  readonly chassisPlate: string | null;
  readonly driverUuid: string | null;
  readonly state: 'OPEN' | 'CLOSED';
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

export interface VisitTransactionRow {
  readonly siteId: string;
  readonly visitId: string;
  readonly passId: string;
  readonly kind: 'DELIVER' | 'RECEIVE';
  readonly containerNumber: string;
  readonly fullness: 'LADEN' | 'EMPTY' | null;
  readonly position: 'FRONT' | 'MIDDLE' | 'REAR' | null;
  readonly occurredAt: Date;
}

/** Of `truck_visit v`. */
export const VISIT_COLUMNS: Columns<TruckVisitRow> = {
  siteId: 'v.site_id',
  uuid: 'v.id',
  truckPlate: 'v.truck_plate',
  chassisPlate: 'v.chassis_plate',
  driverUuid: 'v.driver_id',
  state: 'v.state',
  openedAt: 'v.opened_at',
  closedAt: 'v.closed_at',
};

/** Of `visit_transaction t`. */
export const TRANSACTION_COLUMNS: Columns<VisitTransactionRow> = {
  siteId: 't.site_id',
  visitId: 't.visit_id',
  passId: 't.pass_id',
  kind: 't.kind',
  containerNumber: 't.container_number',
  fullness: 't.fullness',
  position: 't.box_position',
  occurredAt: 't.occurred_at',
};

const VISIT_KEY = { at: 'v.opened_at', id: 'v.id', idType: 'uuid' } as const;

export async function visitPage(
  { reader }: RequestContext,
  { site, truck, state, longerThan, period, ...page }: QueryTruckVisitsArgs,
): Promise<Connection<TruckVisitRow>> {
  checkPageSize(page.first);
  checkPeriod(period, 'period');
  const list = new KeysetList('Query.truckVisits', null, { site, truck, state, longerThan, period });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = [`v.site_id = ANY (${bind(reader.sites(site))}::text[])`];
  if (truck) conditions.push(`v.truck_plate = ${bind(truck)}`);
  if (state) conditions.push(`v.state = ${bind(state)}`);
  if (longerThan !== null && longerThan !== undefined) {
    conditions.push(`coalesce(v.closed_at, now()) - v.opened_at >= ${bind(longerThan)} * interval '1 millisecond'`);
  }
  conditions.push(...within(period, 'v.opened_at', bind));
  const rows = await reader.query<TruckVisitRow>(
    `SELECT ${selectList(VISIT_COLUMNS)} FROM truck_visit v
     WHERE ${conditions.join(' AND ')} ${behind(list.after(page.after), 'NEWEST_FIRST', VISIT_KEY, bind)}
     ORDER BY v.opened_at DESC, v.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.openedAt, id: row.uuid }));
}

/** By (site, id). */
export const VISIT_BY_KEY: Batch<readonly [string, string], TruckVisitRow | null> = {
  name: 'visit by key',
  async load(reader, keys) {
    const rows = await reader.query<TruckVisitRow>(
      `SELECT ${selectList(VISIT_COLUMNS)} FROM unnest($1::text[], $2::uuid[]) AS asked(site, id)
       JOIN truck_visit v ON v.site_id = asked.site AND v.id = asked.id`,
      [keys.map(([site]) => site), keys.map(([, id]) => id)],
    );
    return oneForEach(keys, rows, (row) => [row.siteId, row.uuid]);
  },
};

/** By (site, visit), oldest first. */
export const TRANSACTIONS_OF_VISIT: Batch<readonly [string, string], readonly VisitTransactionRow[]> = {
  name: 'transactions of visit',
  async load(reader, keys) {
    const rows = await reader.query<VisitTransactionRow>(
      `SELECT ${selectList(TRANSACTION_COLUMNS)} FROM unnest($1::text[], $2::uuid[]) AS asked(site, id)
       JOIN visit_transaction t ON t.site_id = asked.site AND t.visit_id = asked.id ORDER BY t.occurred_at, t.id`,
      [keys.map(([site]) => site), keys.map(([, id]) => id)],
    );
    return allForEach(keys, rows, (row) => [row.siteId, row.visitId]);
  },
};
