import { addBoxToPass, boxesCrossed, boxesRefused, hasCrossed, loadPass, storeTransactions } from '#libs/gate';
import type { Batch, ReadingAnswer } from '../batch.js';
import type { NewTrackingEvent } from '#libs/journal';
import { refKey } from '../keys.js';
import { rideAndPlace } from './decide-passes.js';

/** A person's word on a reading, and what the pass would have told had the reading been clear. */
export async function applyAnswers(batch: Batch): Promise<void> {
  for (const answer of batch.answers) {
    const lane = answer.laneId === null ? undefined : batch.places.lane(batch.siteId, answer.laneId);
    batch.events.push({
      siteId: batch.siteId,
      kind: 'ObservationResolved',
      asset: { kind: 'CONTAINER', code: answer.containerNumber },
      occurredAt: answer.at,
      receivedAt: batch.receivedAt,
      truckPlate: null,
      gateId: lane?.gateId ?? null,
      laneId: answer.laneId,
      zoneId: null,
      passId: answer.passId,
      visitId: null,
      source: 'HAND',
      late: true,
      withdraws: null,
      causes: [answer.readingId, refKey(answer.ref)],
      payload: { seen: answer.seen, by: answer.personId },
    });
    await addToPass(batch, answer, lane?.zoneId ?? null);
  }
}

async function addToPass(batch: Batch, answer: ReadingAnswer, zoneId: string | null): Promise<void> {
  if (answer.passId === null) return;
  const stored = await loadPass(batch.tx, batch.siteId, answer.passId, zoneId);
  if (stored === null || stored.containerNumbers.includes(answer.containerNumber)) return;
  const pass = {
    ...stored.pass,
    boxes: [
      { containerNumber: answer.containerNumber, fullness: null, position: null, evidence: ['HAND'] as const },
      // The others of the pass stay aboard.
      ...stored.containerNumbers.map((containerNumber) => ({
        containerNumber,
        fullness: null,
        position: null,
        evidence: [],
      })),
    ],
  };
  await addBoxToPass(batch.tx, pass, answer.containerNumber);
  const named = { ...pass, boxes: pass.boxes.slice(0, 1) };
  if (pass.outcome === 'REFUSED') tellLate(batch, boxesRefused(named));
  if (!hasCrossed(pass)) return;
  const { events, transactions } = boxesCrossed(named, pass.direction, stored.visitId);
  await storeTransactions(batch.tx, transactions);
  tellLate(batch, events);
  await rideAndPlace(batch, pass);
}

function tellLate(batch: Batch, events: readonly NewTrackingEvent[]): void {
  batch.events.push(
    ...events.map((event) => ({ ...event, receivedAt: batch.receivedAt, source: 'HAND' as const, late: true })),
  );
}
