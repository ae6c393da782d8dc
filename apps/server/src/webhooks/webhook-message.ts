import { journalCursor } from '../api/tracking-event/journal-pages.js';
import type { TrackingEventRow } from '../api/tracking-event/tracking-event.queries.js';
import { globalId } from '../api/shared/global-id.js';

/** An event as a webhook tells it: type, time and data by Standard Webhooks; data in the words of the API's TrackingEvent. */
export function webhookMessage(event: TrackingEventRow): string {
  return JSON.stringify({
    type: event.kind,
    timestamp: event.occurredAt.toISOString(),
    data: {
      id: globalId('TrackingEvent', event.siteId, event.uuid),
      kind: event.kind,
      asset: { kind: event.assetKind, code: event.assetCode },
      containerNumber: event.containerNumber,
      truckPlate: event.truckPlate,
      site: event.siteId,
      gate: event.gateId,
      lane: event.laneId,
      zone: event.zoneId,
      occurredAt: event.occurredAt.toISOString(),
      receivedAt: event.receivedAt.toISOString(),
      recordedAt: event.recordedAt.toISOString(),
      source: event.source,
      late: event.late,
      withdraws: event.withdrawsUuid === null ? null : globalId('TrackingEvent', event.siteId, event.withdrawsUuid),
      hash: event.hash,
      journalCursor: journalCursor(event),
      payload: event.payload,
    },
  });
}

/** The same at each attempt and at a replay: by it a receiver knows what it has. */
export const webhookMessageId = (event: TrackingEventRow): string => `evt_${event.uuid}`;
