import {
  correctionOf,
  DEFAULT_FENCE_POLICY,
  foldFixes,
  INITIAL_FENCE_STATE,
  type AssetFenceState,
  type FenceEvent,
  type FenceItem,
} from '#libs/geo';
import { eventId, type AssetRef, type NewTrackingEvent } from '#libs/journal';
import type { EpochMs } from '#libs/kernel';
import { addFenceItem, type Batch } from '../batch.js';
import { assetKey, refKey } from '../keys.js';
import { covers, endRides, ridersOf, ridesOf, type Binding } from '../binding-book.js';

/** A state is kept each time that the fold steps into another quarter of an hour: a late fix folds again from there. */
const CHECKPOINT_MS = 15 * 60_000;

/**
 * Folds fixes and placements of every asset of the batch. Trucks come first: a box that a truck brought is taken to stay
 * in the yard that the truck leaves, so its ride ends there before its own fold.
 */
export async function foldFences(batch: Batch): Promise<void> {
  const assets = [...batch.fenceItems.keys()].sort();
  for (const key of assets.filter((k) => !k.startsWith('CONTAINER:'))) await foldOne(batch, refOf(key));
  await ridingBoxes(batch);
  for (const key of [...batch.fenceItems.keys()].sort().filter((k) => k.startsWith('CONTAINER:'))) {
    await foldOne(batch, refOf(key));
  }
}

function refOf(key: string): AssetRef {
  const colon = key.indexOf(':');
  return { kind: key.slice(0, colon) as AssetRef['kind'], code: key.slice(colon + 1) };
}

/** Gives the fixes of trucks to the boxes that rode on them. */
async function ridingBoxes(batch: Batch): Promise<void> {
  for (const [key, items] of [...batch.fenceItems]) {
    if (!key.startsWith('TRUCK:')) continue;
    const fixes = items.filter((item) => item.kind === 'FIX');
    const [first] = fixes;
    if (first === undefined) continue;
    const plate = refOf(key).code;
    const times = fixes.map((fix) => fix.at);
    const rides = await ridersOf(batch.tx, [plate], Math.min(...times), Math.max(...times));
    const ended = await endRidesAtYards(batch, plate, rides);
    for (const ride of ended) {
      const box = boxOf(ride);
      // A box that came aboard after the batch's locks were taken gets this fix with its next fold.
      if (!batch.states.has(box)) continue;
      for (const fix of fixes) if (covers(ride, fix.at)) addFenceItem(batch, box, fix);
    }
  }
}

const boxOf = (ride: Binding): AssetRef => ({ kind: 'CONTAINER', code: ride.subject.slice('CONTAINER:'.length) });

/** The truck left a yard: what it had brought there stays. What it is taking out of the terminal has ridden since the gate, or will be bound there. */
async function endRidesAtYards(batch: Batch, plate: string, rides: readonly Binding[]): Promise<readonly Binding[]> {
  const exits = batch.events.filter(
    (event) =>
      event.kind === 'ZoneExited' &&
      event.asset.kind === 'TRUCK' &&
      event.asset.code === plate &&
      event.zoneId !== null &&
      batch.places.zone(event.zoneId)?.kind === 'YARD',
  );
  let left = rides;
  for (const exit of exits) {
    const staying = left.filter((ride) => ride.validTo === null && ride.validFrom < exit.occurredAt);
    await endRides(
      batch.tx,
      plate,
      staying.map((ride) => boxOf(ride).code),
      exit.occurredAt,
    );
    left = left.map((ride) => (staying.includes(ride) ? { ...ride, validTo: exit.occurredAt } : ride));
  }
  return left;
}

async function foldOne(batch: Batch, asset: AssetRef): Promise<void> {
  const key = assetKey(asset);
  const items = batch.fenceItems.get(key) ?? [];
  const { fence } = batch.states.get(asset);
  const { cursor } = fence;
  const isLate = (item: FenceItem): boolean =>
    cursor !== null && (item.at < cursor.at || (item.at === cursor.at && item.key <= cursor.key));
  if (batch.refold.has(key) || items.some(isLate)) return foldAgain(batch, asset, items, fence);

  const folded = foldFixes(fence, items, batch.places.fences, DEFAULT_FENCE_POLICY);
  if (cursor !== null && crossesCheckpoint(cursor.at, folded.state.cursor?.at ?? cursor.at)) {
    await keepCheckpoint(batch, asset, fence, cursor.at);
  }
  batch.states.noteFence(asset, folded.state);
  batch.events.push(...folded.events.map((event) => toTrackingEvent(batch, asset, event, false)));
}

const crossesCheckpoint = (from: EpochMs, to: EpochMs): boolean =>
  Math.floor(from / CHECKPOINT_MS) !== Math.floor(to / CHECKPOINT_MS);

async function keepCheckpoint(batch: Batch, asset: AssetRef, state: AssetFenceState, at: EpochMs): Promise<void> {
  await batch.tx.query(
    `INSERT INTO fence_checkpoint (asset_kind, asset_code, at, state) VALUES ($1,$2,$3,$4)
     ON CONFLICT (asset_kind, asset_code, at) DO UPDATE SET state = excluded.state`,
    [asset.kind, asset.code, new Date(at), JSON.stringify(state)],
  );
}

