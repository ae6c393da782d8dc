import type { AssetKind, EventKind, EventSource } from '#libs/journal';
import { windowRelation, type Visibility } from '#libs/persistence';
import { shipmentsNumbered } from '#libs/shipments';
import type { GraphQLResolveInfo } from 'graphql';
import type { ContainerEventsArgs, TrackingEventFilter } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import {
  behind,
  checkPageSize,
  KeysetList,
  MAX_PAGE,
  type Connection,
  type Keyset,
  type PageArgs,
} from '../shared/connection.js';
import { domainBatch, type QuestionBatch } from '../shared/domain-batch.js';
import { allForEach, oneForEach } from '../shared/grouped.js';
import { nodeFieldsOf } from '../shared/look-ahead.js';
import type { Reader } from '../shared/reader.js';
import type { Batch, RequestContext } from '../shared/request-context.js';
import { checkFilter, conditions, IN_WINDOW, KINDS_THAT_TELL_THE_TRUCK, sightOf, STANDS } from './event-filter.js';

export interface AssetRow {
  readonly kind: AssetKind;
  readonly code: string;
}

export interface TrackingEventRow {
  readonly siteId: string;
  readonly uuid: string;
  readonly kind: EventKind;
  readonly assetKind: AssetKind;
  readonly assetCode: string;
  readonly containerNumber: string | null;
  readonly truckPlate: string | null;
  readonly gateId: string | null;
  readonly laneId: string | null;
  readonly zoneId: string | null;
  readonly passId: string | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly recordedAt: Date;
  readonly source: EventSource;
  readonly late: boolean;
  readonly stands: boolean;
  readonly withdrawsUuid: string | null;
  readonly hash: string;
  readonly payload: unknown;
  /** Its place in the journal: 64 bits each, as decimal text. */
  readonly xid: string;
  readonly position: string;
}

/** Of `tracking_event e`. */
export const EVENT_COLUMNS: Columns<TrackingEventRow> = {
  siteId: 'e.site_id',
  uuid: 'e.id',
  kind: 'e.kind',
  assetKind: 'e.asset_kind',
  assetCode: 'e.asset_code',
  containerNumber: 'e.container_number',
  truckPlate: 'e.truck_plate',
  gateId: 'e.gate_id',
  laneId: 'e.lane_id',
  zoneId: 'e.zone_id',
  passId: 'e.pass_id',
  occurredAt: 'e.occurred_at',
  receivedAt: 'e.received_at',
  recordedAt: 'e.recorded_at',
  source: 'e.source',
  late: 'e.late',
  stands: STANDS,
  withdrawsUuid: 'e.withdraws',
  hash: `encode(e.hash, 'hex')`,
  payload: 'e.payload',
  xid: 'e.xid::text',
  position: 'e.position::text',
};

export const EVENT_LIST = selectList(EVENT_COLUMNS);

/** What a filter asked of each row already is not asked again. */
const STANDING_EVENT_COLUMNS: Columns<TrackingEventRow> = { ...EVENT_COLUMNS, stands: 'true' };

/** Columns that one field alone shows, by that field: wide, made for the answer, or seldom asked for. */
const COLUMNS_OF_ONE_FIELD: Readonly<Record<string, readonly (keyof TrackingEventRow)[]>> = {
  hash: ['hash'],
  payload: ['payload'],
  journalCursor: ['xid', 'position'],
  receivedAt: ['receivedAt'],
  recordedAt: ['recordedAt'],
  stands: ['stands'],
  withdraws: ['withdrawsUuid'],
};

/** @param asked fields of the events that are asked for; null for all */
function eventList(filter: TrackingEventFilter | null | undefined, asked: ReadonlySet<string> | null = null): string {
  const columns = { ...(filter?.includeWithdrawn ? EVENT_COLUMNS : STANDING_EVENT_COLUMNS) };
  if (asked === null) return selectList(columns);
  const unasked = Object.entries(COLUMNS_OF_ONE_FIELD).filter(([field]) => !asked.has(field));
  return selectList({
    ...columns,
    ...Object.fromEntries(unasked.flatMap(([, own]) => own.map((one) => [one, 'NULL']))),
  });
}

const EVENT_INSTANTS = ['occurredAt', 'receivedAt', 'recordedAt'] as const;

