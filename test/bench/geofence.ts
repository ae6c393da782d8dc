import { booleanPointInPolygon, polygon } from '@turf/turf';
import Flatbush from 'flatbush';
import {
  createFenceIndex,
  DEFAULT_FENCE_POLICY,
  INITIAL_FENCE_STATE,
  step,
  type AssetFenceState,
  type FenceIndex,
  type FenceZone,
  type Fix,
} from '../../libs/geo/src/index.js';
import type { BenchReport, BenchResult } from './contract.js';
import { loadPeer, ownVersion } from './peers.js';
import { alternate, machine, ratioOf, type Contender } from './rounds.js';
import { seededRandom } from './seeded-random.js';
import { openPostgis, type PostgisSession } from './temporary-postgis.js';

const ROUNDS = 7;
const SEED = 20261122;
const CORNERS = 60;
const TRUCKS = 250;
const FIXES_PER_TRUCK = 800;
const FIX_EVERY_S = 10;
/** Ningbo-Zhoushan's waters and yards: 68 km by 56 km. */
const REGION = { west: 121.6, south: 29.7, width: 0.7, height: 0.5 };
const METRES_PER_DEGREE = 111_195;

const FENCE_COUNTS = [500, 10_000] as const;

/** The first fixes that turf is given in each round; its rate is per point all the same. */
const TURF_SHARE = { 500: 4_000, 10_000: 250 } as const;
const POSTGIS_SHARE = 40_000;

type FenceCount = (typeof FENCE_COUNTS)[number];

interface Scene {
  readonly zones: readonly FenceZone[];
  readonly rings: readonly [number, number][][];
  /** In order of time; truck i mod TRUCKS. */
  readonly fixes: readonly Fix[];
}

/**
 * Fences anywhere in the region, 80 to 250 m wide around their centre, and trucks that drive from one of them to the next
 * at 5 to 20 m/s, stay there for a while, and tell their place every ten seconds with some metres of noise.
 */
function sceneOf(fences: FenceCount): Scene {
  const random = seededRandom(SEED);
  const centres: [number, number][] = [];
  const rings: [number, number][][] = [];
  for (let i = 0; i < fences; i++) {
    const lon = REGION.west + random() * REGION.width;
    const lat = REGION.south + random() * REGION.height;
    const radiusM = 80 + 170 * random();
    const perLon = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
    const ring = Array.from({ length: CORNERS }, (_, c): [number, number] => {
      const angle = (2 * Math.PI * c) / CORNERS;
      const r = radiusM * (0.75 + 0.25 * random());
      return [lon + (r * Math.cos(angle)) / perLon, lat + (r * Math.sin(angle)) / METRES_PER_DEGREE];
    });
    rings.push([...ring, ring[0] ?? [lon, lat]]);
    centres.push([lon, lat]);
  }

  const begin = Date.UTC(2026, 10, 22);
  const trucks = Array.from({ length: TRUCKS }, () => {
    const [lon, lat] = pick(centres, random);
    return { lon, lat, goal: pick(centres, random), speedMps: 5 + 15 * random(), waits: 0 };
  });
  const fixes: Fix[] = [];
  for (let n = 0; n < FIXES_PER_TRUCK; n++) {
    for (const [t, truck] of trucks.entries()) {
      const perLon = METRES_PER_DEGREE * Math.cos((truck.lat * Math.PI) / 180);
      const eastM = (truck.goal[0] - truck.lon) * perLon;
      const northM = (truck.goal[1] - truck.lat) * METRES_PER_DEGREE;
      const leftM = Math.hypot(eastM, northM);
      const stepM = truck.speedMps * FIX_EVERY_S;
      if (truck.waits > 0) {
        truck.waits--;
      } else if (leftM <= stepM) {
        [truck.lon, truck.lat] = truck.goal;
        truck.goal = nearOneOf(centres, truck, random);
        truck.waits = Math.floor(60 * random());
        truck.speedMps = 5 + 15 * random();
      } else {
        truck.lon += (eastM / leftM) * (stepM / perLon);
        truck.lat += (northM / leftM) * (stepM / METRES_PER_DEGREE);
      }
      fixes.push({
        key: `${t}-${n}`,
        at: begin + n * FIX_EVERY_S * 1000 + t,
        longitude: truck.lon + ((random() - 0.5) * 16) / perLon,
        latitude: truck.lat + ((random() - 0.5) * 16) / METRES_PER_DEGREE,
        accuracyM: random() < 0.5 ? 2 + 6 * random() : null,
      });
    }
  }
  const zones = rings.map((ring, i): FenceZone => ({
    zoneId: `zone-${i}`,
    geometry: { type: 'Polygon', coordinates: [ring] },
    bufferM: 20,
    dwellMs: 30_000,
  }));
  return { zones, rings, fixes };
}

