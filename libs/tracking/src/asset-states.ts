import { INITIAL_FENCE_STATE, type AssetFenceState } from '#libs/geo';
import type { AssetKind, AssetRef } from '#libs/journal';
import type { Tx } from '#libs/persistence';
import type { EpochMs } from '#libs/kernel';
import { assetKey } from './keys.js';

export interface AssetPosition {
  readonly longitude: number;
  readonly latitude: number;
  readonly speedMps: number | null;
  readonly courseDeg: number | null;
  readonly at: EpochMs;
}

interface AssetState {
  readonly asset: AssetRef;
  fence: AssetFenceState;
  siteId: string | null;
  position: AssetPosition | null;
  lastEvent: { readonly id: string; readonly kind: string; readonly at: EpochMs } | null;
  changed: boolean;
}

interface StateRow {
  readonly asset_kind: AssetKind;
  readonly asset_code: string;
  readonly site_id: string | null;
  readonly fence_state: AssetFenceState | Record<string, never>;
  readonly longitude: number | null;
  readonly latitude: number | null;
  readonly speed_mps: number | null;
  readonly course_deg: number | null;
  readonly position_at: Date | null;
  readonly last_event_id: string | null;
  readonly last_event_kind: string | null;
  readonly last_event_at: Date | null;
}

/** The present of the assets of a batch. Their rows are locked, in asset order, until the transaction ends. */
export class AssetStates {
  private constructor(private readonly states: ReadonlyMap<string, AssetState>) {}

  static none(): AssetStates {
    return new AssetStates(new Map());
  }

  /** Makes what is missing, then locks. Two batches that touch the same assets wait for each other and never deadlock. */
  static async lock(tx: Tx, assets: Iterable<AssetRef>): Promise<AssetStates> {
    const wanted = [...new Map([...assets].map((asset) => [assetKey(asset), asset])).entries()]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, asset]) => asset);
    if (wanted.length === 0) return new AssetStates(new Map());
    const columns = [wanted.map((asset) => asset.kind), wanted.map((asset) => asset.code)];
    const made = tx.query(
      `WITH wanted AS (SELECT kind, code FROM unnest($1::text[], $2::text[]) AS wanted(kind, code)),
         known AS (INSERT INTO asset (kind, code) SELECT kind, code FROM wanted ON CONFLICT (kind, code) DO NOTHING)
       INSERT INTO asset_state (asset_kind, asset_code, known_at) SELECT kind, code, '-infinity' FROM wanted
       ON CONFLICT (asset_kind, asset_code) DO NOTHING`,
      columns,
    );
    const locked = tx.query<StateRow>(
      `SELECT asset_kind, asset_code, site_id, fence_state, longitude, latitude, speed_mps, course_deg, position_at,
         last_event_id, last_event_kind, last_event_at
       FROM asset_state JOIN unnest($1::text[], $2::text[]) AS wanted(kind, code) ON asset_kind = kind AND asset_code = code
       ORDER BY asset_kind COLLATE "C", asset_code COLLATE "C" FOR UPDATE OF asset_state`,
      columns,
    );
    const [, rows] = await Promise.all([made, locked]);
    return new AssetStates(new Map(rows.map((row) => [`${row.asset_kind}:${row.asset_code}`, toState(row)])));
  }

  get(asset: AssetRef): AssetState {
    const state = this.states.get(assetKey(asset));
    if (state === undefined) throw new Error(`${assetKey(asset)} is not locked in this batch`);
    return state;
  }

  has(asset: AssetRef): boolean {
    return this.states.has(assetKey(asset));
  }

  /** A late position never moves the present backwards. */
  notePosition(asset: AssetRef, siteId: string, position: AssetPosition): void {
    const state = this.get(asset);
    if (state.position !== null && state.position.at >= position.at) return;
    state.position = position;
    state.siteId = siteId;
    state.changed = true;
  }

  noteEvent(
    asset: AssetRef,
    siteId: string,
    event: { readonly id: string; readonly kind: string; readonly at: EpochMs },
  ): void {
    const state = this.get(asset);
    if (state.lastEvent !== null && state.lastEvent.at > event.at) return;
    state.lastEvent = event;
    state.siteId = siteId;
    state.changed = true;
  }

  noteFence(asset: AssetRef, fence: AssetFenceState): void {
    const state = this.get(asset);
    state.fence = fence;
    state.changed = true;
  }

  async store(tx: Tx): Promise<void> {
    const rows = [...this.states.values()].filter((state) => state.changed).map(toRow);
    if (rows.length === 0) return;
    await tx.query(
      `UPDATE asset_state AS s SET site_id = r.site_id, longitude = r.longitude, latitude = r.latitude,
         speed_mps = r.speed_mps, course_deg = r.course_deg, position_at = r.position_at,
         fence_state = r.fence_state, fence_at = r.fence_at, zone_ids = r.zone_ids,
         last_event_id = r.last_event_id, last_event_kind = r.last_event_kind, last_event_at = r.last_event_at,
         known_at = greatest(s.known_at, r.position_at, r.fence_at, r.last_event_at)
       FROM jsonb_to_recordset($1) AS r(asset_kind text, asset_code text, site_id text, longitude double precision,
         latitude double precision, speed_mps double precision, course_deg double precision, position_at timestamptz,
         fence_state jsonb, fence_at timestamptz, zone_ids text[], last_event_id uuid, last_event_kind text,
         last_event_at timestamptz)
       WHERE s.asset_kind = r.asset_kind AND s.asset_code = r.asset_code`,
      [JSON.stringify(rows)],
    );
  }
}

function toState(row: StateRow): AssetState {
  return {
    asset: { kind: row.asset_kind, code: row.asset_code },
    fence: 'zones' in row.fence_state ? (row.fence_state as AssetFenceState) : INITIAL_FENCE_STATE,
    siteId: row.site_id,
    position:
      row.position_at === null || row.longitude === null || row.latitude === null
        ? null
        : {
            longitude: row.longitude,
            latitude: row.latitude,
            speedMps: row.speed_mps,
            courseDeg: row.course_deg,
            at: row.position_at.getTime(),
          },
    lastEvent:
      row.last_event_id === null || row.last_event_kind === null || row.last_event_at === null
        ? null
        : { id: row.last_event_id, kind: row.last_event_kind, at: row.last_event_at.getTime() },
    changed: false,
  };
}

const iso = (at: EpochMs | undefined | null): string | null =>
  at === undefined || at === null ? null : new Date(at).toISOString();

function toRow({ asset, fence, siteId, position, lastEvent }: AssetState): Record<string, unknown> {
  return {
    asset_kind: asset.kind,
    asset_code: asset.code,
    site_id: siteId,
    longitude: position?.longitude ?? null,
    latitude: position?.latitude ?? null,
    speed_mps: position?.speedMps ?? null,
    course_deg: position?.courseDeg ?? null,
    position_at: iso(position?.at),
    fence_state: fence,
    fence_at: iso(fence.cursor?.at),
    zone_ids: fence.zones.filter((zone) => zone.inside).map((zone) => zone.zoneId),
    last_event_id: lastEvent?.id ?? null,
    last_event_kind: lastEvent?.kind ?? null,
    last_event_at: iso(lastEvent?.at),
  };
}
