import { parseContainerNumber, normaliseContainerNumber } from '#libs/identifiers';
import { isNewPass } from '#libs/gate';
import type { AssetRef } from '#libs/journal';
import type { ObservationBody } from '#libs/telemetry';
import { AssetStates } from '../asset-states.js';
import type { Batch } from '../batch.js';
import { BindingBook, ridersOf, type BindingKind } from '../binding-book.js';
import { resolvePass, type TruckRecord } from '../resolve-pass.js';

/** What a body says that it is about, and by which kind of binding that is found; null where a device is bound itself. */
function subjectOf(body: ObservationBody): { readonly kind: BindingKind; readonly subject: string } | null {
  switch (body.kind) {
    case 'TagVisit':
      return { kind: 'TAG', subject: body.epc };
    case 'SealStatus':
      return { kind: 'SEAL', subject: body.sealNumber };
    case 'PositionFix':
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
export async function resolveObservations(batch: Batch): Promise<void> {
  const subjects = batch.observations.flatMap(({ observation }) => [
    subjectOf(observation.body) ?? [],
    observation.body.kind === 'PositionFix' ? { kind: 'DEVICE' as const, subject: observation.deviceId } : [],
  ]);
  const book = await BindingBook.load(batch.tx, subjects.flat());
  batch.observations = batch.observations.map(({ observation }) => {
    const { body, occurredAt, deviceId } = observation;
    const subject = subjectOf(body);
    const asset: AssetRef | null =
      subject !== null
        ? book.assetOf(subject.kind, subject.subject, occurredAt)
        : body.kind === 'PositionFix'
          ? book.assetOf('DEVICE', deviceId, occurredAt)
          : body.kind === 'VesselReport'
            ? { kind: 'VESSEL', code: body.mmsi }
            : body.kind === 'OcrRead' && body.target === 'CONTAINER'
              ? containerOf(body.text)
              : null;
    return { observation, asset };
  });
}

function containerOf(text: string): AssetRef | null {
  const number = normaliseContainerNumber(text);
  return parseContainerNumber(number).ok ? { kind: 'CONTAINER', code: number } : null;
}

/** Names truck and boxes of each pass that is new. */
export async function resolvePasses(batch: Batch): Promise<void> {
  const fresh = [];
  for (const pass of batch.passes) if (await isNewPass(batch.tx, pass.siteId, pass.passId)) fresh.push(pass);
  if (fresh.length === 0) return;

  const epcs = fresh.flatMap((pass) => pass.tags.map((tag) => ({ kind: 'TAG' as const, subject: tag.epc })));
  const book = await BindingBook.load(batch.tx, epcs);
  const records = await batch.tx.query<{ code: string; attributes: TruckAttributes }>(
    `SELECT code, attributes FROM asset WHERE kind = 'TRUCK' AND code IN (
       SELECT asset_code FROM binding WHERE kind = 'TAG' AND subject = ANY ($1)) OR (kind = 'TRUCK' AND code = ANY ($2))`,
    [epcs.map(({ subject }) => subject), fresh.flatMap((pass) => pass.plates.map((plate) => plate.text))],
  );
  const trucks = new Map(records.map(({ code, attributes }) => [code, toTruckRecord(attributes)]));

  for (const pass of fresh) {
    const lane = batch.places.lane(pass.laneId);
    const { pass: resolved, unresolved } = resolvePass(
      pass,
      batch.receivedAt,
      book,
      { gateId: lane?.gateId ?? null, zoneId: lane?.zoneId ?? null },
      (plate) => trucks.get(plate) ?? null,
    );
    batch.resolved.push(resolved);
    batch.unresolved.push(...unresolved.map((reading) => ({ passId: resolved.id, laneId: resolved.laneId, reading })));
  }
}

/** What an asset's attributes say of a truck; none of them is sure to be there. */
interface TruckAttributes {
  readonly chassisPlate?: string;
  readonly driverId?: string;
  readonly tractorKg?: number;
  readonly chassisKg?: number;
}

function toTruckRecord({ chassisPlate, driverId, tractorKg, chassisKg }: TruckAttributes): TruckRecord {
  return {
    chassisPlate: chassisPlate ?? null,
    driverId: driverId ?? null,
    tareKg: tractorKg === undefined || chassisKg === undefined ? null : tractorKg + chassisKg,
  };
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
