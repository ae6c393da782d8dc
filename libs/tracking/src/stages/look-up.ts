import { knownPasses } from '#libs/gate';
import type { LanePass } from '#libs/lane';
import type { Batch } from '../batch.js';
import { BindingBook, type Subject } from '../binding-book.js';
import type { TruckRecord } from '../resolve-pass.js';
import { heardElsewhere } from './devices-in-two-places.js';
import { subjectOf } from './resolve.js';

/** Reads together what the resolving stages need; a pass that was stored before goes no further. */
export async function lookUp(batch: Batch): Promise<void> {
  const tags = batch.passes.flatMap((pass) => pass.tags.map((tag): Subject => ({ kind: 'TAG', subject: tag.epc })));
  const heard = batch.observations.flatMap(({ observation }) => subjectOf(observation) ?? []);
  const inLanes = new Set(
    batch.observations.flatMap(({ observation }) => (observation.laneId === null ? [] : [observation.deviceId])),
  );
  const [bindings, known, trucks, elsewhere] = await Promise.all([
    BindingBook.load(batch.tx, [...tags, ...heard]),
    knownPasses(batch.tx, batch.passes),
    truckRecords(batch, batch.passes),
    heardElsewhere(batch.tx, batch.siteId, [...inLanes]),
  ]);
  batch.bindings = bindings;
  batch.trucks = trucks;
  batch.elsewhere = elsewhere;
  batch.passes = batch.passes.filter((pass) => !known.has(pass.passId));
}

/** What an asset's attributes say of a truck; none of them is sure to be there. */
interface TruckAttributes {
  readonly chassisPlate?: string;
  readonly driverId?: string;
  readonly tractorKg?: number;
  readonly chassisKg?: number;
}

/** Of the trucks that the passes' tags are or were bound to, and of those whose plates cameras read. */
async function truckRecords({ tx }: Batch, passes: readonly LanePass[]): Promise<ReadonlyMap<string, TruckRecord>> {
  if (passes.length === 0) return new Map();
  const rows = await tx.query<{ code: string; attributes: TruckAttributes }>(
    `SELECT code, attributes FROM asset WHERE kind = 'TRUCK' AND code IN (
       SELECT asset_code FROM binding WHERE kind = 'TAG' AND subject = ANY ($1) UNION ALL SELECT unnest($2::text[]))`,
    [
      passes.flatMap((pass) => pass.tags.map((tag) => tag.epc)),
      passes.flatMap((pass) => pass.plates.map((plate) => plate.text)),
    ],
  );
  return new Map(rows.map(({ code, attributes }) => [code, toTruckRecord(attributes)]));
}

function toTruckRecord({ chassisPlate, driverId, tractorKg, chassisKg }: TruckAttributes): TruckRecord {
  return {
    chassisPlate: chassisPlate ?? null,
    driverId: driverId ?? null,
    tareKg: tractorKg === undefined || chassisKg === undefined ? null : tractorKg + chassisKg,
  };
}
