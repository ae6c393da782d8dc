import type { EventKind } from '#libs/journal';
import { DomainError } from '#libs/kernel';
import type { Visibility } from '#libs/persistence';
import { SHIPMENTS_OF_CONTAINER as SHIPMENTS } from '#libs/shipments';
import type { GraphQLResolveInfo } from 'graphql';
import type { ZoneRow } from '../place/place-book.js';
import type { ContainerStatus } from '../schema.generated.js';
import { domainBatch } from '../shared/domain-batch.js';
import { oneForEach } from '../shared/grouped.js';
import { loadAhead, type AheadFields } from '../shared/look-ahead.js';
import type { RequestContext } from '../shared/request-context.js';
import { sightOf, type Sight } from '../tracking-event/event-filter.js';
import { containerEventsAhead } from '../tracking-event/tracking-event.queries.js';

export interface ContainerRow {
  readonly number: string;
  readonly sizeType: string | null;
}

export interface PlaceRow {
  readonly siteId: string | null;
  readonly zoneId: string | null;
  readonly longitude: number | null;
  readonly latitude: number | null;
  readonly at: Date;
}

/** What makes a box known to a reader; each is held by row-level security as well. */
const KNOWN_TO: Readonly<Record<Visibility['scope'], string>> = {
  // EXISTS would be joined, and all of the company's windows read: the view is a barrier to conditions of joins.
  COMPANY: `(SELECT true FROM own_window w WHERE w.container_number = asked.number LIMIT 1)`,
  TERMINAL: `EXISTS (SELECT 1 FROM tracking_event e WHERE e.asset_kind = 'CONTAINER' AND e.asset_code = asked.number)
    OR EXISTS (SELECT 1 FROM asset_state s WHERE s.asset_kind = 'CONTAINER' AND s.asset_code = asked.number)
    OR EXISTS (SELECT 1 FROM observation o WHERE o.asset_kind = 'CONTAINER' AND o.asset_code = asked.number)`,
  CUSTOMS: `EXISTS (SELECT 1 FROM tracking_event e WHERE e.asset_kind = 'CONTAINER' AND e.asset_code = asked.number)
    OR EXISTS (SELECT 1 FROM asset_state s WHERE s.asset_kind = 'CONTAINER' AND s.asset_code = asked.number)
    OR EXISTS (SELECT 1 FROM observation o WHERE o.asset_kind = 'CONTAINER' AND o.asset_code = asked.number)
    OR EXISTS (SELECT 1 FROM shipment_container c WHERE c.container_number = asked.number)`,
  DIRECTORY: 'false',
  PLATFORM: 'false',
  SYSTEM: 'false',
  AUDIT: 'false',
};

/** By number; null for a box of others and for one that does not exist. */
export const CONTAINER_BY_NUMBER = domainBatch<string, ContainerRow, ContainerRow | null>('container by number', {
  keyTypes: ['text'],
  sql: ([numbers], _bind, { scope }) => `
SELECT asked.number,
       (SELECT a.attributes->>'sizeType' FROM asset a WHERE a.kind = 'CONTAINER' AND a.code = asked.number) AS "sizeType"
FROM unnest(${numbers}) AS asked(number) WHERE ${KNOWN_TO[scope]}`,
  instants: [],
  answers: (numbers, rows) => oneForEach(numbers, rows, (row) => row.number),
});

/** @throws DomainError NOT_FOUND, the same for a box of others and for one that does not exist */
export async function containerByNumber(
  context: RequestContext,
  number: string,
  info: GraphQLResolveInfo,
): Promise<ContainerRow> {
  const row = await loadAhead(context, CONTAINER_BY_NUMBER, number, info, 'Container', CONTAINER_AHEAD);
  if (row === null) {
    throw new DomainError('NOT_FOUND', { field: 'number', value: number, expected: 'a container that you may see' });
  }
  return row;
}

interface WhereaboutsRow {
  readonly number: string;
  readonly seen: boolean;
  readonly decisiveKind: EventKind | null;
  readonly decisiveZoneKind: ZoneRow['kind'] | null;
  readonly stateAt: Date | null;
  readonly stateSiteId: string | null;
  readonly stateZoneIds: readonly string[] | null;
  readonly longitude: number | null;
  readonly latitude: number | null;
  readonly eventAt: Date | null;
  readonly eventKind: EventKind | null;
  readonly eventSiteId: string | null;
  readonly eventZoneId: string | null;
}

/** The newest standing fact of these kinds says where a box is; null: any zone. */
export const STATUS_BY_FACT: readonly {
  readonly kind: EventKind;
  readonly zoneKinds: readonly ZoneRow['kind'][] | null;
  readonly status: ContainerStatus;
}[] = [
  { kind: 'ContainerGatedIn', zoneKinds: null, status: 'IN_TERMINAL' },
  { kind: 'ContainerGatedOut', zoneKinds: null, status: 'OUT_OF_TERMINAL' },
  { kind: 'PassRefused', zoneKinds: null, status: 'REFUSED_AT_GATE' },
  { kind: 'ZoneEntered', zoneKinds: ['TERMINAL', 'YARD', 'BERTH'], status: 'IN_TERMINAL' },
  { kind: 'ZoneEntered', zoneKinds: ['TRUCK_PARK'], status: 'OUT_OF_TERMINAL' },
  { kind: 'ZoneExited', zoneKinds: ['TERMINAL'], status: 'OUT_OF_TERMINAL' },
];

