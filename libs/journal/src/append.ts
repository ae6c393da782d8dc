import type { Tx } from '#libs/persistence';
import { eventHash, eventId, type NewTrackingEvent } from './tracking-event.js';

export type OutboxTopic = 'event' | 'pass' | 'alert';

export interface OutboxEntry {
  readonly topic: OutboxTopic;
  readonly siteId: string;
  readonly subjectId: string;
}

/** The channel on which a batch wakes the followers; NOTIFY locks at commit, so it is called once a transaction. */
export const OUTBOX_CHANNEL = 'boxtrail_outbox';

/**
 * Appends events in the order given, in the caller's transaction; what is new is the caller's to announce.
 * An event whose id is there already is left as it is, and told to nobody again.
 * @returns outbox entries of the events that are new, in their order
 */
export async function appendEvents(tx: Tx, events: readonly NewTrackingEvent[]): Promise<readonly OutboxEntry[]> {
  if (events.length === 0) return [];
  const rows = events.map((event) => {
    const id = eventId(event);
    return {
      site_id: event.siteId,
      id,
      kind: event.kind,
      occurred_at: new Date(event.occurredAt).toISOString(),
      received_at: new Date(event.receivedAt).toISOString(),
      asset_kind: event.asset.kind,
      asset_code: event.asset.code,
      container_number: event.asset.kind === 'CONTAINER' ? event.asset.code : null,
      truck_plate: event.truckPlate,
      gate_id: event.gateId,
      lane_id: event.laneId,
      zone_id: event.zoneId,
      pass_id: event.passId,
      visit_id: event.visitId,
      source: event.source,
      late: event.late,
      withdraws: event.withdraws,
      causes: event.causes,
      payload: event.payload,
      hash: `\\x${eventHash(id, event).toString('hex')}`,
    };
  });
  const inserted = await tx.query<{ id: string }>(
    `INSERT INTO tracking_event (${EVENT_COLUMNS})
     SELECT ${EVENT_COLUMNS} FROM jsonb_to_recordset($1) AS row(
       site_id text, id uuid, kind text, occurred_at timestamptz, received_at timestamptz, asset_kind text, asset_code text,
       container_number text, truck_plate text, gate_id text, lane_id text, zone_id text, pass_id uuid, visit_id uuid,
       source text, late boolean, withdraws uuid, causes jsonb, payload jsonb, hash bytea)
     ON CONFLICT (site_id, id, occurred_at) DO NOTHING
     RETURNING id`,
    [JSON.stringify(rows)],
  );
  const fresh = new Set(inserted.map((row) => row.id));
  return rows
    .filter((row) => fresh.has(row.id))
    .map((row) => ({ topic: 'event', siteId: row.site_id, subjectId: row.id }));
}

const EVENT_COLUMNS = `site_id, id, kind, occurred_at, received_at, asset_kind, asset_code, container_number, truck_plate,
  gate_id, lane_id, zone_id, pass_id, visit_id, source, late, withdraws, causes, payload, hash`;

/** Outbox rows for all that a transaction stored, which wake the followers when it commits: call it once, at the end. */
export async function announce(tx: Tx, entries: readonly OutboxEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(
    `WITH told AS (
       INSERT INTO outbox (topic, site_id, subject_id)
       SELECT topic, site_id, subject_id FROM unnest($1::text[], $2::text[], $3::uuid[]) AS entry(topic, site_id, subject_id))
     SELECT pg_notify('${OUTBOX_CHANNEL}', '')`,
    [entries.map((e) => e.topic), entries.map((e) => e.siteId), entries.map((e) => e.subjectId)],
  );
}
