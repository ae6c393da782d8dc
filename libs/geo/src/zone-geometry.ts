import { DomainError } from '#libs/kernel';
import { metresPerDegreeOfLongitude, METRES_PER_DEGREE, normaliseLongitude, shortWayDeg } from './sphere.js';

/** A GeoJSON position: [longitude, latitude, …] in WGS-84 degrees; an altitude is ignored. */
export type Position = readonly number[];

/** RFC 7946 Polygon: the first ring is the outline, the others are holes. */
export interface PolygonGeometry {
  readonly type: 'Polygon';
  readonly coordinates: readonly (readonly Position[])[];
}

export interface MultiPolygonGeometry {
  readonly type: 'MultiPolygon';
  readonly coordinates: readonly (readonly (readonly Position[])[])[];
}

/** All points within `halfWidthM` metres of a line; its ends are round. A leg over the date line takes the short way. */
export interface CorridorGeometry {
  readonly corridor: { readonly type: 'LineString'; readonly coordinates: readonly Position[] };
  readonly halfWidthM: number;
}

/** All points within `radiusM` metres of a centre. */
export interface CircleGeometry {
  readonly circle: Position;
  readonly radiusM: number;
}

export type ZoneGeometry = PolygonGeometry | MultiPolygonGeometry | CorridorGeometry | CircleGeometry;

/** A zone with its fence policy. */
export interface FenceZone {
  readonly zoneId: string;
  readonly geometry: ZoneGeometry;
  /** Metres beyond the edge that a fix must lie before it speaks for outside. */
  readonly bufferM: number;
  /** Milliseconds of event time for which a new side must have held before it is told. */
  readonly dwellMs: number;
}

/** A zone's shape in flat arrays. `points` is lon, lat, lon, lat …; a ring is closed, a line is not. */
export type FlatGeometry =
  | { readonly kind: 'AREA'; readonly parts: readonly (readonly Float64Array[])[] }
  | { readonly kind: 'LINE'; readonly points: Float64Array; readonly halfWidthM: number };

/** Corners of one zone; what is larger belongs into a simplifier first. */
const MAX_CORNERS = 100_000;
/** Metres; a corridor wider than this is a region and wants a polygon. */
const MAX_HALF_WIDTH_M = 100_000;
/** Degrees; nearer to a pole a metre of longitude is too many degrees for a flat local picture. */
const MAX_LINE_LATITUDE = 85;

/**
 * Judges a zone and flattens its shape.
 * @throws DomainError INVALID_GEOMETRY with `zoneId`, `field` (path of the point), `value`, `expected`;
 *   INVALID_INPUT when buffer or dwell are not finite and ≥ 0
 */
export function flattenZone(zone: FenceZone): FlatGeometry {
  requireAtLeastZero(zone, 'bufferM');
  requireAtLeastZero(zone, 'dwellMs');
  const { geometry } = zone;
  const fault = (field: string, value: unknown, expected: string): never => {
    throw new DomainError('INVALID_GEOMETRY', { zoneId: zone.zoneId, field, value, expected });
  };

  if ('corridor' in geometry) {
    const { coordinates } = geometry.corridor;
    if (coordinates.length < 2) {
      fault('corridor.coordinates', coordinates.length, 'at least 2 points');
    }
    requireWidth(geometry.halfWidthM, 'halfWidthM', fault);
    const points = flatten(coordinates, 'corridor.coordinates', fault);
    return lineOf(points, geometry.halfWidthM, 'corridor.coordinates', fault);
  }
  if ('circle' in geometry) {
    requireWidth(geometry.radiusM, 'radiusM', fault);
    return lineOf(flatten([geometry.circle], 'circle', fault), geometry.radiusM, 'circle', fault);
  }

  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  if (polygons.length === 0) {
    fault('coordinates', 0, 'at least one polygon');
  }
  let corners = 0;
  const parts = polygons.map((rings, p) => {
    const path = geometry.type === 'Polygon' ? 'coordinates' : `coordinates[${p}]`;
    if (rings.length === 0) {
      fault(path, 0, 'at least one ring');
    }
    return rings.map((ring, r) => {
      corners += ring.length;
      if (corners > MAX_CORNERS) {
        fault(path, corners, `at most ${MAX_CORNERS} corners`);
      }
      return flattenRing(ring, `${path}[${r}]`, fault);
    });
  });
  return { kind: 'AREA', parts };
}

type Fault = (field: string, value: unknown, expected: string) => never;

