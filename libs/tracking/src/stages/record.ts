import { announce, appendEvents, eventId } from '#libs/journal';
import { addFenceItem, type Batch } from '../batch.js';
import { refKey } from '../keys.js';
import { storeAlerts } from './alerts.js';

/** Fixes that are new go to the fold of their asset, and to its present position. */
export function placeFixes(batch: Batch): Promise<void> {
  for (const { observation, asset } of batch.observations) {
    const { body } = observation;
    if (asset === null || (body.kind !== 'PositionFix' && body.kind !== 'VesselReport')) continue;
    batch.states.notePosition(asset, batch.siteId, {
      longitude: body.longitude,
      latitude: body.latitude,
      speedMps: body.speedMps,
      courseDeg: body.courseDeg,
      at: observation.occurredAt,
    });
    addFenceItem(batch, asset, {
      kind: 'FIX',
      key: refKey(observation),
      at: observation.occurredAt,
      longitude: body.longitude,
      latitude: body.latitude,
      accuracyM: body.kind === 'PositionFix' ? body.accuracyM : null,
    });
  }
  return Promise.resolve();
}

/** Journal, present, alerts, outbox: all of it in this transaction or none. */
export async function record(batch: Batch): Promise<void> {
  const { tx, siteId } = batch;
  const [told, alerts] = await Promise.all([appendEvents(tx, batch.events), storeAlerts(batch)]);
  const fresh = new Set(told.map((entry) => entry.subjectId));
  for (const event of batch.events) {
    const id = eventId(event);
    if (!fresh.has(id) || event.kind === 'EventWithdrawn' || !batch.states.has(event.asset)) continue;
    batch.states.noteEvent(event.asset, event.siteId, { id, kind: event.kind, at: event.occurredAt });
  }
  await Promise.all([
    batch.states.store(tx),
    announce(tx, [
      ...told,
      ...batch.resolved.map((pass) => ({ topic: 'pass', siteId, subjectId: pass.id }) as const),
      ...alerts.map((id) => ({ topic: 'alert', siteId, subjectId: id }) as const),
    ]),
  ]);
}
