import { createFenceIndex, type FenceIndex, type ZoneGeometry } from '#libs/geo';
import type { Tx } from '#libs/persistence';

/** Zones that a truck leaves, all of them, when it leaves the terminal. */
const WITHIN_TERMINAL = new Set(['TERMINAL', 'YARD', 'BERTH', 'BONDED_AREA']);

export interface Lane {
  readonly id: string;
  readonly siteId: string;
  readonly gateId: string;
  readonly zoneId: string | null;
}

export interface ZoneRecord {
  readonly id: string;
  readonly siteId: string;
  readonly kind: string;
}

/** Sites, lanes and zones, as read at one moment; held between batches and read again now and then. */
export class Places {
  constructor(
    private readonly lanes: ReadonlyMap<string, Lane>,
    private readonly zones: ReadonlyMap<string, ZoneRecord>,
    readonly fences: FenceIndex,
  ) {}

  /** undefined for a lane of another terminal too: a gateway speaks for its own lanes only. */
  lane(siteId: string, id: string): Lane | undefined {
    const lane = this.lanes.get(id);
    return lane?.siteId === siteId ? lane : undefined;
  }

  zone(id: string): ZoneRecord | undefined {
    return this.zones.get(id);
  }

  zonesOf(kind: string): string[] {
    return [...this.zones.values()].filter((zone) => zone.kind === kind).map((zone) => zone.id);
  }

  /** Lane zone first, then the others within the terminal. */
  zonesLeftBy(siteId: string, laneZoneId: string): string[] {
    const others = [...this.zones.values()].filter(
      (zone) => zone.siteId === siteId && zone.id !== laneZoneId && WITHIN_TERMINAL.has(zone.kind),
    );
    return [laneZoneId, ...others.map((zone) => zone.id)];
  }

  static async load(tx: Tx): Promise<Places> {
    const lanes = await tx.query<{ id: string; site_id: string; gate_id: string; zone_id: string | null }>(
      'SELECT id, site_id, gate_id, zone_id FROM lane',
    );
    const zones = await tx.query<{
      id: string;
      site_id: string;
      kind: string;
      geometry: ZoneGeometry;
      buffer_m: number;
      dwell_ms: number;
    }>('SELECT id, site_id, kind, geometry, buffer_m, dwell_ms FROM zone ORDER BY id');
    return new Places(
      new Map(
        lanes.map((row) => [row.id, { id: row.id, siteId: row.site_id, gateId: row.gate_id, zoneId: row.zone_id }]),
      ),
      new Map(zones.map((row) => [row.id, { id: row.id, siteId: row.site_id, kind: row.kind }])),
      createFenceIndex(
        zones.map((row) => ({
          zoneId: row.id,
          geometry: row.geometry,
          bufferM: row.buffer_m,
          dwellMs: row.dwell_ms,
        })),
      ),
    );
  }
}
