import type { LaneRow } from '../place/place-book.js';
import type { QueryRefusedInputsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type PageInfo } from '../shared/connection.js';
import { allForEach, oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface DeviceRow {
  readonly code: string;
  readonly siteId: string;
  readonly laneId: string | null;
  readonly gatewayCode: string;
  readonly state: 'CONNECTING' | 'OPEN' | 'WAITING' | 'STOPPED' | 'UNHEARD';
  readonly stateSince: Date;
  readonly reportedAt: Date;
  readonly lastFrameAt: Date | null;
  readonly frames: number;
  readonly rejected: number;
  readonly skippedBytes: number;
  readonly reconnects: number;
  readonly lastError: string | null;
}

export interface GatewayRow {
  readonly code: string;
  readonly siteId: string;
  readonly reportedAt: Date;
  readonly unsentItems: number;
  readonly oldestUnsentAt: Date | null;
  readonly spoolBytes: number;
  readonly spoolMaxBytes: number;
  readonly damagedRecords: number;
}

export interface RefusedInputRow {
  readonly key: string;
  readonly deviceCode: string;
  readonly receivedAt: Date;
  readonly reason: string;
  readonly detail: string | null;
  readonly hex: string | null;
}

/** A report holds instants as milliseconds since 1970. */
const instant = (json: string): string => `to_timestamp((${json})::double precision / 1000)`;
const number = (json: string): string => `COALESCE((${json})::double precision, 0)`;

/** Without a report for 30 s a device counts as unheard, whatever it said last. */
const UNHEARD = `d.reported_at < now() - interval '30 seconds'`;

/** Of `device_health d`; the report is a DeviceHealth of the uplink. */
export const DEVICE_COLUMNS: Columns<DeviceRow> = {
  code: 'd.device_id',
  siteId: 'd.site_id',
  laneId: 'd.lane_id',
  gatewayCode: 'd.gateway_id',
  state: `CASE WHEN ${UNHEARD} THEN 'UNHEARD' ELSE d.report->>'state' END`,
  stateSince: `CASE WHEN ${UNHEARD} THEN d.reported_at + interval '30 seconds' ELSE ${instant(`d.report->>'stateSince'`)} END`,
  reportedAt: 'd.reported_at',
  lastFrameAt: instant(`d.report->>'lastFrameAt'`),
  frames: number(`d.report->>'frames'`),
  rejected: number(`d.report->>'rejected'`),
  skippedBytes: number(`d.report->>'skippedBytes'`),
  reconnects: number(`d.report->>'reconnects'`),
  lastError: `d.report->>'lastError'`,
};

/** Of `gateway_health g`; the report is the spool of a HealthReport. */
export const GATEWAY_COLUMNS: Columns<GatewayRow> = {
  code: 'g.gateway_id',
  siteId: 'g.site_id',
  reportedAt: 'g.reported_at',
  unsentItems: number(`g.report->>'unsentItems'`),
  oldestUnsentAt: instant(`g.report->>'oldestUnsentAt'`),
  spoolBytes: number(`g.report->>'bytes'`),
  spoolMaxBytes: number(`g.report->>'maxBytes'`),
  damagedRecords: number(`g.report->>'damagedRecords'`),
};

/** Of `refused_input r`. */
export const REFUSED_INPUT_COLUMNS: Columns<RefusedInputRow> = {
  key: `concat_ws('/', r.device_id, r.boot, r.sequence, r.reason)`,
  deviceCode: 'r.device_id',
  receivedAt: 'r.received_at',
  reason: 'r.reason',
  detail: 'r.detail',
  hex: 'r.hex',
};

export function devicesOf({ reader }: RequestContext, site: string | null | undefined): Promise<DeviceRow[]> {
  return reader.query<DeviceRow>(
    `SELECT ${selectList(DEVICE_COLUMNS)} FROM device_health d WHERE d.site_id = ANY ($1::text[]) ORDER BY d.device_id`,
    [reader.sites(site)],
  );
}

export function gatewaysOf({ reader }: RequestContext, site: string | null | undefined): Promise<GatewayRow[]> {
  return reader.query<GatewayRow>(
    `SELECT ${selectList(GATEWAY_COLUMNS)} FROM gateway_health g WHERE g.site_id = ANY ($1::text[]) ORDER BY g.gateway_id`,
    [reader.sites(site)],
  );
}

export function devicesOfLane(context: RequestContext, lane: LaneRow): Promise<readonly DeviceRow[]> {
  return context.load(DEVICES_OF_LANE, lane.code);
}

const DEVICES_OF_LANE: Batch<string, readonly DeviceRow[]> = {
  name: 'devices of lane',
  async load(reader, keys) {
    const rows = await reader.query<DeviceRow>(
      `SELECT ${selectList(DEVICE_COLUMNS)} FROM device_health d WHERE d.lane_id = ANY ($1::text[]) ORDER BY d.device_id`,
      [keys],
    );
    return allForEach(keys, rows, (row) => row.laneId ?? '');
  },
};

export const DEVICE_BY_CODE: Batch<string, DeviceRow | null> = {
  name: 'device by code',
  async load(reader, keys) {
    const rows = await reader.query<DeviceRow>(
      `SELECT ${selectList(DEVICE_COLUMNS)} FROM device_health d WHERE d.device_id = ANY ($1::text[])`,
      [keys],
    );
    return oneForEach(keys, rows, (row) => row.code);
  },
};

export const GATEWAY_BY_CODE: Batch<string, GatewayRow | null> = {
  name: 'gateway by code',
  async load(reader, keys) {
    const rows = await reader.query<GatewayRow>(
      `SELECT ${selectList(GATEWAY_COLUMNS)} FROM gateway_health g WHERE g.gateway_id = ANY ($1::text[])`,
      [keys],
    );
    return oneForEach(keys, rows, (row) => row.code);
  },
};

export async function refusedInputPage(
  { reader }: RequestContext,
  { device, ...page }: QueryRefusedInputsArgs,
): Promise<{ readonly nodes: readonly RefusedInputRow[]; readonly pageInfo: PageInfo }> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.refusedInputs', null, { device });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const key = { at: 'r.received_at', id: REFUSED_INPUT_COLUMNS.key, idType: 'text' } as const;
  const conditions = [`r.site_id = ANY (${bind(reader.sites(null))}::text[])`];
  if (device) conditions.push(`r.device_id = ${bind(device)}`);
  const rows = await reader.query<RefusedInputRow>(
    `SELECT ${selectList(REFUSED_INPUT_COLUMNS)} FROM refused_input r
     WHERE ${conditions.join(' AND ')} ${behind(list.after(page.after, key.idType), 'NEWEST_FIRST', key, bind)}
     ORDER BY r.received_at DESC, ${key.id} LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.receivedAt, id: row.key }));
}
