import { systemClock, type Clock, type EpochMs } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
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
  /** The site of the sandbox that all of this is; null: the port. */
  readonly sandbox: string | null;
}

/** Where somebody finds the places that there are for them. */
export interface PlaceSource {
  get(): Promise<Places>;
  /** What `pick` takes from the places; at once when they are kept, for a page asks for some hundred of them. */
  pick<T>(pick: (places: Places) => T): T | Promise<T>;
}

interface Read {
  readonly port: Places;
  /** By the organisation that is in one. */
  readonly sandboxes: ReadonlyMap<string, Places>;
}

/** Some hundred rows that change when a terminal is rebuilt. */
const KEEP_MS = 10_000;

/**
 * The port's places, which belong to nobody and stand behind every answer: read together, kept for a few seconds. Whoever is in a sandbox
 * finds that alone, and nobody else finds it.
 */
export class PlaceBook {
  private current: { readonly until: EpochMs; readonly reading: Promise<Read>; read?: Read } | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock = systemClock,
  ) {}

  /** null: of whoever is not known. */
  of(organisationId: string | null): PlaceSource {
    const theirs = ({ port, sandboxes }: Read): Places =>
      organisationId === null ? port : (sandboxes.get(organisationId) ?? port);
    const get = (): Promise<Places> => this.read().then(theirs);
    return {
      get,
      pick: (pick) => {
        const { current } = this;
        return current?.read !== undefined && current.until > this.clock.now()
          ? pick(theirs(current.read))
          : get().then(pick);
      },
    };
  }

  private read(): Promise<Read> {
    if (this.current !== undefined && this.current.until > this.clock.now()) return this.current.reading;
    const reading = this.database.readPublic(readPlaces);
    const current: NonNullable<typeof this.current> = { until: this.clock.now() + KEEP_MS, reading };
    this.current = current;
    reading.then(
      (read) => (current.read = read),
      () => {
        if (this.current === current) this.current = undefined;
      },
    );
    return reading;
  }
}

async function readPlaces(tx: Tx): Promise<Read> {
  const sites = await tx.query<SiteRow>(`SELECT ${selectList(SITE_COLUMNS)} FROM site ORDER BY id`);
  const zones = await tx.query<ZoneRow>(`SELECT ${selectList(ZONE_COLUMNS)} FROM zone ORDER BY id`);
  const gates = await tx.query<GateRow>(`SELECT ${selectList(GATE_COLUMNS)} FROM gate ORDER BY id`);
  const lanes = await tx.query<LaneRow>(
    `SELECT ${selectList(LANE_COLUMNS)} FROM lane ORDER BY site_id, gate_id, number`,
  );
  const members = await tx.query<{ organisation: string; site: string }>(
    'SELECT organisation_id::text AS organisation, site_id AS site FROM sandbox_member',
  );
  const apart = new Set(members.map(({ site }) => site));
  const where = (isThere: (site: string) => boolean, sandbox: string | null): Places => ({
    sites: byCode(sites.filter(({ code }) => isThere(code))),
    zones: byCode(zones.filter(({ siteId }) => isThere(siteId))),
    gates: byCode(gates.filter(({ siteId }) => isThere(siteId))),
    lanes: byCode(lanes.filter(({ siteId }) => isThere(siteId))),
    sandbox,
  });
  const bySite = new Map([...apart].map((site) => [site, where((other) => other === site, site)]));
  return {
    port: where((site) => !apart.has(site), null),
    sandboxes: new Map(
      members.flatMap(({ organisation, site }) => {
        const places = bySite.get(site);
        return places === undefined ? [] : [[organisation, places] as const];
      }),
    ),
  };
}

function byCode<Row extends { readonly code: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.code, row]));
}
