import { normaliseContainerNumber, normaliseLicencePlate, normaliseSealNumber } from '#libs/identifiers';
import type { Direction, DirectionSource, PassOutcome } from '#libs/lane';
import { shipmentsNumbered } from '#libs/shipments';
import type { LaneRow } from '../place/place-book.js';
import type { GatePassFilter } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import {
  behind,
  checkPageSize,
  KeysetList,
  type Connection,
  type Keyset,
  type PageArgs,
} from '../shared/connection.js';
import { allForEach, oneForEach } from '../shared/grouped.js';
import { within } from '../shared/period.js';
import type { Batch, RequestContext } from '../shared/request-context.js';
import { beginsWith } from '../shared/text-filter.js';
import { checkFilter } from '../tracking-event/event-filter.js';

export interface GatePassRow {
  readonly siteId: string;
  readonly uuid: string;
  readonly gateId: string | null;
  readonly laneId: string;
  readonly direction: Direction;
  readonly directionSource: DirectionSource;
  readonly outcome: PassOutcome;
  readonly source: 'READERS' | 'HAND';
  readonly occurredAt: Date;
  readonly closedAt: Date;
  readonly recordedAt: Date;
  readonly truckPlate: string | null;
  readonly containerNumbers: readonly string[];
  readonly sealNumbers: readonly string[];
  readonly visitId: string | null;
  readonly decision: unknown;
  readonly exceptions: readonly string[];
  readonly evidence: unknown;
  readonly reason: string | null;
}

/** Of `gate_pass p`. */
export const PASS_COLUMNS: Columns<GatePassRow> = {
  siteId: 'p.site_id',
  uuid: 'p.id',
  gateId: 'p.gate_id',
  laneId: 'p.lane_id',
  direction: 'p.direction',
  directionSource: 'p.direction_source',
  outcome: 'p.outcome',
  source: 'p.source',
  occurredAt: 'p.occurred_at',
  closedAt: 'p.closed_at',
  recordedAt: 'p.recorded_at',
  truckPlate: 'p.truck_plate',
  containerNumbers: 'p.container_numbers',
  sealNumbers: `ARRAY(SELECT q.seal_number FROM pass_seal q WHERE q.site_id = p.site_id AND q.pass_id = p.id ORDER BY 1)`,
  visitId: 'p.visit_id',
  decision: 'p.decision',
  exceptions: 'p.exceptions',
  evidence: 'p.evidence',
  reason: 'p.reason',
};

const PASS_LIST = selectList(PASS_COLUMNS);

/** Of `gate_pass p`: with a box of which the condition on `pass_container c` holds. */
const hasBox = (condition: string): string => `(p.occurred_at, p.id) IN (
  SELECT c.occurred_at, c.pass_id FROM pass_container c WHERE c.site_id = own.site AND ${condition})`;
/** With a box in its time under one of the shipments. */
const hasBoxUnder = (ids: string): string => `(p.occurred_at, p.id) IN (
  SELECT c.occurred_at, c.pass_id FROM company_window v
  JOIN pass_container c ON c.container_number = v.container_number
    AND c.occurred_at >= v.valid_from AND (v.valid_to IS NULL OR c.occurred_at < v.valid_to)
  WHERE v.shipment_id IN (${ids}) AND c.site_id = own.site)`;
const NEWEST_FIRST = 'ORDER BY p.occurred_at DESC, p.id';
const PASS_KEY = { at: 'p.occurred_at', id: 'p.id', idType: 'uuid' } as const;
const keysetOf = (row: GatePassRow): Keyset => ({ at: row.occurredAt, id: row.uuid });

export async function passPage(
  { reader, places }: RequestContext,
  filter: GatePassFilter | null | undefined,
  args: PageArgs,
): Promise<Connection<GatePassRow>> {
  checkPageSize(args.first);
  await checkFilter(places, filter, 'filter');
  const list = new KeysetList('Query.passes', null, filter);
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = conditionsOf(filter, bind);
  const where = `${conditions.map((condition) => `AND ${condition}`).join(' ')} ${behind(list.after(args.after), 'NEWEST_FIRST', PASS_KEY, bind)}`;
  const limit = `LIMIT ${bind(args.first + 1)}`;
  const rows = await reader.query<GatePassRow>(
    `SELECT ${PASS_LIST} FROM unnest(${bind(reader.sites(filter?.site))}::text[]) AS own(site) CROSS JOIN LATERAL (
       SELECT p.* FROM gate_pass p WHERE p.site_id = own.site ${where} ${NEWEST_FIRST} ${limit}) p
     ${NEWEST_FIRST} ${limit}`,
    binds.values,
  );
  return list.page(rows, args.first, keysetOf);
}

