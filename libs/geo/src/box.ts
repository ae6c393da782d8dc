import { METRES_PER_DEGREE, metresPerDegreeOfLongitude } from './sphere.js';

export type Box = [minLon: number, minLat: number, maxLon: number, maxLat: number];

export function boxOf(pointLists: readonly Float64Array[]): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const points of pointLists) {
    for (let i = 0; i < points.length; i += 2) {
      box[0] = Math.min(box[0], points[i]!);
      box[1] = Math.min(box[1], points[i + 1]!);
      box[2] = Math.max(box[2], points[i]!);
      box[3] = Math.max(box[3], points[i + 1]!);
    }
  }
  return box;
}

export function lineBox(points: Float64Array, halfWidthM: number): Box {
  const [minLon, minLat, maxLon, maxLat] = boxOf([points]);
  // A part in a million more, so that rounding never leaves a point of the edge outside its box.
  const padLat = (halfWidthM / METRES_PER_DEGREE) * 1.000001;
  const padLon = padDegreesLongitude(halfWidthM, Math.max(Math.abs(minLat), Math.abs(maxLat)));
  return [minLon - padLon, minLat - padLat, maxLon + padLon, maxLat + padLat];
}

/** Degrees of longitude that are at least `metres` long anywhere within `metres` of the latitude. */
export function padDegreesLongitude(metres: number, lat: number): number {
  const farthest = Math.min(89.9, Math.abs(lat) + metres / METRES_PER_DEGREE);
  return Math.min(180, (metres / metresPerDegreeOfLongitude(farthest)) * 1.000001);
}
