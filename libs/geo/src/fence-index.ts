import { DomainError } from '#libs/kernel';
import Flatbush from 'flatbush';
import { boxOf, lineBox, padDegreesLongitude } from './box.js';
import { CellGrid } from './cell-grid.js';
import { lineDistanceM, touchLine } from './line-shape.js';
import { PartStore } from './part-store.js';
import { METRES_PER_DEGREE, shortWayDeg, type LonLat } from './sphere.js';
import { flattenZone, slimnessM, type FenceZone, type FlatGeometry } from './zone-geometry.js';

/** Degrees; a way or margin of 90 degrees is none that trucks and ships have. */
const DATE_LINE_REACH_DEG = 90;

/** Where a straight way touches a zone: parts of the way, 0 at its start and 1 at its end. */
export interface SegmentCrossing {
  /** Number of the zone in `zones`. */
  readonly zone: number;
  /** First touch; 0 when the way starts inside. */
  readonly enter: number;
  /** Last touch; 1 when the way ends inside. */
  readonly exit: number;
}

/** Room for the answers of one caller at a time: none keeps it past its own turn. */
export interface FenceScratch {
  readonly hits: Uint32Array;
  readonly along: Uint32Array;
  readonly listed: Uint32Array;
  readonly range: Float64Array;
}

/**
 * Builds the index of a set of zones; a changed set wants a new index (10,000 fences of 60 corners: about a second).
 * @throws DomainError INVALID_GEOMETRY, INVALID_INPUT (see `flattenZone`; also a zone id that comes twice)
 */
export function createFenceIndex(zones: readonly FenceZone[]): FenceIndex {
  return new FenceIndex(zones);
}

/**
 * Which zones hold a point, and where a way enters and leaves them. Immutable. A zone is named by its number in `zones`.
 *
 * A point is inside a polygon exactly when turf's `booleanPointInPolygon` says so (edges straight in degrees, boundary
 * inside, even-odd over the rings of a part); inside a corridor or circle when it is at most the width away.
 * Metres are measured in a flat picture around the point asked for: better than 0.1 % within 20 km below 60 degrees.
 *
 * Three layers, each exact: a grid whose cells list the zones that cover them wholly (no test needed) or in part; slabs
 * of latitude that list the few edges of a part that a horizontal ray can meet; a sign test of two exact products.
 * Flatbush answers for cells that are too crowded, for margins and for long ways.
 */
export class FenceIndex {
  readonly zones: readonly FenceZone[];
  private readonly numberOf = new Map<string, number>();
  private readonly shapes: readonly FlatGeometry[];
  private readonly ids: readonly string[];
  /** Buffer, dwell and slimness of each zone, and an unused place. */
  private readonly policies: Float64Array;
  /** minLon, minLat, maxLon, maxLat of each zone; a line's beyond ±180 when it passes the date line. */
  private readonly boxes: Float64Array;
  private readonly parts: PartStore;
  /** Parts of zone z are [partsOf[z], partsOf[z + 1]); a line has none. */
  private readonly partsOf: Uint32Array;
  private readonly tree: Flatbush | null;
  private readonly grid: CellGrid | null;
  /** Some line passes the date line, so a point is asked for a turn further too. */
  private readonly wraps: boolean;
  /** Some zone lies so near to the date line that a way or a margin can come to it from the other side. */
  private readonly nearDateLine: boolean;
  readonly scratch: FenceScratch;