function pick<T>(list: readonly T[], random: () => number): T {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) {
    throw new Error('An empty list has nothing to pick from.');
  }
  return item;
}

/** The nearest of eight, so that trips take minutes and not hours. */
function nearOneOf(
  centres: readonly [number, number][],
  truck: { lon: number; lat: number },
  random: () => number,
): [number, number] {
  const far = ([lon, lat]: [number, number]): number => Math.hypot(lon - truck.lon, lat - truck.lat);
  return Array.from({ length: 8 }, () => pick(centres, random)).reduce((a, b) => (far(b) < far(a) ? b : a));
}

/** What a contender found, folded into two numbers that must be equal for all of them on the same fixes. */
interface Tally {
  hits: number;
  sum: number;
}

type Lookup = (lon: number, lat: number, tally: Tally) => void;

function tallyOf(lookup: Lookup, fixes: readonly Fix[], count: number): Tally {
  const tally = { hits: 0, sum: 0 };
  for (let i = 0; i < count; i++) {
    const fix = fixes[i];
    if (fix !== undefined) {
      lookup(fix.longitude, fix.latitude, tally);
    }
  }
  return tally;
}

interface NamedLookup {
  readonly who: string;
  readonly version?: string;
  readonly lookup: Lookup;
  /** Given a share of the fixes only. */
  readonly slow: boolean;
}

function lookupsOf(
  index: FenceIndex,
  { rings }: Scene,
): { own: NamedLookup; peers: readonly NamedLookup[]; missing: readonly BenchResult[] } {
  const found = new Uint32Array(index.size);
  const own: NamedLookup = {
    who: 'boxtrail-hits',
    slow: false,
    lookup: (lon, lat, tally) => {
      const count = index.containingInto(lon, lat, found);
      for (let i = 0; i < count; i++) {
        tally.hits++;
        tally.sum += found[i] ?? 0;
      }
    },
  };

  const features = rings.map((ring) => polygon([ring]));
  const turf: NamedLookup = {
    who: 'turf',
    version: ownVersion('@turf/turf'),
    slow: true,
    lookup: (lon, lat, tally) => {
      const point = [lon, lat];
      features.forEach((feature, zone) => {
        if (booleanPointInPolygon(point, feature)) {
          tally.hits++;
          tally.sum += zone;
        }
      });
    },
  };

  const peer = loadPeer('which-polygon');
  if ('missing' in peer) {
    return { own, peers: [turf], missing: [missingOf('which-polygon', peer.missing)] };
  }
  const query = (peer.module as WhichPolygon)({
    features: rings.map((ring, zone) => ({
      geometry: { type: 'Polygon', coordinates: [ring] },
      properties: { zone },
    })),
  });
  const whichPolygon: NamedLookup = {
    who: 'which-polygon',
    version: peer.version,
    slow: false,
    lookup: (lon, lat, tally) => {
      for (const { zone } of query([lon, lat], true) ?? []) {
        tally.hits++;
        tally.sum += zone;
      }
    },
  };
  return { own, peers: [turf, whichPolygon], missing: [] };
}

type WhichPolygon = (collection: {
  features: { geometry: { type: 'Polygon'; coordinates: [number, number][][] }; properties: { zone: number } }[];
}) => (point: [number, number], multi: true) => { zone: number }[] | null;