/**
 * Something came late, or the truck that it rode on came to be known: folds again from the state before it, over all that is known since, and corrects the journal by the
 * difference. What was told and no longer holds is withdrawn by an event that names it; nothing is changed or removed.
 */
async function foldAgain(
  batch: Batch,
  asset: AssetRef,
  items: readonly FenceItem[],
  present: AssetFenceState,
): Promise<void> {
  const earliest = Math.min(batch.refold.get(assetKey(asset)) ?? Infinity, ...items.map((item) => item.at));
  const start = await checkpointBefore(batch, asset, earliest);
  await batch.tx.query('DELETE FROM fence_checkpoint WHERE asset_kind = $1 AND asset_code = $2 AND at >= $3', [
    asset.kind,
    asset.code,
    new Date(earliest),
  ]);
  const history = await knownItems(batch, asset, start.cursor?.at ?? 0);
  const folded = foldFixes(start, [...history, ...items], batch.places.fences, DEFAULT_FENCE_POLICY);
  const told = await toldSince(batch, asset, start.cursor?.at ?? 0);
  const { added, withdrawn } = correctionOf(
    told.map(({ event }) => event),
    folded.events,
  );
  batch.states.noteFence(asset, folded.state);

  for (const { event, id, siteId } of told.filter(({ event: e }) => withdrawn.includes(e))) {
    batch.events.push({
      ...toTrackingEvent(batch, asset, event, true),
      siteId,
      kind: 'EventWithdrawn',
      withdraws: id,
      causes: [id],
      payload: { kind: event.kind },
    });
  }
  const presentAt = present.cursor?.at ?? 0;
  const corrections = added.map((event) => toTrackingEvent(batch, asset, event, event.decidedAt <= presentAt));
  batch.events.push(...(await namedApart(batch, corrections)));
}

/** An event that was withdrawn and holds again gets a further cause, so that its id is a new one. */
async function namedApart(batch: Batch, events: readonly NewTrackingEvent[]): Promise<NewTrackingEvent[]> {
  const apart: NewTrackingEvent[] = [];
  for (const event of events) {
    let named = event;
    for (let again = 1; await isTold(batch, named); again += 1) {
      named = { ...event, causes: [...event.causes, `again/${again}`] };
    }
    apart.push(named);
  }
  return apart;
}

async function isTold(batch: Batch, event: NewTrackingEvent): Promise<boolean> {
  const rows = await batch.tx.query('SELECT 1 FROM tracking_event WHERE site_id = $1 AND id = $2 LIMIT 1', [
    event.siteId,
    eventId(event),
  ]);
  return rows.length > 0;
}

async function checkpointBefore(batch: Batch, asset: AssetRef, at: EpochMs): Promise<AssetFenceState> {
  const [row] = await batch.tx.query<{ state: AssetFenceState }>(
    `SELECT state FROM fence_checkpoint WHERE asset_kind = $1 AND asset_code = $2 AND at < $3 ORDER BY at DESC LIMIT 1`,
    [asset.kind, asset.code, new Date(at)],
  );
  return row?.state ?? INITIAL_FENCE_STATE;
}

interface FixRow {
  readonly device_id: string;
  readonly boot: string;
  readonly sequence: string;
  readonly occurred_at: Date;
  readonly longitude: number;
  readonly latitude: number;
  readonly accuracy_m: number | null;
}

/** What was stored about the asset's whereabouts at or after a moment. */
async function knownItems(batch: Batch, asset: AssetRef, from: EpochMs): Promise<FenceItem[]> {
  const own = asset.kind === 'CONTAINER' ? [] : await storedFixes(batch, asset, from, null);
  const rides = asset.kind === 'CONTAINER' ? await ridesOf(batch.tx, asset.code, from) : [];
  const ridden: FenceItem[] = [];
  for (const ride of rides) {
    ridden.push(...(await storedFixes(batch, ride.asset, Math.max(from, ride.validFrom), ride.validTo)));
  }
  return [...own, ...ridden, ...(await storedPlacements(batch, asset, from))];
}

async function storedFixes(batch: Batch, asset: AssetRef, from: EpochMs, to: EpochMs | null): Promise<FenceItem[]> {
  const rows = await batch.tx.query<FixRow>(
    `SELECT device_id, boot, sequence, occurred_at, longitude, latitude, (body->>'accuracyM')::double precision AS accuracy_m
     FROM observation WHERE asset_kind = $1 AND asset_code = $2 AND occurred_at >= $3
       AND ($4::timestamptz IS NULL OR occurred_at < $4) AND longitude IS NOT NULL`,
    [asset.kind, asset.code, new Date(from), to === null ? null : new Date(to)],
  );
  return rows.map((row) => ({
    kind: 'FIX',
    key: refKey({ deviceId: row.device_id, boot: row.boot, sequence: Number(row.sequence) }),
    at: row.occurred_at.getTime(),
    longitude: row.longitude,
    latitude: row.latitude,
    accuracyM: row.accuracy_m,
  }));
}

