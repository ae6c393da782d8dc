import type { LonLat } from '#libs/geo';

/** Metres east and north of the site's point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A small plane round a point; over the 3 km of a terminal its error is below a decimetre. */
export interface LocalFrame {
  toMetres(degrees: readonly [number, number]): Point;
  toDegrees(point: Point): LonLat;
}

/** WGS-84, lengths of a degree at the equator's radius of 6378137 m. */
const METRES_PER_DEGREE = (Math.PI / 180) * 6_378_137;

export function localFrame([longitude, latitude]: readonly [number, number]): LocalFrame {
  const perLongitude = METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
  return {
    toMetres: ([lon, lat]) => ({ x: (lon - longitude) * perLongitude, y: (lat - latitude) * METRES_PER_DEGREE }),
    toDegrees: ({ x, y }) => ({ longitude: longitude + x / perLongitude, latitude: latitude + y / METRES_PER_DEGREE }),
  };
}

/** A line with the way from its start to each corner, in metres. */
export interface Line {
  readonly points: readonly Point[];
  readonly at: readonly number[];
  readonly lengthM: number;
}

export function lineThrough(points: readonly Point[]): Line {
  const at = [0];
  for (let i = 1; i < points.length; i += 1) {
    at.push((at[i - 1] as number) + distance(points[i - 1] as Point, points[i] as Point));
  }
  return { points, at, lengthM: at.at(-1) as number };
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** The point `s` metres along the line and the course there, clockwise from north; held at both ends. */
export function along(line: Line, s: number): Point & { readonly courseDeg: number } {
  let leg = 1;
  while (leg < line.points.length - 1 && s > (line.at[leg] as number)) leg += 1;
  const from = line.points[leg - 1] as Point;
  const to = line.points[leg] as Point;
  const start = line.at[leg - 1] as number;
  const length = (line.at[leg] as number) - start;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, (s - start) / length));
  const courseDeg = (Math.atan2(to.x - from.x, to.y - from.y) * 180) / Math.PI;
  return {
    x: from.x + (to.x - from.x) * part,
    y: from.y + (to.y - from.y) * part,
    courseDeg: (courseDeg + 360) % 360,
  };
}

/** The line moved to the right of its direction; corners are moved along the middle of both legs' normals. */
export function offsetRight(points: readonly Point[], metres: number): Point[] {
  const normals = points.slice(1).map((to, i) => {
    const from = points[i] as Point;
    const length = distance(from, to);
    return { x: (to.y - from.y) / length, y: -(to.x - from.x) / length };
  });
  return points.map((point, i) => {
    const before = normals[Math.max(0, i - 1)] as Point;
    const after = normals[Math.min(normals.length - 1, i)] as Point;
    const sum = { x: before.x + after.x, y: before.y + after.y };
    const length = Math.hypot(sum.x, sum.y) || 1;
    return { x: point.x + (sum.x / length) * metres, y: point.y + (sum.y / length) * metres };
  });
}