/** Flatbush over the fences' boxes and nothing else: what the exact answer is paid on top of. */
function boxesOnly({ rings, fixes }: Scene): Contender {
  const tree = new Flatbush(rings.length);
  for (const ring of rings) {
    const lons = ring.map(([lon]) => lon);
    const lats = ring.map(([, lat]) => lat);
    tree.add(Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats));
  }
  tree.finish();
  return {
    who: 'boxes-only',
    version: `flatbush ${ownVersion('flatbush')}`,
    work: () => {
      let found = 0;
      for (const { longitude, latitude } of fixes) {
        found += tree.search(longitude, latitude, longitude, latitude).length;
      }
      return found >= 0 ? fixes.length : 0;
    },
  };
}

/** Enter, exit and crossing with buffer, dwell, accuracy and speed, for each fix of each truck. */
function rules(index: FenceIndex, fixes: readonly Fix[]): Contender & { events(): ReadonlyMap<string, number> } {
  const events = (): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    const states: AssetFenceState[] = new Array<AssetFenceState>(TRUCKS).fill(INITIAL_FENCE_STATE);
    let truck = 0;
    for (const fix of fixes) {
      const done = step(states[truck] ?? INITIAL_FENCE_STATE, fix, index, DEFAULT_FENCE_POLICY);
      states[truck] = done.state;
      for (const { kind } of done.events) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      truck = truck + 1 === TRUCKS ? 0 : truck + 1;
    }
    return counts;
  };
  return { who: 'boxtrail', events, work: () => (events().size > 0 ? fixes.length : 0) };
}

/** Fences and points lie ready as indexed geometries and the answer is summed in the server: nothing is sent to and fro. */
async function postgisOf(
  session: PostgisSession,
  { rings, fixes }: Scene,
  fences: FenceCount,
): Promise<(Contender & { tally(): Promise<Tally> }) | null> {
  if ('missing' in session) {
    return null;
  }
  const { client } = session;
  const fence = `bench_fence_${fences}`;
  const point = `bench_point_${fences}`;
  await client.query(`
    DROP TABLE IF EXISTS ${fence}, ${point};
    CREATE TABLE ${fence} (id int PRIMARY KEY, geom geometry(Polygon, 4326) NOT NULL);
    CREATE TABLE ${point} (id int PRIMARY KEY, geom geometry(Point, 4326) NOT NULL)`);
  await client.query(
    `INSERT INTO ${fence} SELECT n - 1, ST_SetSRID(ST_GeomFromGeoJSON(g), 4326) FROM unnest($1::text[]) WITH ORDINALITY AS t(g, n)`,
    [rings.map((ring) => JSON.stringify({ type: 'Polygon', coordinates: [ring] }))],
  );
  const points = fixes.slice(0, POSTGIS_SHARE);
  await client.query(
    `INSERT INTO ${point}
     SELECT n, ST_SetSRID(ST_MakePoint(x, y), 4326) FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS t(x, y, n)`,
    [points.map(({ longitude }) => longitude), points.map(({ latitude }) => latitude)],
  );
  await client.query(`CREATE INDEX ON ${fence} USING gist (geom)`);
  await client.query(`VACUUM ANALYZE ${fence}`);
  await client.query(`VACUUM ANALYZE ${point}`);
  const tally = async (): Promise<Tally> => {
    const { rows } = await client.query<{ hits: string; sum: string | null }>(
      `SELECT count(*) AS hits, sum(f.id) AS sum FROM ${point} p JOIN ${fence} f ON ST_Covers(f.geom, p.geom)`,
    );
    return { hits: Number(rows[0]?.hits), sum: Number(rows[0]?.sum) };
  };
  return {
    who: 'postgis',
    version: session.version,
    tally,
    work: async () => {
      await tally();
      return points.length;
    },
  };
}

