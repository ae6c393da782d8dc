import { DomainError, systemClock, type Clock, type EpochMs } from '#libs/kernel';
import type { HealthReport, UplinkAnswer, UplinkBatch, UplinkItem } from '#libs/lane';
import type { Database, Tx } from '#libs/persistence';
import { AssetStates } from './asset-states.js';
import type { Batch } from './batch.js';
import { BindingBook } from './binding-book.js';
import { Places } from './places.js';
import { keepUnresolved, noteClocks } from './stages/alerts.js';
import { applyAnswers } from './stages/answers.js';
import { decidePasses } from './stages/decide-passes.js';
import { heardElsewhere, noteDevicesElsewhere, tellBothTerminals } from './stages/devices-in-two-places.js';
import { foldFences } from './stages/fences.js';
import { placeFixes, record } from './stages/record.js';
import { lookUp } from './stages/look-up.js';
import { lockAssets, resolveObservations, resolvePasses } from './stages/resolve.js';
import { storeObservations, storeRefused } from './stages/store-observations.js';

/**
 * The way of a batch, from the gateway's items to the journal: read it from top to bottom.
 * Every stage works on the same `Batch` in the same transaction; the answer to the gateway goes out after its commit.
 */
const STAGES: readonly { readonly name: string; readonly run: (batch: Batch) => Promise<void> }[] = [
  { name: 'look up: bindings, trucks, and which passes are new', run: lookUp },
  { name: 'resolve: which asset is each observation about', run: resolveObservations },
  { name: 'resolve: which truck and boxes are in each new pass', run: resolvePasses },
  { name: 'lock: the assets, in asset order', run: lockAssets },
  { name: 'dedupe: store observations, go on with the new ones', run: storeObservations },
  { name: 'keep: what was not understood', run: storeRefused },
  { name: 'decide: visits, gate events, rides', run: decidePasses },
  { name: 'decide: what people said of unresolved readings', run: applyAnswers },
  { name: 'locate: fixes to their assets', run: placeFixes },
  { name: 'fence: enter, exit, cross, in event time', run: foldFences },
  { name: 'ask: unresolved readings, with proposals', run: keepUnresolved },
  { name: 'ask: clocks that cannot be right', run: noteClocks },
  { name: 'ask: devices that stand in two places', run: noteDevicesElsewhere },
  { name: 'record: journal, projections, alerts, outbox', run: record },
];

/** Places are read again when they are this old, without anybody waiting for it, */
const PLACES_MS = 10_000;
/** and believed no longer than this. */
const MAX_PLACES_MS = 20_000;

/** What must hold for a delivery to be taken, found out in its transaction: when it throws, nothing is recorded. */
export type Admission = (tx: Tx) => Promise<void>;

/** Takes batches of gateways into the tracking domain. */
export class Ingest {
  private places: { readonly value: Places; readonly readAt: EpochMs } | undefined;
  private renewing = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * Records a batch in one transaction; items that are committed already are passed over.
   * @throws DomainError SEQUENCE_GAP {committedSequence} when the batch begins behind the next expected item
   */
  async accept(batch: UplinkBatch, admission?: Admission): Promise<UplinkAnswer> {
    return this.database.write(async (tx) => {
      const admitted = admission?.(tx);
      const [committed, places] = await Promise.all([claimStream(tx, batch), this.currentPlaces(tx), admitted]);
      const first = batch.items[0]?.sequence ?? committed + 1;
      if (first > committed + 1) throw new DomainError('SEQUENCE_GAP', { committedSequence: committed, value: first });
      const items = batch.items.filter((item) => item.sequence > committed);
      const last = items.at(-1);
      if (last === undefined) return { committedSequence: committed };

      const draft: Batch = { ...this.emptyBatch(tx, batch.siteId, places), ...sorted(items) };
      await Promise.all([advanceStream(tx, batch, last.sequence), runStages(draft)]);
      return { committedSequence: last.sequence };
    });
  }

  /** Runs the stages for a gateway's items in the caller's transaction, over the places as they stand in it. */
  async acceptItems(tx: Tx, siteId: string, items: readonly UplinkItem[]): Promise<void> {
    await runStages({ ...this.emptyBatch(tx, siteId, await Places.load(tx)), ...sorted(items) });
  }

  /** Runs the stages for what did not come from a gateway, such as a pass reported by hand, in the caller's transaction. */
  async acceptInTransaction(tx: Tx, siteId: string, fill: (batch: Batch) => void): Promise<Batch> {
    const batch = this.emptyBatch(tx, siteId, await this.currentPlaces(tx));
    fill(batch);
    await runStages(batch);
    return batch;
  }

