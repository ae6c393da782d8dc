import { boxOf, type Box } from './box.js';
import { legDistance2 } from './leg-distance.js';
import { compareProducts } from './orientation.js';
import { METRES_PER_DEGREE, metresPerDegreeOfLongitude } from './sphere.js';

/** One polygon: rings of lon, lat, lon, lat …, each closed. */
type Part = readonly Float64Array[];

/** Four edges a slab: a fence of 60 corners gets 15 slabs, and a ray meets about six edges in one. */
const EDGES_PER_SLAB = 4;
const MAX_SLABS = 4096;
/** Slabs that an edge may reach into on average; tall zigzags get wider slabs instead of more memory. */
const MAX_SLABS_PER_EDGE = 6;
/** Parts of an edge's length by which a touch at a shared corner may be missed through rounding. */
const CORNER_SLACK = 1e-12;

/**
 * A part is one block of memory, so that a question about it, which mostly finds it in no cache, waits for few lines:
 *
 *   degrees  west, south, east, north, slabs per degree
 *   numbers  of slabs; place of the first corner; unused                          one cache line up to here
 *   Uint32   begin of each slab's list and the end of the last one; the lists: places of edges' first corners
 *   degrees  lon, lat of the corners, ring after ring
 */
const HEAD = 8;
const PER_DEGREE = 4;
const SLAB_COUNT = 5;

/**
 * The polygons ("parts") of all zones. Each part's height is cut into slabs of latitude; a slab lists the edges that
 * reach into it, so that a point test reads a few edges and no others.
 */
export class PartStore {
  /** Where each part's block begins, in doubles. */
  private readonly blockOf: Uint32Array;
  /** All blocks, and the same memory as numbers of 32 bits. */
  private readonly degrees: Float64Array;
  private readonly places: Uint32Array;

  constructor(parts: readonly Part[]) {
    const heads = parts.map(headOf);
    this.blockOf = new Uint32Array(parts.length);
    let length = 0;
    heads.forEach(({ reached, slabCount }, part) => {
      this.blockOf[part] = length;
      length +=
        HEAD + Math.ceil((slabCount + 1 + reached) / 2) + parts[part]!.reduce((sum, ring) => sum + ring.length, 0);
      length = Math.ceil(length / 8) * 8;
    });
    this.degrees = new Float64Array(length);
    this.places = new Uint32Array(this.degrees.buffer);
    heads.forEach((head, part) => this.put(this.blockOf[part]!, parts[part]!, head));
  }

  private put(block: number, rings: Part, head: Head): void {
    const { degrees, places } = this;
    const lists = (block + HEAD) * 2;
    let list = lists + head.slabCount + 1;
    let corner = block + HEAD + Math.ceil((head.slabCount + 1 + head.reached) / 2);
    degrees.set([...head.box, head.perDegree, head.slabCount, corner], block);
    const reach: number[][] = Array.from({ length: head.slabCount }, () => []);
    forEachReach(rings, head, (slab, edge) => reach[slab]!.push(corner + edge));
    reach.forEach((edges, slab) => {
      places[lists + slab] = list;
      places.set(edges, list);
      list += edges.length;
    });
    places[lists + head.slabCount] = list;
    for (const ring of rings) {
      degrees.set(ring, corner);
      corner += ring.length;
    }
  }