export async function run(): Promise<BenchReport> {
  const session = await openPostgis();
  const notes: string[] = [
    `seed ${SEED}; ${TRUCKS} trucks, ${TRUCKS * FIXES_PER_TRUCK} fixes every ${FIX_EVERY_S} s in order of time; fences of ${CORNERS} corners`,
    'boxtrail: enter, exit and crossing by all rules (buffer 20 m, dwell 30 s, accuracy, speed)',
    'all others, boxtrail-hits too, only look up which fences hold the point',
  ];
  const contenders: Contender[] = [];
  const missing: BenchResult[] = [];
  let results: BenchResult[];
  try {
    for (const fences of FENCE_COUNTS) {
      const side = await sideOf(fences, session);
      contenders.push(...side.contenders.map((contender) => ({ ...contender, who: `${contender.who}@${fences}` })));
      missing.push(...side.missing.map((result) => ({ ...result, who: `${result.who}@${fences}` })));
      notes.push(side.note);
    }
    // Both sizes in one alternation: their ratio is one of the aims.
    results = [...(await alternate(ROUNDS, 'points/s', contenders)), ...missing];
  } finally {
    if (!('missing' in session)) {
      await session.close();
    }
  }

  const ratios: Record<string, number | 'missing'> = {};
  for (const who of ['boxtrail', 'boxtrail-hits']) {
    for (const fences of FENCE_COUNTS) {
      for (const peer of ['turf', 'postgis', 'which-polygon', 'boxes-only']) {
        ratios[nameOf(who, peer, fences)] = ratioOf(results, `${who}@${fences}`, `${peer}@${fences}`);
      }
    }
    ratios[who === 'boxtrail' ? '10000/500' : `${who} 10000/500`] = ratioOf(results, `${who}@10000`, `${who}@500`);
  }
  return { bench: 'geofence', machine: machine(), rounds: ROUNDS, results, ratios, notes };
}

interface BenchSide {
  readonly contenders: readonly Contender[];
  readonly missing: readonly BenchResult[];
  readonly note: string;
}

/** All contenders over one number of fences, after each was found to give the same hits. */
async function sideOf(fences: FenceCount, session: PostgisSession): Promise<BenchSide> {
  const scene = sceneOf(fences);
  const { fixes } = scene;
  const index = createFenceIndex(scene.zones);
  const { own, peers, missing } = lookupsOf(index, scene);
  const shareOf = ({ slow }: NamedLookup): number => (slow ? TURF_SHARE[fences] : fixes.length);
  for (const peer of peers) {
    const share = shareOf(peer);
    requireSame(peer.who, tallyOf(peer.lookup, fixes, share), tallyOf(own.lookup, fixes, share));
  }
  const postgis = await postgisOf(session, scene, fences);
  if (postgis !== null) {
    requireSame('postgis', await postgis.tally(), tallyOf(own.lookup, fixes, POSTGIS_SHARE));
  }

  const decided = rules(index, fixes);
  const { hits } = tallyOf(own.lookup, fixes, fixes.length);
  const events = [...decided.events()].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return {
    contenders: [
      decided,
      ...[own, ...peers].map((named): Contender => ({
        who: named.who,
        ...(named.version === undefined ? {} : { version: named.version }),
        work: () => {
          tallyOf(named.lookup, fixes, shareOf(named));
          return shareOf(named);
        },
      })),
      ...(postgis === null ? [] : [postgis]),
      boxesOnly(scene),
    ],
    missing: [...missing, ...('missing' in session ? [missingOf('postgis', session.missing)] : [])],
    note: `${fences} fences: ${(hits / fixes.length).toFixed(2)} hits a point, equal for all sides; ${events}`,
  };
}

/** The plain names `turf`, `postgis`, … are the ratios of the whole decision at 500 fences. */
function nameOf(who: string, peer: string, fences: number): string {
  const side = who === 'boxtrail' ? peer : `${who} : ${peer}`;
  return fences === 500 ? side : `${side}@${fences}`;
}

function missingOf(who: string, reason: string): BenchResult {
  return { who, value: 'missing', unit: 'points/s', reason };
}

function requireSame(who: string, theirs: Tally, ours: Tally): void {
  if (theirs.hits !== ours.hits || theirs.sum !== ours.sum) {
    throw new Error(`${who} found other fences: ${JSON.stringify(theirs)} against ${JSON.stringify(ours)}`);
  }
}
