import { DomainError } from '#libs/kernel';
import type { TrackingEventFilter } from '../schema.generated.js';
import { Binds } from '../shared/columns.js';
import type { Reader } from '../shared/reader.js';
import { conditions, IN_WINDOW } from './event-filter.js';
import { asSeenBy, EVENT_LIST, type TrackingEventRow } from './tracking-event.queries.js';

/** A place in the journal, in the order in which events became readable: all of an older transaction before all of a younger one. */
export interface JournalPlace {
  readonly xid: bigint;
  readonly position: bigint;
}

const MOST = 2n ** 63n - 1n;

export function journalCursor({ xid, position }: { readonly xid: string; readonly position: string }): string {
  return Buffer.from(`${xid}.${position}`).toString('base64url');
}

/** @throws DomainError INVALID_CURSOR */
export function placeOf(cursor: string): JournalPlace {
  const text = /^[\w-]{1,64}$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const [, xid, position] = /^(\d{1,20})\.(\d{1,20})$/.exec(text) ?? [];
  const place = { xid: BigInt(xid ?? 0), position: BigInt(position ?? 0) };
  if (xid === undefined || place.xid > MOST || place.position > MOST) {
    throw new DomainError('INVALID_CURSOR', {
      field: 'after',
      value: cursor.slice(0, 100),
      expected: 'the journalCursor of an event, or journalEnd',
    });
  }
  return place;
}

export function isBehind(row: TrackingEventRow, { xid, position }: JournalPlace): boolean {
  const [rowXid, rowPosition] = [BigInt(row.xid), BigInt(row.position)];
  return rowXid > xid || (rowXid === xid && rowPosition > position);
}

export interface JournalPage {
  readonly rows: readonly TrackingEventRow[];
  /** Everything up to here was looked at. */
  readonly end: JournalPlace;
  /** There may be more behind it already. */
  readonly isFull: boolean;
}

interface HorizonRow {
  readonly horizon: string;
}

/**
 * Events behind a place that the reader may see, in the journal's order; like every reader of the journal it stops at the oldest
 * transaction still in flight, so that none is skipped. Withdrawn ones are among them: this is what happened, not what stands.
 */
export async function journalPage(
  reader: Reader,
  after: JournalPlace,
  filter: TrackingEventFilter | null | undefined,
  size: number,
): Promise<JournalPage> {
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const behind = `(e.xid, e.position) > (${bind(String(after.xid))}::xid8, ${bind(String(after.position))}::bigint)
    AND e.xid < (SELECT xid FROM horizon) ${conditions(reader.visibility, { ...filter, includeWithdrawn: true }, binds)}`;
  const rows = await reader.query<TrackingEventRow & HorizonRow>(
    `WITH horizon AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid),
     e AS (${source(reader, behind, bind(size), bind)})
     SELECT (SELECT xid FROM horizon)::text AS horizon, ${EVENT_LIST}
     FROM (SELECT 1) AS one LEFT JOIN e ON true ORDER BY e.xid, e.position`,
    binds.values,
  );
  // Without events one row of nulls tells the horizon.
  const found = rows.filter(({ uuid }) => (uuid as string | null) !== null);
  const last = found.at(-1);
  const isFull = found.length === size;
  return {
    rows: found.map((row) => asSeenBy(reader.visibility, row)),
    end:
      isFull && last !== undefined
        ? { xid: BigInt(last.xid), position: BigInt(last.position) }
        : { xid: BigInt(rows[0]?.horizon ?? 0) - 1n, position: MOST },
    isFull,
  };
}

const IN_ORDER = 'ORDER BY e.xid, e.position';

/** A company's journal is that of its windows; the others' is read along the journal's own index. */
function source({ visibility }: Reader, behind: string, limit: string, bind: (value: unknown) => string): string {
  return visibility.scope === 'COMPANY'
    ? `SELECT DISTINCT ON (e.xid, e.position) e.* FROM company_window w
       JOIN tracking_event e ON e.asset_kind = 'CONTAINER' AND e.asset_code = w.container_number
         AND ${IN_WINDOW}
       WHERE w.organisation_id = ${bind(visibility.organisationId)} AND ${behind} ${IN_ORDER} LIMIT ${limit}`
    : `SELECT e.* FROM tracking_event e WHERE ${behind} ${IN_ORDER} LIMIT ${limit}`;
}

/** Where the journal ends: everything before it is readable by whoever may. */
export async function journalEnd(reader: Reader): Promise<string> {
  const [row] = await reader.query<HorizonRow>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon');
  return journalCursor({ xid: String(BigInt(row?.horizon ?? 0) - 1n), position: String(MOST) });
}