  /**
   * Even-odd test with the boundary inside. As turf does, differences to the point are rounded first and the sign of
   * their cross product is exact, so that both agree to the last bit. Edges outside the point's slab cannot count: both
   * their ends lie above the point or both below it.
   */
  contains(part: number, x: number, y: number): boolean {
    const { degrees: corners, places } = this;
    const block = this.blockOf[part]!;
    if (!(x >= corners[block]! && y >= corners[block + 1]! && x <= corners[block + 2]! && y <= corners[block + 3]!)) {
      return false;
    }
    const slab = this.slabAt(block, y);
    const end = places[slab + 1]!;
    let inside = false;
    for (let i = places[slab]!; i < end; i++) {
      const e = places[i]!;
      const v1 = corners[e + 1]! - y;
      const v2 = corners[e + 3]! - y;
      if ((v1 < 0 && v2 < 0) || (v1 > 0 && v2 > 0)) {
        continue;
      }
      const u1 = corners[e]! - x;
      const u2 = corners[e + 2]! - x;
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
    const { degrees: corners, places } = this;
    const block = this.blockOf[part]!;
    const lists = (block + HEAD) * 2;
    const end = places[lists + corners[block + SLAB_COUNT]!]!;
    let nearest2 = Infinity;
    for (let i = places[lists]!; i < end; i++) {
      const e = places[i]!;
      const d2 = legDistance2(
        (corners[e]! - lon) * mx,
        (corners[e + 1]! - lat) * METRES_PER_DEGREE,
        (corners[e + 2]! - lon) * mx,
        (corners[e + 3]! - lat) * METRES_PER_DEGREE,
      );
      if (d2 < nearest2) {
        nearest2 = d2;
      }
    }
    return Math.sqrt(nearest2);
  }

  /** Whether an edge is nearer than so many metres; reads only the slabs within them. */
  edgeNearerThan(part: number, lon: number, lat: number, metres: number): boolean {
    const { degrees: corners, places } = this;
    const block = this.blockOf[part]!;
    // A part in a million more, so that rounding never leaves an edge out that the exact comparison would take.
    const pad = (metres / METRES_PER_DEGREE) * 1.000001;
    const low = Math.max(lat - pad, corners[block + 1]!);
    const high = Math.min(lat + pad, corners[block + 3]!);
    if (low > high) {
      return false;
    }
    const mx = metresPerDegreeOfLongitude(lat);
    if ((corners[block]! - lon) * mx > metres || (lon - corners[block + 2]!) * mx > metres) {
      return false;
    }
    const end = places[this.slabAt(block, high) + 1]!;
    const enough = metres * metres;
    for (let i = places[this.slabAt(block, low)]!; i < end; i++) {
      const e = places[i]!;
      const ax = (corners[e]! - lon) * mx;
      const bx = (corners[e + 2]! - lon) * mx;
      if ((ax > metres && bx > metres) || (ax < -metres && bx < -metres)) {
        continue;
      }
      const ay = (corners[e + 1]! - lat) * METRES_PER_DEGREE;
      const by = (corners[e + 3]! - lat) * METRES_PER_DEGREE;
      if (legDistance2(ax, ay, bx, by) < enough) {
        return true;
      }
    }
    return false;
  }

  /** Widens `range` (first and last touch, 0 to 1 along the way) by the way's touches with the part's edges. */
  touch(part: number, x0: number, y0: number, x1: number, y1: number, range: Float64Array): void {
    const { degrees: corners, places } = this;
    const block = this.blockOf[part]!;
    const minX = Math.min(x0, x1);
    const maxX = Math.max(x0, x1);
    const low = Math.max(Math.min(y0, y1), corners[block + 1]!);
    const high = Math.min(Math.max(y0, y1), corners[block + 3]!);
    if (low > high || maxX < corners[block]! || minX > corners[block + 2]!) {
      return;
    }
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length2 = dx * dx + dy * dy;
    if (length2 === 0) {
      return;
    }
    const end = places[this.slabAt(block, high) + 1]!;
    for (let i = places[this.slabAt(block, low)]!; i < end; i++) {
      const e = places[i]!;
      const xa = corners[e]!;
      const xb = corners[e + 2]!;
      if ((xa < minX && xb < minX) || (xa > maxX && xb > maxX)) {
        continue;
      }
      const ya = corners[e + 1]!;
      const yb = corners[e + 3]!;
      if ((ya < low && yb < low) || (ya > high && yb > high)) {
        continue;
      }
      const ax = xa - x0;
      const ay = ya - y0;
      const ex = xb - x0 - ax;
      const ey = yb - y0 - ay;
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

  /** Where the begin of the list of a latitude's slab stands. */
  private slabAt(block: number, lat: number): number {
    const { degrees } = this;
    const slab = slabOf(lat, degrees[block + 1]!, degrees[block + PER_DEGREE]!, degrees[block + SLAB_COUNT]!);
    return (block + HEAD) * 2 + slab;
  }
}

interface Head {
  readonly box: Box;
  readonly perDegree: number;
  readonly slabCount: number;
  /** Edges over all slabs, each counted in every slab that it reaches into. */
  readonly reached: number;
}

function headOf(rings: Part): Head {
  const edgeCount = rings.reduce((sum, ring) => sum + ring.length / 2 - 1, 0);
  const box = boxOf(rings);
  let slabCount = Math.min(MAX_SLABS, Math.max(1, Math.ceil(edgeCount / EDGES_PER_SLAB)));
  for (;;) {
    const head = { box, perDegree: slabCount / (box[3] - box[1]), slabCount };
    let reached = 0;
    forEachReach(rings, head, () => reached++);
    if (slabCount === 1 || reached <= edgeCount * MAX_SLABS_PER_EDGE) {
      return { ...head, reached };
    }
    slabCount >>= 1;
  }
}

/** Visits each edge, by the place of its first corner among the part's, once for each slab that it reaches into. */
function forEachReach(
  rings: Part,
  { box: [, minY], perDegree, slabCount }: Omit<Head, 'reached'>,
  visit: (slab: number, edge: number) => void,
): void {
  let place = 0;
  for (const ring of rings) {
    for (let i = 2; i < ring.length; i += 2) {
      const low = slabOf(Math.min(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
      const high = slabOf(Math.max(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
      for (let slab = low; slab <= high; slab++) {
        visit(slab, place + i - 2);
      }
    }
    place += ring.length;
  }
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