/** What of a payload speaks of the event's own box and of nobody else. */
const PAYLOAD_FOR_COMPANIES: ReadonlySet<string> = new Set([
  'direction',
  'fullness',
  'position',
  'enteredAt',
  'exitedAt',
  'kind',
]);

/** An event as its reader may know it. Every way to an event leads through here. */
export function asSeenBy(visibility: Visibility, row: TrackingEventRow): TrackingEventRow {
  if (visibility.scope !== 'COMPANY') return row;
  return {
    ...row,
    passId: null,
    truckPlate: KINDS_THAT_TELL_THE_TRUCK.includes(row.kind) ? row.truckPlate : null,
    payload: Object.fromEntries(
      Object.entries((row.payload ?? {}) as Record<string, unknown>).filter(([field]) =>
        PAYLOAD_FOR_COMPANIES.has(field),
      ),
    ),
  };
}

async function events(reader: Reader, sql: string, values: readonly unknown[]): Promise<TrackingEventRow[]> {
  const rows = await reader.queryPrepared<TrackingEventRow>(sql, values);
  return rows.map((row) => asSeenBy(reader.visibility, row));
}

const NEWEST_FIRST = 'ORDER BY e.occurred_at DESC, e.id';
const EVENT_KEY = { at: 'e.occurred_at', id: 'e.id', idType: 'uuid' } as const;
const keysetOf = (row: TrackingEventRow): Keyset => ({ at: row.occurredAt, id: row.uuid });

/**
 * Newest page of what the reader may see. Each index leads to a few rows of each source (a window, a site), which are then merged:
 * a list over eleven terminals reads eleven short index ranges, however long the journal is.
 */
export async function eventPage(
  { reader, places }: RequestContext,
  filter: TrackingEventFilter | null | undefined,
  args: PageArgs,
  info: GraphQLResolveInfo,
): Promise<Connection<TrackingEventRow>> {
  checkPageSize(args.first);
  await checkFilter(places, filter, 'filter');
  const list = new KeysetList('Query.events', null, filter);
  const after = list.after(args.after);
  const asked = nodeFieldsOf(info, 'TrackingEvent');
  let rows: readonly TrackingEventRow[] = [];
  for (const since of looksBack(reader, filter, after)) {
    const binds = new Binds();
    const bind = (value: unknown): string => binds.bind(value);
    const where = `${conditions(reader.visibility, filter, binds)} ${behind(after, 'NEWEST_FIRST', EVENT_KEY, bind)}`;
    const limit = `LIMIT ${bind(args.first + 1)}`;
    const from = source(reader, filter, { where, limit, since, bind });
    rows = await events(
      reader,
      `SELECT DISTINCT ON (e.occurred_at, e.id) ${eventList(filter, asked)} FROM ${from} ${NEWEST_FIRST} ${limit}`,
      binds.values,
    );
    if (rows.length > args.first) break;
  }
  return list.page(rows, args.first, keysetOf);
}

const DAY_MS = 86_400_000;
const LOOKS_BACK_DAYS = [7, 90] as const;

/** One of these is borne by few events, to which an index leads. */
const isNarrow = (filter: TrackingEventFilter | null | undefined): boolean =>
  [filter?.container, filter?.truck, filter?.seal].some(Boolean);

/** Through which windows a page's events are looked for, as SQL; null: not through windows. */
function windowsOf(
  { visibility }: Reader,
  filter: TrackingEventFilter | null | undefined,
  bind: (value: unknown) => string,
): string | null {
  if (isNarrow(filter)) return null;
  const number = filter?.booking ?? filter?.bill;
  if (number) {
    const ids = shipmentsNumbered(filter?.booking ? 'BOOKING' : 'BILL', bind(number));
    return `SELECT * FROM company_window own WHERE own.shipment_id IN (${ids})`;
  }
  return visibility.scope === 'COMPANY'
    ? `SELECT * FROM company_window own WHERE own.organisation_id = ${bind(visibility.organisationId)}`
    : null;
}

/**
 * Since when a page's events are looked for, one look after the other until the page is full; null: since ever. A company has tens of
 * thousands of windows and its newest page lies in the last few: one look at all of them took six seconds, one week's takes 0.2.
 */
