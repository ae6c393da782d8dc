import { announce, appendEvents, eventId, wakeFollowers } from '#libs/journal';
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
  const fresh = await appendEvents(batch.tx, batch.events);
  for (const event of batch.events) {
    const id = eventId(event);
    if (!fresh.has(id) || event.kind === 'EventWithdrawn' || !batch.states.has(event.asset)) continue;
    batch.states.noteEvent(event.asset, event.siteId, { id, kind: event.kind, at: event.occurredAt });
  }
  await batch.states.store(batch.tx);
  const alerts = await storeAlerts(batch);
  const { siteId } = batch;
  await announce(batch.tx, [
    ...batch.resolved.map((pass) => ({ topic: 'pass', siteId, subjectId: pass.id }) as const),
    ...alerts.map((id) => ({ topic: 'alert', siteId, subjectId: id }) as const),
  ]);
  if (fresh.size > 0 || batch.resolved.length > 0 || alerts.length > 0) await wakeFollowers(batch.tx);
}