  constructor(zones: readonly FenceZone[]) {
    this.zones = zones;
    this.shapes = zones.map(flattenZone);
    this.ids = zones.map(({ zoneId }) => zoneId);
    this.policies = new Float64Array(zones.length * 4);
    zones.forEach(({ bufferM, dwellMs }, z) => {
      this.policies.set([bufferM, dwellMs, slimnessM(this.shapes[z]!)], z * 4);
    });
    this.boxes = new Float64Array(zones.length * 4);
    this.partsOf = new Uint32Array(zones.length + 1);
    this.scratch = {
      hits: new Uint32Array(zones.length),
      along: new Uint32Array(zones.length),
      listed: new Uint32Array(zones.length),
      range: new Float64Array(2),
    };
    zones.forEach(({ zoneId }, z) => {
      if (this.numberOf.has(zoneId)) {
        throw new DomainError('INVALID_INPUT', { field: 'zoneId', value: zoneId, expected: 'each zone once' });
      }
      this.numberOf.set(zoneId, z);
    });

    let wraps = false;
    let nearDateLine = false;
    const parts: (readonly Float64Array[])[] = [];
    this.shapes.forEach((shape, z) => {
      const box = shape.kind === 'AREA' ? boxOf(shape.parts.flat()) : lineBox(shape.points, shape.halfWidthM);
      this.boxes.set(box, z * 4);
      wraps ||= box[0] < -180 || box[2] > 180;
      nearDateLine ||= box[0] < -DATE_LINE_REACH_DEG || box[2] > DATE_LINE_REACH_DEG;
      if (shape.kind === 'AREA') {
        parts.push(...shape.parts);
      }
      this.partsOf[z + 1] = parts.length;
    });
    this.parts = new PartStore(parts);
    this.wraps = wraps;
    this.nearDateLine = nearDateLine;

    if (zones.length === 0) {
      this.tree = null;
      this.grid = null;
      return;
    }
    this.tree = new Flatbush(zones.length);
    for (let z = 0; z < zones.length; z++) {
      const b = z * 4;
      this.tree.add(this.boxes[b]!, this.boxes[b + 1]!, this.boxes[b + 2], this.boxes[b + 3]);
    }
    this.tree.finish();
    this.grid = new CellGrid(this.boxes, {
      edges: (z, visit) => this.visitEdges(z, visit),
      isArea: (z) => this.shapes[z]!.kind === 'AREA',
      contains: (z, lon, lat) => this.containsAt(z, lon, lat),
    });
  }

  get size(): number {
    return this.zones.length;
  }

  /** The zone's number, or -1. */
  zoneNumber(zoneId: string): number {
    return this.numberOf.get(zoneId) ?? -1;
  }

  /** The one of the first `count` numbers that has this zone id, or -1. */
  numberAmong(numbers: Uint32Array, count: number, zoneId: string): number {
    for (let i = 0; i < count; i++) {
      if (this.ids[numbers[i]!] === zoneId) {
        return numbers[i]!;
      }
    }
    return -1;
  }

  /** Numbers of the zones that hold the point, ascending; none for a point that is not on earth. */
  containing(lon: number, lat: number): number[] {
    const out = new Uint32Array(this.size);
    return Array.from(out.subarray(0, this.containingInto(lon, lat, out)));
  }

  /** The same without allocation: fills `out` (room for `size` numbers) and returns how many. */
  containingInto(lon: number, lat: number, out: Uint32Array): number {
    const grid = this.grid;
    if (grid === null) {
      return 0;
    }
    const found = this.collect(grid, lon, lat, out, 0, false);
    if (!this.wraps) {
      return found;
    }
    const all = this.collect(grid, lon > 0 ? lon - 360 : lon + 360, lat, out, found, true);
    if (all > found) {
      out.subarray(0, all).sort();
    }
    return all;
  }

  /** Whether one zone holds the point. */
  contains(zone: number, lon: number, lat: number): boolean {
    const turns = this.nearDateLine && this.partsOf[zone] === this.partsOf[zone + 1];
    return this.containsAt(zone, turns ? this.near(zone, lon) : lon, lat);
  }

  /** Metres from the point to the zone's edge: negative inside, 0 on it, positive outside. */
  signedDistanceM(zone: number, lon: number, lat: number): number {
    const shape = this.shapes[zone]!;
    const x = this.near(zone, lon);
    if (shape.kind === 'LINE') {
      return lineDistanceM(shape.points, x, lat) - shape.halfWidthM;
    }
    let nearest = Infinity;
    for (let p = this.partsOf[zone]!; p < this.partsOf[zone + 1]!; p++) {
      nearest = Math.min(nearest, this.parts.edgeDistanceM(p, x, lat));
    }
    return this.containsAt(zone, lon, lat) ? -nearest : nearest;
  }