/** Facts on which a status rests, as SQL over `tracking_event e` and `zone z`. */
const DECISIVE = STATUS_BY_FACT.map(({ kind, zoneKinds }) =>
  zoneKinds === null
    ? `e.kind = '${kind}'`
    : `(e.kind = '${kind}' AND z.kind IN (${zoneKinds.map((zone) => `'${zone}'`).join(',')}))`,
).join(' OR ');

const standing = ({
  within,
}: Sight): string => `e.asset_kind = 'CONTAINER' AND e.asset_code = asked.number ${within} AND e.kind <> 'EventWithdrawn'
  AND NOT EXISTS (SELECT 1 FROM tracking_event later WHERE later.withdraws = e.id)`;

/** Status and place of many boxes in one statement. */
const WHEREABOUTS = domainBatch<string, WhereaboutsRow, WhereaboutsRow | null>('whereabouts', {
  keyTypes: ['text'],
  sql: ([numbers], _bind, visibility) => {
    const sight = sightOf(visibility, 'asked.number');
    return `
SELECT asked.number, latest.occurred_at IS NOT NULL AS seen,
       decisive.kind AS "decisiveKind", decisive.zone_kind AS "decisiveZoneKind",
       s.known_at AS "stateAt", s.site_id AS "stateSiteId", s.zone_ids AS "stateZoneIds", s.longitude, s.latitude,
       latest.occurred_at AS "eventAt", latest.kind AS "eventKind", latest.site_id AS "eventSiteId",
       latest.zone_id AS "eventZoneId"
FROM unnest(${numbers}) AS asked(number) ${sight.join}
LEFT JOIN asset_state s ON s.asset_kind = 'CONTAINER' AND s.asset_code = asked.number
LEFT JOIN LATERAL (
  SELECT e.occurred_at, e.kind, e.site_id, e.zone_id FROM tracking_event e WHERE ${standing(sight)}
  ORDER BY e.occurred_at DESC, e.id LIMIT 1) latest ON true
LEFT JOIN LATERAL (
  -- mostly the newest is decisive, and then nothing is looked for behind it
  (SELECT e.kind, z.kind AS zone_kind FROM (SELECT latest.kind, latest.zone_id) e LEFT JOIN zone z ON z.id = e.zone_id
   WHERE ${DECISIVE})
  UNION ALL
  (SELECT e.kind, z.kind AS zone_kind FROM tracking_event e LEFT JOIN zone z ON z.id = e.zone_id
   WHERE ${standing(sight)} AND (${DECISIVE})
   ORDER BY e.occurred_at DESC, e.id LIMIT 1)
  LIMIT 1) decisive ON true`;
  },
  instants: ['stateAt', 'eventAt'],
  answers: (numbers, rows) => oneForEach(numbers, rows, (row) => row.number),
});

export const SHIPMENTS_OF_CONTAINER = domainBatch('shipments of container', SHIPMENTS);

const CONTAINER_KEY = ['number'] as const;

export const CONTAINER_AHEAD: AheadFields = {
  status: { keys: CONTAINER_KEY, batch: () => WHEREABOUTS },
  place: { keys: CONTAINER_KEY, batch: () => WHEREABOUTS },
  events: { keys: CONTAINER_KEY, batch: containerEventsAhead },
  shipments: { keys: CONTAINER_KEY, batch: () => SHIPMENTS_OF_CONTAINER },
};

export async function containerStatus(context: RequestContext, { number }: ContainerRow): Promise<ContainerStatus> {
  const row = await context.load(WHEREABOUTS, number);
  if (row === null || !row.seen) return 'NOT_SEEN';
  return statusOf(row.decisiveKind, row.decisiveZoneKind) ?? 'OUT_OF_TERMINAL';
}

function statusOf(kind: EventKind | null, zoneKind: ZoneRow['kind'] | null): ContainerStatus | undefined {
  return STATUS_BY_FACT.find(
    (fact) =>
      fact.kind === kind && (fact.zoneKinds === null || (zoneKind !== null && fact.zoneKinds.includes(zoneKind))),
  )?.status;
}

/** Behind these a box stands in the event's zone; the others name a zone that it left, or never came into. */
const KINDS_THAT_PLACE: readonly EventKind[] = ['ContainerGatedIn', 'ZoneEntered'];

/** The state of now where the reader may see it, or else the newest event that they may see. */
export async function containerPlace(context: RequestContext, { number }: ContainerRow): Promise<PlaceRow | null> {
  const row = await context.load(WHEREABOUTS, number);
  if (row?.stateAt) {
    const { zones } = await context.places.get();
    return {
      siteId: row.stateSiteId,
      zoneId: innermost((row.stateZoneIds ?? []).flatMap((code) => zones.get(code) ?? [])),
      longitude: row.longitude,
      latitude: row.latitude,
      at: row.stateAt,
    };
  }
  if (!row?.eventAt) return null;
  return {
    siteId: row.eventSiteId,
    zoneId: row.eventKind !== null && KINDS_THAT_PLACE.includes(row.eventKind) ? row.eventZoneId : null,
    longitude: null,
    latitude: null,
    at: row.eventAt,
  };
}

/** From the smallest to the widest: a berth lies in a terminal, never the other way round. */
const INNER_FIRST: readonly ZoneRow['kind'][] = [
  'BERTH',
  'YARD',
  'GATE',
  'TRUCK_PARK',
  'RAIL_STATION',
  'ROAD',
  'TERMINAL',
  'BONDED_AREA',
];

function innermost(zones: readonly ZoneRow[]): string | null {
  const [first] = zones.toSorted((a, b) => INNER_FIRST.indexOf(a.kind) - INNER_FIRST.indexOf(b.kind));
  return first?.code ?? null;
}
