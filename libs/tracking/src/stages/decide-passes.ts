import { decidePass, hasCrossed, storePass, visitsAround, type ResolvedPass } from '#libs/gate';
import type { AssetRef } from '#libs/journal';
import { derivedId, type EpochMs } from '#libs/kernel';
import { addFenceItem, type Batch } from '../batch.js';
import { bind, endRides, riderSubject, ridersOf } from '../binding-book.js';
import { assetKey } from '../keys.js';
import { placementsOf } from './fences.js';

/** Visits, transactions, gate events, rides and places that follow from the passes, oldest first. */
export async function decidePasses(batch: Batch): Promise<void> {
  batch.resolved.sort((a, b) => a.closedAt - b.closedAt || (a.id < b.id ? -1 : 1));
  for (const pass of batch.resolved) {
    const visits =
      pass.truckPlate === null
        ? { before: null, next: null }
        : await visitsAround(batch.tx, pass.siteId, pass.truckPlate, pass.closedAt);
    const consequences = decidePass(pass, visits);
    batch.events.push(...consequences.events);
    if (consequences.exceptions.length > 0) {
      batch.alerts.push({
        id: derivedId('alert', 'PASS_EXCEPTION', pass.siteId, pass.id),
        kind: 'PASS_EXCEPTION',
        severity: consequences.exceptions.includes('GATED_OUT_UNACCEPTED') ? 'CRITICAL' : 'WARNING',
        raisedAt: pass.closedAt,
        laneId: pass.laneId,
        deviceId: null,
        passId: pass.id,
        unresolvedId: null,
        details: { exceptions: consequences.exceptions, outcome: pass.outcome, direction: pass.direction },
      });
    }
    await Promise.all([storePass(batch.tx, pass, consequences), rideAndPlace(batch, pass)]);
  }
}

/** From the lane on, the boxes ride on this truck, and nothing else does; the pass places all of them for certain. */
export async function rideAndPlace(batch: Batch, pass: ResolvedPass): Promise<void> {
  if (!hasCrossed(pass)) return;
  const { truckPlate } = pass;
  const boxes = pass.boxes.map((box) => box.containerNumber);
  if (truckPlate !== null) {
    const cursor = batch.states.get({ kind: 'TRUCK', code: truckPlate }).fence.cursor;
    const isLate = cursor !== null && cursor.at > pass.closedAt;
    const validTo = isLate ? await rideEnd(batch, truckPlate, pass.closedAt) : null;
    if (isLate) for (const box of boxes) batch.refold.set(assetKey({ kind: 'CONTAINER', code: box }), pass.occurredAt);
    await Promise.all([
      endOtherRides(batch, truckPlate, boxes, pass.occurredAt),
      bind(
        batch.tx,
        boxes.map((box) => ({
          kind: 'ASSET',
          subject: riderSubject(box),
          asset: { kind: 'TRUCK', code: truckPlate },
          validFrom: pass.occurredAt,
          validTo,
          source: pass.source === 'HAND' ? 'HAND' : 'PASS',
          passId: pass.id,
        })),
      ),
    ]);
  }
  const placed: AssetRef[] = [
    ...(truckPlate === null ? [] : [{ kind: 'TRUCK', code: truckPlate } as const]),
    ...boxes.map((code) => ({ kind: 'CONTAINER', code }) as const),
  ];
  for (const asset of placed) {
    for (const item of placementsOf(batch, pass)) addFenceItem(batch, asset, item);
  }
}

/** Where what is known of the truck since a moment ends a ride: it left a yard, or passed another gate. null: the ride goes on. */
async function rideEnd(batch: Batch, truckPlate: string, since: EpochMs): Promise<EpochMs | null> {
  const yards = batch.places.zonesOf('YARD');
  const [row] = await batch.tx.query<{ at: Date | null }>(
    `SELECT least(
       (SELECT min(e.occurred_at) FROM tracking_event e
        WHERE e.asset_kind = 'TRUCK' AND e.asset_code = $1 AND e.kind = 'ZoneExited' AND e.zone_id = ANY ($2)
          AND e.occurred_at > $3 AND NOT EXISTS (SELECT 1 FROM tracking_event w WHERE w.withdraws = e.id)),
       (SELECT min(p.occurred_at) FROM gate_pass p
        WHERE p.truck_plate = $1 AND p.closed_at > $3 AND p.occurred_at > $3 AND p.direction <> 'UNKNOWN'
          AND (p.outcome = 'CROSSED' OR (p.outcome = 'UNDECIDED' AND p.direction = 'OUT' AND p.exit = 'SEEN')))) AS at`,
    [truckPlate, yards, new Date(since)],
  );
  return row?.at?.getTime() ?? null;
}

/** What was aboard and is not among the boxes now rides no more. */
async function endOtherRides(batch: Batch, plate: string, boxes: readonly string[], at: EpochMs): Promise<void> {
  const aboard = await ridersOf(batch.tx, [plate], at, at);
  const staying = new Set(boxes.map(riderSubject));
  const gone = aboard.map((ride) => ride.subject).filter((subject) => !staying.has(subject));
  await endRides(
    batch.tx,
    plate,
    gone.map((subject) => subject.slice('CONTAINER:'.length)),
    at,
  );
}