  /** Whether the zone's edge is nearer to the point than so many metres; never for 0. Cheaper than the distance. */
  edgeNearerThan(zone: number, point: LonLat, metres: number): boolean {
    if (!(metres > 0)) {
      return false;
    }
    const x = this.nearDateLine ? this.near(zone, point.longitude) : point.longitude;
    const first = this.partsOf[zone]!;
    const end = this.partsOf[zone + 1]!;
    if (first === end) {
      return Math.abs(this.signedDistanceM(zone, x, point.latitude)) < metres;
    }
    for (let p = first; p < end; p++) {
      if (this.parts.edgeNearerThan(p, x, point.latitude, metres)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Zones whose edge, moved outwards by `marginM` metres (inwards when negative), holds the point:
   * the outer buffer for 20, the core without the rim for -20. Ascending.
   */
  containingWithin(lon: number, lat: number, marginM: number): number[] {
    if (marginM <= 0) {
      return this.containing(lon, lat).filter((zone) => this.signedDistanceM(zone, lon, lat) <= marginM);
    }
    const padLat = (marginM / METRES_PER_DEGREE) * 1.000001;
    const padLon = padDegreesLongitude(marginM, lat);
    return this.boxesTouching(lon - padLon, lat - padLat, lon + padLon, lat + padLat)
      .filter((zone) => this.contains(zone, lon, lat) || this.signedDistanceM(zone, lon, lat) <= marginM)
      .sort((a, b) => a - b);
  }

  /** Zones that the straight way (in degrees, the short way over the date line) touches; ascending. */
  segmentCrossings(from: LonLat, to: LonLat): SegmentCrossing[] {
    const { along, range } = this.scratch;
    const count = this.alongInto(from, to, along);
    const crossings: SegmentCrossing[] = [];
    for (const zone of along.subarray(0, count).sort()) {
      if (this.crossingInto(zone, from, to, range)) {
        crossings.push({ zone, enter: range[0]!, exit: range[1]! });
      }
    }
    return crossings;
  }

  /** Fills `out` (room for `size`) with the zones that the way may touch, each once, in no order; returns how many. */
  alongInto(from: LonLat, to: LonLat, out: Uint32Array): number {
    const grid = this.grid;
    if (grid === null || this.tree === null) {
      return 0;
    }
    const fromLon = from.longitude;
    const endLon = fromLon + shortWayDeg(to.longitude - fromLon);
    const minLon = Math.min(fromLon, endLon);
    const maxLon = Math.max(fromLon, endLon);
    const minLat = Math.min(from.latitude, to.latitude);
    const maxLat = Math.max(from.latitude, to.latitude);
    if (!this.wraps && minLon >= -180 && maxLon <= 180) {
      const found = grid.along(minLon, minLat, maxLon, maxLat, out);
      if (found >= 0) {
        return found;
      }
    }
    const candidates = this.boxesTouching(minLon, minLat, maxLon, maxLat);
    out.set(candidates);
    return candidates.length;
  }

  /**
   * Writes the first and last touch of the way with one zone (0 to 1) into `range`; false when it does not touch.
   * A start inside is a touch at 0, an end inside one at 1.
   */
  crossingInto(zone: number, from: LonLat, to: LonLat, range: Float64Array): boolean {
    this.edgesMet(zone, from, to, range);
    if (this.contains(zone, from.longitude, from.latitude)) {
      range[0] = 0;
      range[1] = Math.max(range[1]!, 0);
    }
    if (this.contains(zone, to.longitude, to.latitude)) {
      range[0] = Math.min(range[0]!, 1);
      range[1] = 1;
    }
    return range[0]! <= range[1]!;
  }

  /** The same without a look at the ends: what the way's first and last meetings with the edge are. */
  edgesMet(zone: number, from: LonLat, to: LonLat, range: Float64Array): boolean {
    const x0 = this.nearDateLine ? this.near(zone, from.longitude) : from.longitude;
    const x1 = x0 + shortWayDeg(to.longitude - from.longitude);
    range[0] = Infinity;
    range[1] = -Infinity;
    const first = this.partsOf[zone]!;
    const end = this.partsOf[zone + 1]!;
    for (let p = first; p < end; p++) {
      this.parts.touch(p, x0, from.latitude, x1, to.latitude, range);
    }
    const shape = first === end ? this.shapes[zone]! : null;
    if (shape?.kind === 'LINE') {
      touchLine(shape.points, shape.halfWidthM, x0, from.latitude, x1, to.latitude, range);
    }
    return range[0] <= range[1];
  }

  zoneId(zone: number): string {
    return this.ids[zone]!;
  }

  bufferM(zone: number): number {
    return this.policies[zone * 4]!;
  }

  dwellMs(zone: number): number {
    return this.policies[zone * 4 + 1]!;
  }

  /** See the function of this name. */
  slimnessM(zone: number): number {
    return this.policies[zone * 4 + 2]!;
  }

  private collect(
    grid: CellGrid,
    lon: number,
    lat: number,
    out: Uint32Array,
    found: number,
    linesOnly: boolean,
  ): number {
    const cell = grid.cellOf(lon, lat);
    if (cell >= 0) {
      return cell > 0 && this.holds(cell - 1, lon, lat, linesOnly) ? put(out, found, (cell - 1) >>> 1) : found;
    }
    if (cell === CellGrid.CROWDED) {
      return this.collectFromTree(lon, lat, out, found, linesOnly);
    }
    const end = -cell + grid.lists[-cell]!;
    let count = found;
    for (let i = -cell + 1; i <= end; i++) {
      const item = grid.lists[i]!;
      if (this.holds(item, lon, lat, linesOnly)) {
        count = put(out, count, item >>> 1);
      }
    }
    return count;
  }

  /** Whether the zone of a cell's item holds a point of that cell. */
  private holds(item: number, lon: number, lat: number, linesOnly: boolean): boolean {
    return (
      !(linesOnly && this.shapes[item >>> 1]!.kind !== 'LINE') &&
      ((item & 1) === 1 || this.containsAt(item >>> 1, lon, lat))
    );
  }

  private collectFromTree(lon: number, lat: number, out: Uint32Array, found: number, linesOnly: boolean): number {
    let count = found;
    for (const zone of this.tree!.search(lon, lat, lon, lat)) {
      if (!(linesOnly && this.shapes[zone]!.kind !== 'LINE') && this.containsAt(zone, lon, lat)) {
        out[count++] = zone;
      }
    }
    out.subarray(found, count).sort();
    return count;
  }

  /** The exact test, without bringing the longitude near. */
  private containsAt(zone: number, lon: number, lat: number): boolean {
    const first = this.partsOf[zone]!;
    const end = this.partsOf[zone + 1]!;
    if (first === end) {
      const shape = this.shapes[zone]!;
      return shape.kind === 'LINE' && lineDistanceM(shape.points, lon, lat) <= shape.halfWidthM;
    }
    for (let p = first; p < end; p++) {
      if (this.parts.contains(p, lon, lat)) {
        return true;
      }
    }
    return false;
  }

  /** The longitude, or the one a turn away, whichever lies nearer to the zone. */
  private near(zone: number, lon: number): number {
    const middle = (this.boxes[zone * 4]! + this.boxes[zone * 4 + 2]!) / 2;
    return lon - middle > 180 ? lon - 360 : lon - middle < -180 ? lon + 360 : lon;
  }

  /** Zones whose box meets the given one, also over the date line. */
  private boxesTouching(minLon: number, minLat: number, maxLon: number, maxLat: number): number[] {
    const tree = this.tree;
    if (tree === null || !(minLon <= maxLon)) {
      return [];
    }
    const here = tree.search(minLon, minLat, maxLon, maxLat);
    if (!this.wraps && minLon >= -180 && maxLon <= 180) {
      return here;
    }
    const east = tree.search(minLon + 360, minLat, maxLon + 360, maxLat);
    const west = tree.search(minLon - 360, minLat, maxLon - 360, maxLat);
    return [...new Set([...here, ...east, ...west])];
  }

  /** Boxes of what can change the answer: each edge of an area (with its ends), each leg of a line (widened). */
  private visitEdges(zone: number, visit: (x1: number, y1: number, x2: number, y2: number) => void): void {
    const shape = this.shapes[zone]!;
    if (shape.kind === 'LINE') {
      const { points, halfWidthM } = shape;
      for (let i = 0; i === 0 || i + 2 < points.length; i += 2) {
        const leg = points.length === 2 ? points : points.subarray(i, i + 4);
        visit(...lineBox(leg, halfWidthM));
      }
      return;
    }
    for (const ring of shape.parts.flat()) {
      for (let i = 2; i < ring.length; i += 2) {
        visit(ring[i - 2]!, ring[i - 1]!, ring[i]!, ring[i + 1]!);
      }
    }
  }
}

function put(out: Uint32Array, count: number, zone: number): number {
  out[count] = zone;
  return count + 1;
}
