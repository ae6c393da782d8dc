import { legDistance2 } from './leg-distance.js';
import { compareProducts } from './orientation.js';
import { METRES_PER_DEGREE, metresPerDegreeOfLongitude } from './sphere.js';

/** Two edges a slab: a fence of 60 corners gets 30 slabs, and a ray meets about four edges in one. */
const EDGES_PER_SLAB = 2;
const MAX_SLABS = 4096;
/** Parts of an edge's length by which a touch at a shared corner may be missed through rounding. */
const CORNER_SLACK = 1e-12;

/**
 * The polygons ("parts") of all zones in flat arrays. Each part's height is cut into slabs of latitude; a slab lists the
 * edges that reach into it, so that a point test reads a few edges and no others. Corner e and e + 1 make edge e.
 */
export class PartStore {
  private readonly cornerLists: Float64Array[] = [];
  private readonly slabLists: { readonly edges: readonly number[][]; readonly base: number }[] = [];
  private corners = 0;
  private corner = new Float64Array(0);
  private boxes: number[] | Float64Array = [];
  private perDegree: number[] | Float64Array = [];
  private slabStart: Uint32Array = new Uint32Array(0);
  /** First slab of each part; one more at the end. */
  private firstSlab: number[] | Uint32Array = [0];
  private slabEdges: Uint32Array = new Uint32Array(0);
  /** Numbers of the corners at which an edge begins, part after part. */
  private readonly edgeStarts: number[][] = [];
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
    const slabCount = Math.min(MAX_SLABS, Math.max(1, Math.ceil(edgeCount / EDGES_PER_SLAB)));
    const perDegree = slabCount / (maxY - minY);
    (this.boxes as number[]).push(minX, minY, maxX, maxY);
    (this.perDegree as number[]).push(perDegree);
    (this.firstSlab as number[]).push(this.firstSlab[this.count]! + slabCount);

    const edges: number[][] = Array.from({ length: slabCount }, () => []);
    const starts: number[] = [];
    for (const ring of rings) {
      for (let i = 2; i < ring.length; i += 2) {
        const edge = this.corners + i / 2 - 1;
        starts.push(edge);
        const low = slabOf(Math.min(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
        const high = slabOf(Math.max(ring[i - 1]!, ring[i + 1]!), minY, perDegree, slabCount);
        for (let slab = low; slab <= high; slab++) {
          edges[slab]!.push(edge);
        }
      }
      this.cornerLists.push(ring);
      this.corners += ring.length / 2;
    }
    this.edgeStarts.push(starts);
    this.slabLists.push({ edges, base: this.firstSlab[this.count]! });
    this.count++;
  }

  /** Packs what was added; nothing can be added afterwards. */
  seal(): void {
    this.corner = new Float64Array(this.corners * 2);
    let at = 0;
    for (const ring of this.cornerLists) {
      this.corner.set(ring, at);
      at += ring.length;
    }
    this.boxes = Float64Array.from(this.boxes);
    this.perDegree = Float64Array.from(this.perDegree);
    this.firstSlab = Uint32Array.from(this.firstSlab);
    this.slabStart = new Uint32Array(this.firstSlab[this.count]! + 1);
    let entries = 0;
    for (const { edges, base } of this.slabLists) {
      edges.forEach((list, s) => {
        entries += list.length;
        this.slabStart[base + s + 1] = entries;
      });
    }
    this.slabEdges = new Uint32Array(entries);
    let entry = 0;
    for (const { edges } of this.slabLists) {
      for (const list of edges) {
        this.slabEdges.set(list, entry);
        entry += list.length;
      }
    }
    this.cornerLists.length = 0;
    this.slabLists.length = 0;
  }

  /**
   * Even-odd test with the boundary inside. As turf does, differences to the point are rounded first and the sign of
   * their cross product is exact, so that both agree to the last bit. Edges outside the point's slab cannot count: both
   * their ends lie above the point or both below it.
   */
  contains(part: number, x: number, y: number): boolean {
    const boxes = this.boxes;
    const b = part * 4;
    const minY = boxes[b + 1]!;
    if (!(x >= boxes[b]! && y >= minY && x <= boxes[b + 2]! && y <= boxes[b + 3]!)) {
      return false;
    }
    const first = this.firstSlab[part]!;
    const slab = first + slabOf(y, minY, this.perDegree[part]!, this.firstSlab[part + 1]! - first);
    const corner = this.corner;
    const slabEdges = this.slabEdges;
    const end = this.slabStart[slab + 1]!;
    let inside = false;
    for (let i = this.slabStart[slab]!; i < end; i++) {
      const e = slabEdges[i]! * 2;
      const v1 = corner[e + 1]! - y;
      const v2 = corner[e + 3]! - y;
      if ((v1 < 0 && v2 < 0) || (v1 > 0 && v2 > 0)) {
        continue;
      }
      const u1 = corner[e]! - x;
      const u2 = corner[e + 2]! - x;
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
    const corner = this.corner;
    const edges = this.edgeStarts[part]!;
    let nearest2 = Infinity;
    for (let i = 0; i < edges.length; i++) {
      const e = edges[i]! * 2;
      const d2 = legDistance2(
        (corner[e]! - lon) * mx,
        (corner[e + 1]! - lat) * METRES_PER_DEGREE,
        (corner[e + 2]! - lon) * mx,
        (corner[e + 3]! - lat) * METRES_PER_DEGREE,
      );
      if (d2 < nearest2) {
        nearest2 = d2;
      }
    }
    return Math.sqrt(nearest2);
  }

  /** Widens `range` (first and last touch, 0 to 1 along the way) by the way's touches with the part's edges. */
  touch(part: number, x0: number, y0: number, x1: number, y1: number, range: Float64Array): void {
    const boxes = this.boxes;
    const b = part * 4;
    const low = Math.max(Math.min(y0, y1), boxes[b + 1]!);
    const high = Math.min(Math.max(y0, y1), boxes[b + 3]!);
    if (low > high || Math.max(x0, x1) < boxes[b]! || Math.min(x0, x1) > boxes[b + 2]!) {
      return;
    }
    const first = this.firstSlab[part]!;
    const slabCount = this.firstSlab[part + 1]! - first;
    const from = this.slabStart[first + slabOf(low, boxes[b + 1]!, this.perDegree[part]!, slabCount)]!;
    const end = this.slabStart[first + slabOf(high, boxes[b + 1]!, this.perDegree[part]!, slabCount) + 1]!;
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length2 = dx * dx + dy * dy;
    if (length2 === 0) {
      return;
    }
    for (let i = from; i < end; i++) {
      const e = this.slabEdges[i]! * 2;
      const ax = this.corner[e]! - x0;
      const ay = this.corner[e + 1]! - y0;
      const ex = this.corner[e + 2]! - x0 - ax;
      const ey = this.corner[e + 3]! - y0 - ay;
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
