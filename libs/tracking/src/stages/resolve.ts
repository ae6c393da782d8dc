import { parseContainerNumber, normaliseContainerNumber } from '#libs/identifiers';
import type { AssetRef } from '#libs/journal';
import type { Observation } from '#libs/telemetry';
import { AssetStates } from '../asset-states.js';
import type { Batch } from '../batch.js';
import { ridersOf, type Subject } from '../binding-book.js';
import { resolvePass } from '../resolve-pass.js';

/** What an observation is found by: the binding of its tag or seal, or of the receiver that sent it; null where its body names it. */
export function subjectOf({ body, deviceId }: Observation): Subject | null {
  switch (body.kind) {
    case 'TagVisit':
      return { kind: 'TAG', subject: body.epc };
    case 'SealStatus':
      return { kind: 'SEAL', subject: body.sealNumber };
    case 'PositionFix':
      return { kind: 'DEVICE', subject: deviceId };
    case 'OcrRead':
    case 'BarcodeScan':
    case 'LaneSignal':
    case 'WeightReading':
    case 'CardRead':
    case 'VesselReport':
      return null;
  }
}

/** Gives each observation the asset that it is about: by its tag or seal, by its number, or by the receiver that sent it. */
export function resolveObservations(batch: Batch): Promise<void> {
  batch.observations = batch.observations.map(({ observation }) => {
    const { body, occurredAt } = observation;
    const subject = subjectOf(observation);
    const asset: AssetRef | null =
      subject !== null
        ? batch.bindings.assetOf(subject.kind, subject.subject, occurredAt)
        : body.kind === 'VesselReport'
          ? { kind: 'VESSEL', code: body.mmsi }
          : body.kind === 'OcrRead' && body.target === 'CONTAINER'
            ? containerOf(body.text)
            : null;
    return { observation, asset };
  });
  return Promise.resolve();
}

function containerOf(text: string): AssetRef | null {
  const number = normaliseContainerNumber(text);
  return parseContainerNumber(number).ok ? { kind: 'CONTAINER', code: number } : null;
}

/** Names truck and boxes of each pass that is new. */
export function resolvePasses(batch: Batch): Promise<void> {
  for (const pass of batch.passes) {
    const lane = batch.places.lane(batch.siteId, pass.laneId) ?? null;
    const { pass: resolved, unresolved } = resolvePass(
      pass,
      batch.receivedAt,
      batch.bindings,
      lane,
      (plate) => batch.trucks.get(plate) ?? null,
    );
    batch.resolved.push(resolved);
    batch.unresolved.push(...unresolved.map((reading) => ({ passId: resolved.id, laneId: resolved.laneId, reading })));
  }
  return Promise.resolve();
}

/** Locks all that the batch touches, boxes that ride on its trucks included. */
export async function lockAssets(batch: Batch): Promise<void> {
  const assets: AssetRef[] = batch.observations.flatMap(({ asset }) => asset ?? []);
  const times = batch.observations.map(({ observation }) => observation.occurredAt);
  for (const pass of batch.resolved) {
    times.push(pass.occurredAt, pass.closedAt);
    if (pass.truckPlate !== null) assets.push({ kind: 'TRUCK', code: pass.truckPlate });
    assets.push(...pass.boxes.map((box): AssetRef => ({ kind: 'CONTAINER', code: box.containerNumber })));
  }
  for (const answer of batch.answers) {
    times.push(answer.at);
    assets.push({ kind: 'CONTAINER', code: answer.containerNumber }, ...(await assetsOfPass(batch, answer.passId)));
  }
  const plates = assets.filter((asset) => asset.kind === 'TRUCK').map((asset) => asset.code);
  if (times.length > 0) {
    const riders = await ridersOf(batch.tx, plates, Math.min(...times), Math.max(...times));
    assets.push(
      ...riders.map((ride): AssetRef => ({ kind: 'CONTAINER', code: ride.subject.slice('CONTAINER:'.length) })),
    );
  }
  batch.states = await AssetStates.lock(batch.tx, assets);
}

async function assetsOfPass(batch: Batch, passId: string | null): Promise<AssetRef[]> {
  const [pass] = await batch.tx.query<{ truck_plate: string | null; container_numbers: readonly string[] }>(
    'SELECT truck_plate, container_numbers FROM gate_pass WHERE site_id = $1 AND id = $2',
    [batch.siteId, passId],
  );
  if (pass === undefined) return [];
  return [
    ...(pass.truck_plate === null ? [] : [{ kind: 'TRUCK', code: pass.truck_plate } as const]),
    ...pass.container_numbers.map((code): AssetRef => ({ kind: 'CONTAINER', code })),
  ];
}
