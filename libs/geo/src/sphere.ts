/** Mean earth radius R1 of the IUGG in metres: (2a + b) / 3 of the WGS-84 ellipsoid. */
export const EARTH_RADIUS_M = 6371008.8;

const RADIANS_PER_DEGREE = Math.PI / 180;

/** Metres per degree of latitude, and of longitude on the equator. */
export const METRES_PER_DEGREE = EARTH_RADIUS_M * RADIANS_PER_DEGREE;

/** WGS-84 degrees; x is the longitude. */
export interface LonLat {
  readonly longitude: number;
  readonly latitude: number;
}

/** Great-circle distance in metres (haversine, sphere of radius R1; up to 0.56 % off the ellipsoid). */
export function distanceM(a: LonLat, b: LonLat): number {
  return greatCircleM(a.longitude, a.latitude, b.longitude, b.latitude);
}

export function greatCircleM(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const sinLat = Math.sin(((lat2 - lat1) * RADIANS_PER_DEGREE) / 2);
  const sinLon = Math.sin(((lon2 - lon1) * RADIANS_PER_DEGREE) / 2);
  const h =
    sinLat * sinLat + Math.cos(lat1 * RADIANS_PER_DEGREE) * Math.cos(lat2 * RADIANS_PER_DEGREE) * sinLon * sinLon;
  // Rounding can lift h above 1 for antipodes.
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(Math.min(1, h)));
}

/** Initial course of the great circle from a to b, degrees clockwise from north in [0, 360); 0 for equal points. */
export function bearingDeg(a: LonLat, b: LonLat): number {
  const lat1 = a.latitude * RADIANS_PER_DEGREE;
  const lat2 = b.latitude * RADIANS_PER_DEGREE;
  const dLon = (b.longitude - a.longitude) * RADIANS_PER_DEGREE;
  const east = Math.sin(dLon) * Math.cos(lat2);
  const north = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(dLon);
  const degrees = Math.atan2(east, north) / RADIANS_PER_DEGREE;
  return degrees < 0 ? (degrees + 360) % 360 : degrees;
}

/**
 * The point at `fraction` (0 to 1) of the way from a to b, straight in degrees and by the short way over the date line,
 * as fences' edges are straight in degrees too; its longitude lies in [-180, 180].
 */
export function interpolate(a: LonLat, b: LonLat, fraction: number): LonLat {
  const dLon = shortWayDeg(b.longitude - a.longitude);
  return {
    longitude: normaliseLongitude(a.longitude + dLon * fraction),
    latitude: a.latitude + (b.latitude - a.latitude) * fraction,
  };
}

/** A difference of longitudes brought to [-180, 180]. */
export function shortWayDeg(dLon: number): number {
  return dLon > 180 ? dLon - 360 : dLon < -180 ? dLon + 360 : dLon;
}

export function normaliseLongitude(lon: number): number {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
}

/** Metres per degree of longitude at a latitude in degrees. */
export function metresPerDegreeOfLongitude(lat: number): number {
  return METRES_PER_DEGREE * Math.cos(lat * RADIANS_PER_DEGREE);
}