function requireAtLeastZero(zone: FenceZone, field: 'bufferM' | 'dwellMs'): void {
  if (!(Number.isFinite(zone[field]) && zone[field] >= 0)) {
    throw new DomainError('INVALID_INPUT', { zoneId: zone.zoneId, field, value: zone[field], expected: 'at least 0' });
  }
}

function requireWidth(value: number, field: string, fault: Fault): void {
  if (!(value > 0 && value <= MAX_HALF_WIDTH_M)) {
    fault(field, value, `more than 0 and at most ${MAX_HALF_WIDTH_M} metres`);
  }
}

function flattenRing(ring: readonly Position[], path: string, fault: Fault): Float64Array {
  if (ring.length < 4) {
    fault(path, ring.length, 'at least 4 points, the last equal to the first');
  }
  const points = flatten(ring, path, fault);
  const last = points.length - 2;
  if (points[0] !== points[last] || points[1] !== points[last + 1]) {
    fault(`${path}[${ring.length - 1}]`, ring[ring.length - 1], 'the first point again: a ring is closed');
  }
  if (isFlat(points)) {
    fault(path, ring.slice(0, 4), 'three points that do not lie on one line');
  }
  return points;
}

/** Whether all points lie on one line; a ring such as a bow tie may have no net area and is still a ring. */
function isFlat(points: Float64Array): boolean {
  const x0 = points[0] ?? 0;
  const y0 = points[1] ?? 0;
  let far = -1;
  for (let i = 2; i < points.length; i += 2) {
    const dx = (points[i] ?? 0) - x0;
    const dy = (points[i + 1] ?? 0) - y0;
    if (dx === 0 && dy === 0) {
      continue;
    }
    if (far < 0) {
      far = i;
    } else if (dx * ((points[far + 1] ?? 0) - y0) !== dy * ((points[far] ?? 0) - x0)) {
      return false;
    }
  }
  return true;
}

function lineOf(points: Float64Array, halfWidthM: number, path: string, fault: Fault): FlatGeometry {
  for (let i = 0; i < points.length; i += 2) {
    if (Math.abs(points[i + 1] ?? 0) > MAX_LINE_LATITUDE) {
      fault(`${path}[${i / 2}]`, points[i + 1], `a latitude within ±${MAX_LINE_LATITUDE}`);
    }
    if (i > 0) {
      const before = points[i - 2] ?? 0;
      // Unwrapped: a line that goes east over the date line goes on to 181 and further.
      points[i] = before + shortWayDeg((points[i] ?? 0) - normaliseLongitude(before));
    }
  }
  return { kind: 'LINE', points, halfWidthM };
}

function flatten(positions: readonly Position[], path: string, fault: Fault): Float64Array {
  const points = new Float64Array(positions.length * 2);
  positions.forEach((position, i) => {
    const lon = position[0];
    const lat = position[1];
    if (lon === undefined || lat === undefined || !(Math.abs(lon) <= 180) || !(Math.abs(lat) <= 90)) {
      return fault(`${path}[${i}]`, position, '[longitude within ±180, latitude within ±90]');
    }
    points[i * 2] = lon;
    points[i * 2 + 1] = lat;
  });
  return points;
}

/**
 * Area over perimeter in metres (for a line its half width): a quarter of a square's side, half the width of a long strip.
 * Tells how far apart the two ends of a real crossing of the shape can be expected to lie at least.
 */
export function slimnessM(geometry: FlatGeometry): number {
  if (geometry.kind === 'LINE') {
    return geometry.halfWidthM;
  }
  let areaM2 = 0;
  let perimeterM = 0;
  for (const part of geometry.parts) {
    part.forEach((ring, r) => {
      const lat = ring[1] ?? 0;
      const mx = metresPerDegreeOfLongitude(lat);
      const x0 = ring[0] ?? 0;
      let twice = 0;
      for (let i = 2; i < ring.length; i += 2) {
        const ax = ((ring[i - 2] ?? 0) - x0) * mx;
        const ay = ((ring[i - 1] ?? 0) - lat) * METRES_PER_DEGREE;
        const bx = ((ring[i] ?? 0) - x0) * mx;
        const by = ((ring[i + 1] ?? 0) - lat) * METRES_PER_DEGREE;
        twice += ax * by - bx * ay;
        perimeterM += Math.hypot(bx - ax, by - ay);
      }
      areaM2 += (r === 0 ? 0.5 : -0.5) * Math.abs(twice);
    });
  }
  return perimeterM > 0 ? Math.max(0, areaM2) / perimeterM : 0;
}