function looksBack(
  { visibility }: Reader,
  filter: TrackingEventFilter | null | undefined,
  after: Keyset | null,
): readonly (Date | null)[] {
  if (visibility.scope !== 'COMPANY' || isNarrow(filter) || filter?.booking || filter?.bill) return [null];
  const ends = [after?.at, filter?.period?.to, new Date()].flatMap((end) => (end ? [end.getTime()] : []));
  const newest = Math.min(...ends);
  return [...LOOKS_BACK_DAYS.map((days) => new Date(newest - days * DAY_MS)), null];
}

function source(
  reader: Reader,
  filter: TrackingEventFilter | null | undefined,
  part: {
    readonly where: string;
    readonly limit: string;
    readonly since: Date | null;
    readonly bind: (value: unknown) => string;
  },
): string {
  const { where, limit, since, bind } = part;
  const windows = windowsOf(reader, filter, bind);
  if (windows !== null) {
    const recent = since === null ? '' : bind(since);
    return `(${windows} ${since === null ? '' : `AND COALESCE(own.valid_to, 'infinity') > ${recent}`}) w CROSS JOIN LATERAL (
      SELECT e.* FROM tracking_event e
      WHERE e.asset_kind = 'CONTAINER' AND e.asset_code = w.container_number
        AND ${IN_WINDOW} ${since === null ? '' : `AND e.occurred_at >= ${recent}`} ${where}
      ${NEWEST_FIRST} ${limit}) e`;
  }
  if (isNarrow(filter)) return `(SELECT e.* FROM tracking_event e WHERE true ${where} ${NEWEST_FIRST} ${limit}) e`;
  return `unnest(${bind(reader.sites(filter?.site))}::text[]) AS own(site) CROSS JOIN LATERAL (
    SELECT e.* FROM tracking_event e WHERE e.site_id = own.site ${where} ${NEWEST_FIRST} ${limit}) e`;
}

/** A container's events; the pages of several containers with the same arguments are read together. */
export function containerEvents(
  context: RequestContext,
  number: string,
  filter: TrackingEventFilter | null | undefined,
  args: PageArgs,
): Promise<Connection<TrackingEventRow>> {
  return parentEvents(context, OF_CONTAINER, number, filter, args);
}

/** Events of a shipment's boxes, each within its window under that shipment. */
export function shipmentEvents(
  context: RequestContext,
  shipmentId: string,
  args: PageArgs,
): Promise<Connection<TrackingEventRow>> {
  return parentEvents(context, OF_SHIPMENT, shipmentId, null, args);
}

/** Whose events: the list's name, the type of its keys, and the SQL of those of `parent.key`. */
interface EventParent {
  readonly list: string;
  readonly keyType: 'text' | 'uuid';
  readonly source: (visibility: Visibility) => {
    /** Joined behind the parents. */
    readonly join: string;
    readonly from: string;
    readonly where: string;
  };
}

const OF_CONTAINER: EventParent = {
  list: 'Container.events',
  keyType: 'text',
  source: (visibility) => {
    const { join, within } = sightOf(visibility, 'parent.key');
    return {
      join,
      from: 'tracking_event e',
      where: `e.asset_kind = 'CONTAINER' AND e.asset_code = parent.key ${within}`,
    };
  },
};

const OF_SHIPMENT: EventParent = {
  list: 'Shipment.events',
  keyType: 'uuid',
  source: (visibility) => ({
    join: '',
    from: `${windowRelation(visibility)} w
    JOIN tracking_event e ON e.asset_kind = 'CONTAINER' AND e.asset_code = w.container_number AND ${IN_WINDOW}`,
    where: 'w.shipment_id = parent.key',
  }),
};

type EventsBatch = QuestionBatch<string, readonly TrackingEventRow[]>;

