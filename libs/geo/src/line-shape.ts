import { legDistance2 } from './leg-distance.js';
import { METRES_PER_DEGREE, metresPerDegreeOfLongitude } from './sphere.js';

/** Metres from a point to a line, in a flat picture around the point. */
export function lineDistanceM(points: Float64Array, lon: number, lat: number): number {
  const mx = metresPerDegreeOfLongitude(lat);
  let nearest2 = Infinity;
  for (let i = 0; i === 0 || i + 2 < points.length; i += 2) {
    const j = points.length === 2 ? 0 : i + 2;
    nearest2 = Math.min(
      nearest2,
      legDistance2(
        (points[i]! - lon) * mx,
        (points[i + 1]! - lat) * METRES_PER_DEGREE,
        (points[j]! - lon) * mx,
        (points[j + 1]! - lat) * METRES_PER_DEGREE,
      ),
    );
  }
  return Math.sqrt(nearest2);
}

/** Halvings of a way; the last is a millionth of a millimetre of 10 km. */
const HALVINGS = 44;

/**
 * Widens `range` by the part of a way that lies within the width of a line. The distance from a point that moves
 * straight to a leg is convex, so each leg is met in one stretch: around the nearest place, found by thirds.
 */
export function touchLine(
  points: Float64Array,
  halfWidthM: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  range: Float64Array,
): void {
  for (let i = 0; i === 0 || i + 2 < points.length; i += 2) {
    const leg = points.length === 2 ? points : points.subarray(i, i + 4);
    const gapM = (t: number): number => lineDistanceM(leg, x0 + t * (x1 - x0), y0 + t * (y1 - y0)) - halfWidthM;
    let low = 0;
    let high = 1;
    for (let step = 0; step < HALVINGS * 2; step++) {
      const a = low + (high - low) / 3;
      const b = high - (high - low) / 3;
      if (gapM(a) <= gapM(b)) {
        high = b;
      } else {
        low = a;
      }
    }
    const nearest = (low + high) / 2;
    if (gapM(nearest) > 0) {
      continue;
    }
    range[0] = Math.min(range[0]!, gapM(0) <= 0 ? 0 : edgeBetween(gapM, 0, nearest));
    range[1] = Math.max(range[1]!, gapM(1) <= 0 ? 1 : edgeBetween(gapM, 1, nearest));
  }
}

function edgeBetween(gapM: (t: number) => number, outside: number, inside: number): number {
  let out = outside;
  let within = inside;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (out + within) / 2;
    if (gapM(middle) > 0) {
      out = middle;
    } else {
      within = middle;
    }
  }
  return within;
}
