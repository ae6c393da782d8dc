import { legDistance2 } from './leg-distance.js';
import { compareProducts } from './orientation.js';
import { METRES_PER_DEGREE, metresPerDegreeOfLongitude } from './sphere.js';

/** Two edges a slab: a fence of 60 corners gets 30 slabs, and a ray meets about four edges in one. */
const EDGES_PER_SLAB = 2;
const MAX_SLABS = 4096;
/** Slabs that an edge may reach into on average; tall zigzags get wider slabs instead of more memory. */
const MAX_SLABS_PER_EDGE = 6;
/** Parts of an edge's length by which a touch at a shared corner may be missed through rounding. */
const CORNER_SLACK = 1e-12;

/** One part's numbers stand in one cache line: its box, slabs per degree, first slab, number of slabs, unused. */
const HEAD = 8;
const PER_DEGREE = 4;
const FIRST_SLAB = 5;
const SLAB_COUNT = 6;

/**
 * The polygons ("parts") of all zones in flat arrays. Each part's height is cut into slabs of latitude; a slab holds the
 * edges that reach into it (x1, y1, x2, y2), so that a point test reads a few edges, side by side in memory, and no others.
 */
export class PartStore {
  private heads = new Float64Array(HEAD * 16);
  private slabs: Float64Array[][] = [];
  private slabCount = 0;
  /** Edges of slab s are [slabStart[s], slabStart[s + 1]) of `edges`, counted in edges. */
  private slabStart = new Uint32Array(1);
  private edges = new Float64Array(0);
  count = 0;

  add(rings: readonly Float64Array[]): void {
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    let edgeCount = 0;
    for (const ring of rings) {
      edgeCount += ring.length / 2 - 1;
      for (let i = 0; i < ring.length; i += 2) {
        minX = Math.min(minX, ring[i]!);
        maxX = Math.max(maxX, ring[i]!);
        minY = Math.min(minY, ring[i + 1]!);
        maxY = Math.max(maxY, ring[i + 1]!);
      }
    }
    let slabCount = Math.min(MAX_SLABS, Math.max(1, Math.ceil(edgeCount / EDGES_PER_SLAB)));
    let lists = cut(rings, minY, slabCount / (maxY - minY), slabCount, edgeCount);
    while (lists === null) {
      slabCount = Math.max(1, slabCount >> 1);
      lists = cut(rings, minY, slabCount / (maxY - minY), slabCount, edgeCount);
    }
    if ((this.count + 1) * HEAD > this.heads.length) {
      const heads = new Float64Array(this.heads.length * 2);
      heads.set(this.heads);
      this.heads = heads;
    }
    const perDegree = slabCount / (maxY - minY);
    this.heads.set([minX, minY, maxX, maxY, perDegree, this.slabCount, slabCount, 0], this.count * HEAD);
    this.slabs.push(lists.map((list) => Float64Array.from(list)));
    this.slabCount += slabCount;
    this.count++;
  }

  /** Packs what was added; nothing can be added afterwards. */
  seal(): void {
    this.slabStart = new Uint32Array(this.slabCount + 1);
    let slab = 0;
    for (const list of this.slabs.flat()) {
      this.slabStart[slab + 1] = this.slabStart[slab]! + list.length / 4;
      slab++;
    }
    this.edges = new Float64Array(this.slabStart[this.slabCount]! * 4);
    slab = 0;
    for (const list of this.slabs.flat()) {
      this.edges.set(list, this.slabStart[slab]! * 4);
      slab++;
    }
    this.slabs = [];
  }

  /**
   * Even-odd test with the boundary inside. As turf does, differences to the point are rounded first and the sign of
   * their cross product is exact, so that both agree to the last bit. Edges outside the point's slab cannot count: both
   * their ends lie above the point or both below it.
   */
  contains(part: number, x: number, y: number): boolean {
    const heads = this.heads;
    const h = part * HEAD;
    const minY = heads[h + 1]!;
    if (!(x >= heads[h]! && y >= minY && x <= heads[h + 2]! && y <= heads[h + 3]!)) {
      return false;
    }
    const slab = heads[h + FIRST_SLAB]! + slabOf(y, minY, heads[h + PER_DEGREE]!, heads[h + SLAB_COUNT]!);
    const edges = this.edges;
    const end = this.slabStart[slab + 1]! * 4;
    let inside = false;
    for (let e = this.slabStart[slab]! * 4; e < end; e += 4) {
      const v1 = edges[e + 1]! - y;
      const v2 = edges[e + 3]! - y;
      if ((v1 < 0 && v2 < 0) || (v1 > 0 && v2 > 0)) {
        continue;
      }
      const u1 = edges[e]! - x;
      const u2 = edges[e + 2]! - x;
      if (u1 > 0 && u2 > 0) {
        continue;
      }
      if (v1 === 0 && v2 === 0) {
        if ((u2 <= 0 && u1 >= 0) || (u1 <= 0 && u2 >= 0)) {
          return true;
        }
        continue;
      }
      const side = compareProducts(u2, v1, u1, v2);
      if (side === 0) {
        return true;
      }
      if ((side > 0 && v2 > 0 && v1 <= 0) || (side < 0 && v2 <= 0 && v1 > 0)) {
        inside = !inside;
      }
    }
    return inside;
  }

