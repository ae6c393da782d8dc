import { EVENT_KINDS, type EventKind } from '#libs/journal';
import { windowRelation, type Question } from '#libs/persistence';
import { grouped } from './grouped.js';
import type { ShipmentRow } from './shipments.queries.js';

/** A planned point of a shipment, and what reached it box by box. */
export interface MilestoneRow {
  readonly shipmentId: string;
  readonly ordinal: number;
  readonly code: string;
  readonly siteId: string | null;
  readonly zoneId: string | null;
  readonly plannedAt: Date | null;
  readonly reachedBy: readonly MilestoneReachedRow[];
  readonly reached: boolean;
  /** When the last of the boxes reached it; null while one is missing. */
  readonly actualAt: Date | null;
}

export interface MilestoneReachedRow {
  readonly containerNumber: string;
  readonly siteId: string;
  readonly eventId: string;
}

export type ShipmentStatus = 'BOOKED' | 'UNDER_WAY' | 'COMPLETED' | 'ENDED';

/** Which DCSA code of a milestone is reached by which kind of event. One that we do not hear of yet is reached by none. */
export const REACHED_BY: readonly { readonly code: string; readonly kind: EventKind }[] = (
  Object.keys(EVENT_KINDS) as EventKind[]
).flatMap((kind) => {
  const code = EVENT_KINDS[kind].dcsa?.code;
  return code === undefined ? [] : [{ code, kind }];
});

/** The same as rows of SQL; all are words of ours. */
const TELLING = REACHED_BY.map(({ code, kind }) => `('${code}','${kind}')`).join(', ');

interface PlannedRow {
  readonly shipmentId: string;
  readonly ordinal: number;
  readonly code: string;
  readonly siteId: string | null;
  readonly zoneId: string | null;
  readonly plannedAt: Date | null;
  readonly containerNumber: string | null;
  readonly eventSiteId: string | null;
  readonly eventId: string | null;
  readonly occurredAt: Date | null;
}

/**
 * Each planned milestone of each shipment with each box that still belongs to it, and the first standing event in the box's window
 * that reaches it; of one shipment by ordinal.
 */
export const MILESTONES_OF_SHIPMENT: Question<string, PlannedRow, MilestoneRow[]> = {
  keyTypes: ['uuid'],
  sql: ([ids], _bind, visibility) => `
SELECT m.shipment_id AS "shipmentId", m.ordinal, m.code, m.site_id AS "siteId", m.zone_id AS "zoneId", m.planned_at AS "plannedAt",
       box.container_number AS "containerNumber", hit.site_id AS "eventSiteId", hit.id AS "eventId", hit.occurred_at AS "occurredAt"
FROM unnest(${ids}) AS asked(id)
-- its boxes once, and not for each of its milestones
CROSS JOIN LATERAL (
  SELECT array_agg(DISTINCT own.container_number) AS numbers FROM ${windowRelation(visibility)} own
  JOIN shipment_container c ON c.shipment_id = own.shipment_id AND c.container_number = own.container_number AND c.left_at IS NULL
  WHERE own.shipment_id = asked.id) its
JOIN milestone m ON m.shipment_id = asked.id
LEFT JOIN LATERAL unnest(its.numbers) AS box(container_number) ON true
LEFT JOIN LATERAL (
  SELECT first.site_id, first.id, first.occurred_at
  -- no event is looked at for a code that none reaches, and a kind is compared as one word: asked whether it is among several,
  -- PostgreSQL would ask the policy first
  FROM (VALUES ${TELLING}) AS telling(code, kind)
  CROSS JOIN LATERAL (
    SELECT e.site_id, e.id, e.occurred_at FROM ${windowRelation(visibility)} w
    JOIN tracking_event e ON e.asset_kind = 'CONTAINER' AND e.asset_code = w.container_number
      AND e.occurred_at >= w.valid_from AND e.occurred_at < CASE WHEN w.valid_to IS NULL THEN 'infinity' ELSE w.valid_to END
    WHERE w.shipment_id = m.shipment_id AND w.container_number = box.container_number AND e.kind = telling.kind
      AND (m.site_id IS NULL OR e.site_id = m.site_id)
      AND (m.zone_id IS NULL OR e.zone_id = m.zone_id OR e.zone_id IS NULL)
      AND NOT EXISTS (SELECT 1 FROM tracking_event later WHERE later.withdraws = e.id)
    ORDER BY e.occurred_at, e.id LIMIT 1) first
  WHERE telling.code = m.code
  ORDER BY first.occurred_at, first.id LIMIT 1) hit ON true
ORDER BY m.shipment_id, m.ordinal, box.container_number`,
  instants: ['plannedAt', 'occurredAt'],
  answers: (ids, rows) =>
    grouped(ids, rows, (row) => row.shipmentId).map((planned) => {
      const ordinals = [...new Set(planned.map((row) => row.ordinal))];
      return grouped(ordinals, planned, (row) => row.ordinal).flatMap(milestone);
    }),
};

function milestone(rows: readonly PlannedRow[]): MilestoneRow[] {
  const [planned] = rows;
  if (planned === undefined) return [];
  const reachedBy = rows.flatMap(({ containerNumber, eventSiteId, eventId }) =>
    containerNumber !== null && eventSiteId !== null && eventId !== null
      ? [{ containerNumber, siteId: eventSiteId, eventId }]
      : [],
  );
  const boxes = rows.filter((row) => row.containerNumber !== null);
  const reached = boxes.length > 0 && reachedBy.length === boxes.length;
  const times = boxes.map((row) => row.occurredAt?.getTime() ?? Number.NaN);
  const { shipmentId, ordinal, code, siteId, zoneId, plannedAt } = planned;
  return [
    {
      shipmentId,
      ordinal,
      code,
      siteId,
      zoneId,
      plannedAt,
      reachedBy,
      reached,
      actualAt: reached ? new Date(Math.max(...times)) : null,
    },
  ];
}

/** A shipment's status follows from what is reached; one whose time is over has ended, whatever was reached. */
export function shipmentStatus(
  shipment: ShipmentRow,
  milestones: readonly MilestoneRow[],
  now: number,
): ShipmentStatus {
  if (shipment.endedAt !== null && shipment.endedAt.getTime() <= now) return 'ENDED';
  if (milestones.length > 0 && milestones.every((one) => one.reached)) return 'COMPLETED';
  return milestones.some((one) => one.reachedBy.length > 0) ? 'UNDER_WAY' : 'BOOKED';
}

/** Those that may still happen: not reached, and none behind them reached. A point that was passed over stays unreached, and is not to come. */
export function milestonesAhead(milestones: readonly MilestoneRow[]): readonly MilestoneRow[] {
  const reached = milestones.filter((one) => one.reachedBy.length > 0).map((one) => one.ordinal);
  const furthest = Math.max(-1, ...reached);
  return milestones.filter((one) => !one.reached && one.ordinal >= furthest);
}