/** The passes of an asset with the code $1. */
const PASSES_OF: Readonly<Partial<Record<AssetRef['kind'], string>>> = {
  TRUCK: 'gate_pass p WHERE p.truck_plate = $1',
  CONTAINER: `pass_container c JOIN gate_pass p ON p.site_id = c.site_id AND p.id = c.pass_id AND p.occurred_at = c.occurred_at
     WHERE c.container_number = $1`,
};

async function storedPlacements(batch: Batch, asset: AssetRef, from: EpochMs): Promise<FenceItem[]> {
  const passes = PASSES_OF[asset.kind];
  if (passes === undefined) return [];
  const rows = await batch.tx.query<{
    id: string;
    site_id: string;
    lane_id: string;
    direction: 'IN' | 'OUT';
    closed_at: Date;
  }>(
    `SELECT p.id, p.site_id, p.lane_id, p.direction, p.closed_at FROM ${passes}
       AND (p.outcome = 'CROSSED' OR (p.outcome = 'UNDECIDED' AND p.direction = 'OUT' AND p.exit = 'SEEN'))
       AND p.direction <> 'UNKNOWN' AND p.closed_at >= $2`,
    [asset.code, new Date(from)],
  );
  return rows.flatMap((row) =>
    placementsOf(batch, {
      id: row.id,
      siteId: row.site_id,
      zoneId: batch.places.lane(row.site_id, row.lane_id)?.zoneId ?? null,
      direction: row.direction,
      closedAt: row.closed_at.getTime(),
    }),
  );
}

/** In: inside the lane's zone. Out: outside of it and of every zone within the terminal. */
export function placementsOf(
  batch: Batch,
  pass: {
    readonly id: string;
    readonly siteId: string;
    readonly zoneId: string | null;
    readonly direction: 'IN' | 'OUT';
    readonly closedAt: EpochMs;
  },
): FenceItem[] {
  if (pass.zoneId === null) return [];
  const zones = pass.direction === 'IN' ? [pass.zoneId] : batch.places.zonesLeftBy(pass.siteId, pass.zoneId);
  return zones.map((zoneId) => ({
    kind: 'PLACEMENT',
    key: `pass/${pass.id}/${zoneId}`,
    at: pass.closedAt,
    zoneId,
    side: pass.direction === 'IN' ? 'INSIDE' : 'OUTSIDE',
  }));
}

interface ToldRow {
  readonly id: string;
  readonly site_id: string;
  readonly kind: FenceEvent['kind'];
  readonly zone_id: string;
  readonly occurred_at: Date;
  readonly causes: readonly string[];
  readonly payload: { readonly decidedAt: EpochMs; readonly exitedAt?: EpochMs; readonly by: FenceEvent['source'] };
}

/** The fence events of the asset that stand and were decided after a moment. */
async function toldSince(
  batch: Batch,
  asset: AssetRef,
  from: EpochMs,
): Promise<{ readonly event: FenceEvent; readonly id: string; readonly siteId: string }[]> {
  const rows = await batch.tx.query<ToldRow>(
    `SELECT e.id, e.site_id, e.kind, e.zone_id, e.occurred_at, e.causes, e.payload FROM tracking_event e
     WHERE e.asset_kind = $1 AND e.asset_code = $2 AND e.kind IN ('ZoneEntered','ZoneExited','ZoneCrossed')
       AND (e.payload->>'decidedAt')::bigint > $3
       AND NOT EXISTS (SELECT 1 FROM tracking_event w WHERE w.withdraws = e.id)`,
    [asset.kind, asset.code, from],
  );
  return rows.map((row) => {
    const at = row.occurred_at.getTime();
    const base = {
      zoneId: row.zone_id,
      at,
      decidedAt: row.payload.decidedAt,
      source: row.payload.by,
      causes: row.causes,
    };
    const event: FenceEvent =
      row.kind === 'ZoneCrossed'
        ? { ...base, kind: 'ZoneCrossed', enteredAt: at, exitedAt: row.payload.exitedAt ?? at }
        : { ...base, kind: row.kind };
    return { event, id: row.id, siteId: row.site_id };
  });
}

function toTrackingEvent(batch: Batch, asset: AssetRef, event: FenceEvent, late: boolean): NewTrackingEvent {
  const passCause = event.causes.find((cause) => cause.startsWith('pass/'));
  return {
    siteId: batch.places.zone(event.zoneId)?.siteId ?? batch.siteId,
    kind: event.kind,
    asset,
    occurredAt: event.at,
    receivedAt: batch.receivedAt,
    truckPlate: asset.kind === 'TRUCK' ? asset.code : null,
    gateId: null,
    laneId: null,
    zoneId: event.zoneId,
    passId: passCause?.split('/')[1] ?? null,
    visitId: null,
    source: event.source === 'GATE' ? 'READER' : 'POSITION',
    late,
    withdraws: null,
    causes: event.causes,
    payload: {
      by: event.source,
      decidedAt: event.decidedAt,
      ...(event.kind === 'ZoneCrossed' ? { exitedAt: event.exitedAt } : {}),
    },
  };
}