function conditionsOf(filter: GatePassFilter | null | undefined, bind: (value: unknown) => string): readonly string[] {
  const all = [...within(filter?.period, 'p.occurred_at', bind)];
  if (filter?.gate) all.push(`p.gate_id = ${bind(filter.gate)}`);
  if (filter?.lane) all.push(`p.lane_id = ${bind(filter.lane)}`);
  if (filter?.zone) all.push(`p.lane_id IN (SELECT id FROM lane WHERE zone_id = ${bind(filter.zone)})`);
  if (filter?.truck) all.push(`p.truck_plate = ${bind(filter.truck)}`);
  if (filter?.container) all.push(hasBox(`c.container_number = ${bind(filter.container)}`));
  if (filter?.direction) all.push(`p.direction = ${bind(filter.direction)}`);
  if (filter?.outcomes) all.push(`p.outcome = ANY (${bind(filter.outcomes)}::text[])`);
  if (filter?.exceptionsOnly) all.push(`cardinality(p.exceptions) > 0`);
  if (filter?.booking) all.push(hasBoxUnder(shipmentsNumbered('BOOKING', bind(filter.booking))));
  if (filter?.bill) all.push(hasBoxUnder(shipmentsNumbered('BILL', bind(filter.bill))));
  if (filter?.seal) {
    const number = bind(normaliseSealNumber(filter.seal));
    all.push(`(p.occurred_at, p.id) IN (
      SELECT q.occurred_at, q.pass_id FROM pass_seal q WHERE q.site_id = own.site AND q.seal_number = ${number})`);
  }
  if (filter?.text) {
    const box = hasBox(beginsWith('c.container_number', normaliseContainerNumber(filter.text), bind));
    all.push(`(${beginsWith('p.truck_plate', normaliseLicencePlate(filter.text), bind)} OR ${box})`);
  }
  return all;
}

/** A lane's passes; the pages of several lanes are read together. */
export async function lanePasses(
  context: RequestContext,
  lane: LaneRow,
  args: PageArgs,
): Promise<Connection<GatePassRow>> {
  checkPageSize(args.first);
  const list = new KeysetList('Lane.passes', lane.code, null);
  const after = list.after(args.after);
  const batch: Batch<string, readonly GatePassRow[]> = {
    name: `Lane.passes ${JSON.stringify(args)}`,
    async load(reader, keys) {
      const binds = new Binds();
      const bind = (value: unknown): string => binds.bind(value);
      const rows = await reader.query<GatePassRow>(
        `SELECT ${PASS_LIST} FROM unnest(${bind(keys)}::text[]) AS parent(key) CROSS JOIN LATERAL (
           SELECT p.* FROM gate_pass p WHERE p.lane_id = parent.key ${behind(after, 'NEWEST_FIRST', PASS_KEY, bind)}
           ${NEWEST_FIRST} LIMIT ${bind(args.first + 1)}) p
         ${NEWEST_FIRST}`,
        binds.values,
      );
      return allForEach(keys, rows, (row) => row.laneId);
    },
  };
  return list.page(await context.load(batch, lane.code), args.first, keysetOf);
}

/** By (site, id). */
export const PASS_BY_KEY: Batch<readonly [string, string], GatePassRow | null> = {
  name: 'pass by key',
  async load(reader, keys) {
    const rows = await reader.query<GatePassRow>(PASSES_BY_KEYS, [
      keys.map(([site]) => site),
      keys.map(([, id]) => id),
    ]);
    return oneForEach(keys, rows, (row) => [row.siteId, row.uuid]);
  },
};

/** $1 sites, $2 ids. */
export const PASSES_BY_KEYS = `
SELECT ${PASS_LIST} FROM unnest($1::text[], $2::uuid[]) AS asked(site, id)
JOIN gate_pass p ON p.site_id = asked.site AND p.id = asked.id`;

/** Oldest first. */
export const PASSES_OF_VISIT: Batch<string, readonly GatePassRow[]> = {
  name: 'passes of visit',
  async load(reader, keys) {
    const rows = await reader.query<GatePassRow>(
      `SELECT ${PASS_LIST} FROM gate_pass p WHERE p.visit_id = ANY ($1::uuid[]) ORDER BY p.occurred_at, p.id`,
      [keys],
    );
    return allForEach(keys, rows, (row) => row.visitId ?? '');
  },
};