/** @param after which of one parent's events the page goes on behind; null begins with the newest of each */
function eventsOf(
  { list, keyType, source }: EventParent,
  filter: TrackingEventFilter | null | undefined,
  args: PageArgs,
  after: Keyset | null,
): EventsBatch {
  return domainBatch<string, TrackingEventRow & { readonly parentKey: string }, readonly TrackingEventRow[]>(
    `${list} ${JSON.stringify([filter, args])}`,
    {
      keyTypes: [keyType],
      sql: ([keys], bind, visibility) => {
        const { join, from, where } = source(visibility);
        return `
SELECT parent.key::text AS "parentKey", ${eventList(filter)}
FROM unnest(${keys}) AS parent(key) ${join} CROSS JOIN LATERAL (
  SELECT DISTINCT ON (e.occurred_at, e.id) e.* FROM ${from}
  WHERE ${where} ${conditions(visibility, filter, { bind })} ${behind(after, 'NEWEST_FIRST', EVENT_KEY, bind)}
  ${NEWEST_FIRST} LIMIT ${bind(args.first + 1)}) e
${NEWEST_FIRST}`;
      },
      instants: EVENT_INSTANTS,
      answers: (keys, rows, visibility) =>
        allForEach(
          keys,
          rows.map((row) => ({ ...asSeenBy(visibility, row), parentKey: row.parentKey })),
          (row) => row.parentKey,
        ),
    },
  );
}

async function parentEvents(
  context: RequestContext,
  parent: EventParent,
  key: string,
  filter: TrackingEventFilter | null | undefined,
  args: PageArgs,
): Promise<Connection<TrackingEventRow>> {
  checkPageSize(args.first);
  await checkFilter(context.places, filter, 'filter');
  const list = new KeysetList(parent.list, key, filter);
  const rows = await context.load(eventsOf(parent, filter, args, list.after(args.after)), key);
  return list.page(rows, args.first, keysetOf);
}

/** First pages alone: a cursor is of one parent, whose key is not known ahead. */
function eventsAhead(
  parent: EventParent,
  { filter = null, ...page }: Partial<ContainerEventsArgs>,
): EventsBatch | null {
  const { first = 0, after } = page;
  if (first < 1 || first > MAX_PAGE || (after !== null && after !== undefined)) return null;
  return eventsOf(parent, filter, page as PageArgs, null);
}

export const containerEventsAhead = (args: object): EventsBatch | null => eventsAhead(OF_CONTAINER, args);
export const shipmentEventsAhead = (args: object): EventsBatch | null => eventsAhead(OF_SHIPMENT, args);

/** By (site, id). */
export const EVENT_BY_KEY = domainBatch<readonly [string, string], TrackingEventRow, TrackingEventRow | null>(
  'event by key',
  {
    keyTypes: ['text', 'uuid'],
    sql: ([sites, ids]) => eventsByKeys(sites ?? '', ids ?? ''),
    instants: EVENT_INSTANTS,
    answers: (keys, rows, visibility) =>
      oneForEach(
        keys,
        rows.map((row) => asSeenBy(visibility, row)),
        (row) => [row.siteId, row.uuid],
      ),
  },
);

const eventsByKeys = (sites: string, ids: string): string => `
SELECT ${EVENT_LIST} FROM unnest(${sites}, ${ids}) AS asked(site, id)
JOIN tracking_event e ON e.site_id = asked.site AND e.id = asked.id`;

/** $1 sites, $2 ids. */
export const EVENTS_BY_KEYS = eventsByKeys('$1::text[]', '$2::uuid[]');

/** Oldest first. */
export const EVENTS_OF_PASS: Batch<string, readonly TrackingEventRow[]> = {
  name: 'events of pass',
  async load(reader, keys) {
    const rows = await events(
      reader,
      `SELECT ${EVENT_LIST} FROM tracking_event e WHERE e.pass_id = ANY ($1::uuid[]) ORDER BY e.occurred_at, e.id`,
      [keys],
    );
    return allForEach(keys, rows, (row) => row.passId ?? '');
  },
};

/** Whether an event that the reader may see is among those that the filter finds; for what `matches` alone cannot tell. */
export async function isFound(
  reader: Reader,
  filter: TrackingEventFilter | null | undefined,
  { siteId, uuid }: Pick<TrackingEventRow, 'siteId' | 'uuid'>,
): Promise<boolean> {
  const binds = new Binds();
  const key = `e.site_id = ${binds.bind(siteId)} AND e.id = ${binds.bind(uuid)}`;
  const where = conditions(reader.visibility, { ...filter, includeWithdrawn: true }, binds);
  return (await reader.query(`SELECT 1 FROM tracking_event e WHERE ${key} ${where}`, binds.values)).length > 0;
}
