import { systemClock, type Clock, type EpochMs } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { selectList, type Columns } from '../shared/columns.js';

export interface SiteRow {
  readonly code: string;
  readonly unLocode: string;
  readonly smdgCode: string;
  readonly name: string;
  readonly nameZh: string;
  readonly longitude: number;
  readonly latitude: number;
}

export interface ZoneRow {
  readonly code: string;
  readonly siteId: string;
  readonly kind: 'TERMINAL' | 'GATE' | 'YARD' | 'BERTH' | 'BONDED_AREA' | 'RAIL_STATION' | 'ROAD' | 'TRUCK_PARK';
  readonly name: string;
  readonly nameZh: string;
  readonly geometry: unknown;
  readonly bufferM: number;
  readonly dwellMs: number;
}

export interface GateRow {
  readonly code: string;
  readonly siteId: string;
  readonly name: string;
  readonly nameZh: string;
}

export interface LaneRow {
  readonly code: string;
  readonly siteId: string;
  readonly gateId: string;
  readonly number: number;
  readonly direction: 'IN' | 'OUT' | 'REVERSIBLE';
}

export const SITE_COLUMNS: Columns<SiteRow> = {
  code: 'id',
  unLocode: 'un_locode',
  smdgCode: 'smdg_code',
  name: 'name',
  nameZh: 'name_zh',
  longitude: 'longitude',
  latitude: 'latitude',
};

export const ZONE_COLUMNS: Columns<ZoneRow> = {
  code: 'id',
  siteId: 'site_id',
  kind: 'kind',
  name: 'name',
  nameZh: 'name_zh',
  geometry: 'geometry',
  bufferM: 'buffer_m',
  dwellMs: 'dwell_ms',
};

export const GATE_COLUMNS: Columns<GateRow> = { code: 'id', siteId: 'site_id', name: 'name', nameZh: 'name_zh' };

export const LANE_COLUMNS: Columns<LaneRow> = {
  code: 'id',
  siteId: 'site_id',
  gateId: 'gate_id',
  number: 'number',
  direction: 'direction',
};

export interface Places {
  readonly sites: ReadonlyMap<string, SiteRow>;
  readonly zones: ReadonlyMap<string, ZoneRow>;
  readonly gates: ReadonlyMap<string, GateRow>;
  readonly lanes: ReadonlyMap<string, LaneRow>;
}

/** Some hundred rows that change when a terminal is rebuilt. */
const KEEP_MS = 10_000;

/** The port's places, which belong to nobody and stand behind every answer: read together, kept for a few seconds. */
export class PlaceBook {
  private current: { readonly until: EpochMs; readonly places: Promise<Places>; read?: Places } | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock = systemClock,
  ) {}

  get(): Promise<Places> {
    if (this.current !== undefined && this.current.until > this.clock.now()) return this.current.places;
    const current: NonNullable<typeof this.current> = { until: this.clock.now() + KEEP_MS, places: this.read() };
    this.current = current;
    current.places.then(
      (places) => (current.read = places),
      () => {
        if (this.current === current) this.current = undefined;
      },
    );
    return current.places;
  }

  /** What `pick` takes from the places; at once when they are kept, for a page asks for some hundred of them. */
  pick<T>(pick: (places: Places) => T): T | Promise<T> {
    const { current } = this;
    return current?.read !== undefined && current.until > this.clock.now() ? pick(current.read) : this.get().then(pick);
  }

  private read(): Promise<Places> {
    return this.database.readPublic(async (tx) => ({
      sites: byCode(await tx.query<SiteRow>(`SELECT ${selectList(SITE_COLUMNS)} FROM site ORDER BY id`)),
      zones: byCode(await tx.query<ZoneRow>(`SELECT ${selectList(ZONE_COLUMNS)} FROM zone ORDER BY id`)),
      gates: byCode(await tx.query<GateRow>(`SELECT ${selectList(GATE_COLUMNS)} FROM gate ORDER BY id`)),
      lanes: byCode(
        await tx.query<LaneRow>(`SELECT ${selectList(LANE_COLUMNS)} FROM lane ORDER BY site_id, gate_id, number`),
      ),
    }));
  }
}

function byCode<Row extends { readonly code: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.code, row]));
}
