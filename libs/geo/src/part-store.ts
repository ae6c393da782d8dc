import { boxOf } from './box.js';
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

/** One part's numbers stand in one cache line: its box, slabs per degree, first slab, number of slabs, unused. */
const HEAD = 8;
const PER_DEGREE = 4;
const FIRST_SLAB = 5;
const SLAB_COUNT = 6;

/**
 * The polygons ("parts") of all zones in flat arrays. Corners stand once, ring after ring, and an edge is named by the
 * place of its first corner. Each part's height is cut into slabs of latitude; a slab lists the edges that reach into it,
 * so that a point test reads a few edges and no others.
 */
export class PartStore {
  private readonly heads: Float64Array;
  private readonly corners: Float64Array;
  /** Edges of slab s are [slabStart[s], slabStart[s + 1]) of `edges`. */
  private readonly slabStart: Uint32Array;
  private readonly edges: Uint32Array;

  constructor(parts: readonly Part[]) {
    this.heads = new Float64Array(parts.length * HEAD);
    this.corners = new Float64Array(parts.flat().reduce((sum, ring) => sum + ring.length, 0));
    let place = 0;
    let slabs = 0;
    let reached = 0;
    parts.forEach((rings, part) => {
      const head = this.heads.subarray(part * HEAD, part * HEAD + HEAD);
      head.set(boxOf(rings));
      const edgeCount = rings.reduce((sum, ring) => sum + ring.length / 2 - 1, 0);
      cutInto(head, Math.min(MAX_SLABS, Math.max(1, Math.ceil(edgeCount / EDGES_PER_SLAB))));
      while (head[SLAB_COUNT]! > 1 && slabsReached(rings, head) > edgeCount * MAX_SLABS_PER_EDGE) {
        cutInto(head, head[SLAB_COUNT]! >> 1);
      }
      head[FIRST_SLAB] = slabs;
      slabs += head[SLAB_COUNT]!;
      reached += slabsReached(rings, head);
      for (const ring of rings) {
        this.corners.set(ring, place);
        place += ring.length;
      }
    });
    this.slabStart = new Uint32Array(slabs + 1);
    this.edges = new Uint32Array(reached);
    place = 0;
    parts.forEach((rings, part) => {
      this.fillSlabs(this.heads.subarray(part * HEAD, part * HEAD + HEAD), rings, place);
      place += rings.reduce((sum, ring) => sum + ring.length, 0);
    });
  }

  private fillSlabs(head: Float64Array, rings: Part, place: number): void {
    const { slabStart, edges } = this;
    const first = head[FIRST_SLAB]!;
    const end = first + head[SLAB_COUNT]!;
    forEachReach(rings, head, (slab) => slabStart[slab + 1]!++);
    for (let slab = first; slab < end; slab++) {
      slabStart[slab + 1]! += slabStart[slab]!;
    }
    const next = slabStart.slice(first, end);
    forEachReach(rings, head, (slab, edge) => {
      edges[next[slab - first]!++] = place + edge;
    });
  }

  contains(part: number, x: number, y: number): boolean {
    const heads = this.heads;
    const h = part * HEAD;
    const minY = heads[h + 1]!;
    if (!(x >= heads[h]! && y >= minY && x <= heads[h + 2]! && y <= heads[h + 3]!)) {
      return false;
    }
    const slab = heads[h + FIRST_SLAB]! + slabOf(y, minY, heads[h + PER_DEGREE]!, heads[h + SLAB_COUNT]!);
    const { edges, corners } = this;
    const end = this.slabStart[slab + 1]!;
    let inside = false;
    for (let i = this.slabStart[slab]!; i < end; i++) {
      const e = edges[i]!;
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
    const { edges, corners } = this;
    const first = this.heads[part * HEAD + FIRST_SLAB]!;
    const end = this.slabStart[first + this.heads[part * HEAD + SLAB_COUNT]!]!;
    let nearest2 = Infinity;
    for (let i = this.slabStart[first]!; i < end; i++) {
      const e = edges[i]!;
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
    const end = this.slabStart[this.slabAt(h, high) + 1]!;
    const { edges, corners } = this;
    const enough = metres * metres;
    for (let i = this.slabStart[this.slabAt(h, low)]!; i < end; i++) {
      const e = edges[i]!;
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
    const heads = this.heads;
    const h = part * HEAD;
    const minX = Math.min(x0, x1);
    const maxX = Math.max(x0, x1);
    const low = Math.max(Math.min(y0, y1), heads[h + 1]!);
    const high = Math.min(Math.max(y0, y1), heads[h + 3]!);
    if (low > high || maxX < heads[h]! || minX > heads[h + 2]!) {
      return;
    }
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length2 = dx * dx + dy * dy;
    if (length2 === 0) {
      return;
    }
    const end = this.slabStart[this.slabAt(h, high) + 1]!;
    const { edges, corners } = this;
    for (let i = this.slabStart[this.slabAt(h, low)]!; i < end; i++) {
      const e = edges[i]!;
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

  private slabAt(head: number, lat: number): number {
    const heads = this.heads;
    return (
      heads[head + FIRST_SLAB]! + slabOf(lat, heads[head + 1]!, heads[head + PER_DEGREE]!, heads[head + SLAB_COUNT]!)
    );
  }
}

function cutInto(head: Float64Array, slabCount: number): void {
  head[SLAB_COUNT] = slabCount;
  head[PER_DEGREE] = slabCount / (head[3]! - head[1]!);
}

/** Visits each edge, by the place of its first corner among the part's, once for each slab that it reaches into. */
function forEachReach(rings: Part, head: Float64Array, visit: (slab: number, edge: number) => void): void {
  const first = head[FIRST_SLAB]!;
  const minY = head[1]!;
  const perDegree = head[PER_DEGREE]!;
  const slabCount = head[SLAB_COUNT]!;
  let place = 0;
  for (const ring of rings) {
    for (let i = 2; i < ring.length; i += 2) {
      const low = slabOf(Math.min(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
      const high = slabOf(Math.max(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
      for (let slab = low; slab <= high; slab++) {
        visit(first + slab, place + i - 2);
      }
    }
    place += ring.length;
  }
}

function slabsReached(rings: Part, head: Float64Array): number {
  let reached = 0;
  forEachReach(rings, head, () => reached++);
  return reached;
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