  /** Metres to the nearest edge, in a flat picture around the point. */
  edgeDistanceM(part: number, lon: number, lat: number): number {
    const mx = metresPerDegreeOfLongitude(lat);
    const edges = this.edges;
    const first = this.heads[part * HEAD + FIRST_SLAB]!;
    const end = this.slabStart[first + this.heads[part * HEAD + SLAB_COUNT]!]! * 4;
    let nearest2 = Infinity;
    for (let e = this.slabStart[first]! * 4; e < end; e += 4) {
      const d2 = legDistance2(
        (edges[e]! - lon) * mx,
        (edges[e + 1]! - lat) * METRES_PER_DEGREE,
        (edges[e + 2]! - lon) * mx,
        (edges[e + 3]! - lat) * METRES_PER_DEGREE,
      );
      if (d2 < nearest2) {
        nearest2 = d2;
      }
    }
    return Math.sqrt(nearest2);
  }

  /** Whether an edge is nearer than so many metres; reads only the slabs within them. */
  edgeNearerThan(part: number, lon: number, lat: number, metres: number): boolean {
    const heads = this.heads;
    const h = part * HEAD;
    // A part in a million more, so that rounding never leaves an edge out that the exact comparison would take.
    const pad = (metres / METRES_PER_DEGREE) * 1.000001;
    const low = Math.max(lat - pad, heads[h + 1]!);
    const high = Math.min(lat + pad, heads[h + 3]!);
    if (low > high) {
      return false;
    }
    const mx = metresPerDegreeOfLongitude(lat);
    if ((heads[h]! - lon) * mx > metres || (lon - heads[h + 2]!) * mx > metres) {
      return false;
    }
    const from = this.slabStart[this.slabAt(h, low)]! * 4;
    const end = this.slabStart[this.slabAt(h, high) + 1]! * 4;
    const edges = this.edges;
    const enough = metres * metres;
    for (let e = from; e < end; e += 4) {
      const ax = (edges[e]! - lon) * mx;
      const bx = (edges[e + 2]! - lon) * mx;
      if ((ax > metres && bx > metres) || (ax < -metres && bx < -metres)) {
        continue;
      }
      const ay = (edges[e + 1]! - lat) * METRES_PER_DEGREE;
      const by = (edges[e + 3]! - lat) * METRES_PER_DEGREE;
      if (legDistance2(ax, ay, bx, by) < enough) {
        return true;
      }
    }
    return false;
  }

  /** Widens `range` (first and last touch, 0 to 1 along the way) by the way's touches with the part's edges. */
  touch(part: number, x0: number, y0: number, x1: number, y1: number, range: Float64Array): void {
    const heads = this.heads;
    const h = part * HEAD;
    const low = Math.max(Math.min(y0, y1), heads[h + 1]!);
    const high = Math.min(Math.max(y0, y1), heads[h + 3]!);
    if (low > high || Math.max(x0, x1) < heads[h]! || Math.min(x0, x1) > heads[h + 2]!) {
      return;
    }
    const from = this.slabStart[this.slabAt(h, low)]! * 4;
    const end = this.slabStart[this.slabAt(h, high) + 1]! * 4;
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length2 = dx * dx + dy * dy;
    if (length2 === 0) {
      return;
    }
    const edges = this.edges;
    for (let e = from; e < end; e += 4) {
      const ax = edges[e]! - x0;
      const ay = edges[e + 1]! - y0;
      const ex = edges[e + 2]! - x0 - ax;
      const ey = edges[e + 3]! - y0 - ay;
      const cross = dx * ey - dy * ex;
      if (cross === 0) {
        // Parallel: on the same line each end of the edge is a touch.
        if (dx * ay - dy * ax === 0) {
          widen(range, (ax * dx + ay * dy) / length2);
          widen(range, ((ax + ex) * dx + (ay + ey) * dy) / length2);
        }
        continue;
      }
      const along = (ax * dy - ay * dx) / cross;
      if (along >= -CORNER_SLACK && along <= 1 + CORNER_SLACK) {
        widen(range, (ax * ey - ay * ex) / cross);
      }
    }
  }

  private slabAt(head: number, lat: number): number {
    const heads = this.heads;
    return (
      heads[head + FIRST_SLAB]! + slabOf(lat, heads[head + 1]!, heads[head + PER_DEGREE]!, heads[head + SLAB_COUNT]!)
    );
  }
}

/** The edges of each slab, or null when they come to too many. */
function cut(
  rings: readonly Float64Array[],
  minY: number,
  perDegree: number,
  slabCount: number,
  edgeCount: number,
): number[][] | null {
  const lists: number[][] = Array.from({ length: slabCount }, () => []);
  let room = slabCount === 1 ? Infinity : edgeCount * MAX_SLABS_PER_EDGE;
  for (const ring of rings) {
    for (let i = 2; i < ring.length; i += 2) {
      const low = slabOf(Math.min(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
      const high = slabOf(Math.max(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
      room -= high - low + 1;
      if (room < 0) {
        return null;
      }
      for (let slab = low; slab <= high; slab++) {
        lists[slab]!.push(ring[i - 2]!, ring[i - 1]!, ring[i]!, ring[i + 1]!);
      }
    }
  }
  return lists;
}

function widen(range: Float64Array, t: number): void {
  if (t >= 0 && t <= 1) {
    if (t < range[0]!) {
      range[0] = t;
    }
    if (t > range[1]!) {
      range[1] = t;
    }
  }
}

/** The one function that puts a latitude into a slab; it is monotone, which is all that exactness needs of it. */
function slabOf(y: number, minY: number, perDegree: number, slabCount: number): number {
  const slab = Math.floor((y - minY) * perDegree);
  return slab < slabCount ? slab : slabCount - 1;
}