  /** The latest word of a gateway on itself and its devices. An older report never replaces a newer one, nor one terminal's another's. */
  async reportHealth(report: HealthReport, admission?: Admission): Promise<void> {
    await this.database.write(async (tx) => {
      await admission?.(tx);
      await tx.query(
        `INSERT INTO gateway_health (gateway_id, site_id, reported_at, report) VALUES ($1,$2,$3,$4)
         ON CONFLICT (gateway_id) DO UPDATE SET reported_at = excluded.reported_at, report = excluded.report
         WHERE gateway_health.reported_at <= excluded.reported_at AND gateway_health.site_id = excluded.site_id`,
        [report.gatewayId, report.siteId, new Date(report.at), JSON.stringify(report.spool)],
      );
      await tx.query(
        `INSERT INTO device_health (device_id, site_id, gateway_id, lane_id, reported_at, report)
         SELECT row.report->>'deviceId', $1, $2, row.report->>'laneId', $3, row.report FROM jsonb_array_elements($4) AS row(report)
         ON CONFLICT (device_id) DO UPDATE SET gateway_id = excluded.gateway_id,
           lane_id = excluded.lane_id, reported_at = excluded.reported_at, report = excluded.report
         WHERE device_health.reported_at <= excluded.reported_at AND device_health.site_id = excluded.site_id`,
        [report.siteId, report.gatewayId, new Date(report.at), JSON.stringify(report.devices)],
      );
      const inLanes = report.devices.flatMap(({ deviceId, laneId }) => (laneId === null ? [] : [deviceId]));
      const elsewhere = await heardElsewhere(tx, report.siteId, inLanes);
      if (elsewhere.length > 0) await tellBothTerminals(tx, report.siteId, elsewhere, this.clock.now());
    });
  }

  private emptyBatch(tx: Tx, siteId: string, places: Places): Batch {
    return {
      tx,
      siteId,
      places,
      receivedAt: this.clock.now(),
      observations: [],
      passes: [],
      refused: [],
      bindings: new BindingBook([]),
      trucks: new Map(),
      elsewhere: [],
      resolved: [],
      unresolved: [],
      answers: [],
      states: AssetStates.none(),
      fenceItems: new Map(),
      refold: new Map(),
      events: [],
      alerts: [],
    };
  }

  /** Reads them in the caller's transaction when nothing believable is held: a second connection might never come free. */
  private async currentPlaces(tx: Tx): Promise<Places> {
    const now = this.clock.now();
    const held = this.places;
    if (held !== undefined && now - held.readAt < MAX_PLACES_MS) {
      if (now - held.readAt >= PLACES_MS) this.renewPlaces(now);
      return held.value;
    }
    const value = await Places.load(tx);
    this.places = { value, readAt: now };
    return value;
  }

  /** A reading that fails leaves the held places to grow old. */
  private renewPlaces(now: EpochMs): void {
    if (this.renewing) return;
    this.renewing = true;
    void this.database
      .write((tx) => Places.load(tx))
      .then(
        (value) => (this.places = { value, readAt: now }),
        () => undefined,
      )
      .finally(() => (this.renewing = false));
  }
}

/** By kind; observations in event time. */
function sorted(items: readonly UplinkItem[]): Pick<Batch, 'observations' | 'passes' | 'refused'> {
  return {
    observations: items
      .flatMap((item) => (item.kind === 'observation' ? [{ observation: item.observation, asset: null }] : []))
      .sort((a, b) => a.observation.occurredAt - b.observation.occurredAt),
    passes: items.flatMap((item) => (item.kind === 'pass' ? [item.pass] : [])),
    refused: items.flatMap((item) => (item.kind === 'refused' ? [item.refused] : [])),
  };
}

async function runStages(batch: Batch): Promise<void> {
  for (const stage of STAGES) await stage.run(batch);
}

/** Locks the stream's row: two deliveries of one gateway are taken one after the other. */
async function claimStream(tx: Tx, { gatewayId, streamId }: UplinkBatch): Promise<number> {
  const [row] = await tx.query<{ committed_sequence: string }>(
    `INSERT INTO gateway_stream (gateway_id, stream_id) VALUES ($1,$2)
     ON CONFLICT (gateway_id, stream_id) DO UPDATE SET updated_at = now() RETURNING committed_sequence`,
    [gatewayId, streamId],
  );
  return Number(row?.committed_sequence ?? 0);
}

async function advanceStream(tx: Tx, { gatewayId, streamId }: UplinkBatch, sequence: number): Promise<void> {
  await tx.query('UPDATE gateway_stream SET committed_sequence = $3 WHERE gateway_id = $1 AND stream_id = $2', [
    gatewayId,
    streamId,
    sequence,
  ]);
}
