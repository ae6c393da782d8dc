/**
 * The three coordinate systems of Chinese maps. WGS-84 is what satellites give and what Boxtrail stores; GCJ-02 is
 * what licensed maps show, 300 to 700 m off; BD-09 is Baidu's shift on top of it. Conversion happens at the edge only.
 * GCJ-02 was never published by its makers: the constants are those that open implementations agree on.
 */
import type { LonLat } from './sphere.js';

/** Krasovsky 1940: semi-major axis in metres and squared eccentricity, on which GCJ-02 is built. */
const KRASOVSKY_A = 6378245.0;
const KRASOVSKY_EE = 0.006693421622965943;

/** BD-09's angle unit: a "degree" of 3000/180. */
const BD_PI = (Math.PI * 3000.0) / 180.0;

/** Steps of the inverses; each divides the error by 100 at least, so that ten reach the end of a double's precision. */
const INVERSE_STEPS = 10;
/** Degrees; 1e-10 is a hundredth of a millimetre. */
const INVERSE_ENOUGH_DEG = 1e-10;

/** The box in which the shift is applied, as maps draw it: neighbours inside the box are shifted too. */
export function isShiftedArea({ longitude, latitude }: LonLat): boolean {
  return longitude >= 72.004 && longitude <= 137.8347 && latitude >= 0.8293 && latitude <= 55.8271;
}

/** WGS-84 → GCJ-02, degrees; outside the shifted area unchanged. */
export function wgs84ToGcj02(point: LonLat): LonLat {
  return isShiftedArea(point) ? shifted(point) : point;
}

/** GCJ-02 → WGS-84 by fixed-point iteration, to better than 1e-7 degree; outside the shifted area unchanged. */
export function gcj02ToWgs84(point: LonLat): LonLat {
  return isShiftedArea(point) ? invert(shifted, point) : point;
}

/** GCJ-02 → BD-09, degrees. Baidu applies it inside the shifted area. */
export function gcj02ToBd09(point: LonLat): LonLat {
  return isShiftedArea(point) ? baiduShifted(point) : point;
}

/** BD-09 → GCJ-02 by fixed-point iteration, to better than 1e-7 degree. */
export function bd09ToGcj02(point: LonLat): LonLat {
  return isShiftedArea(point) ? invert(baiduShifted, point) : point;
}

export function wgs84ToBd09(point: LonLat): LonLat {
  return gcj02ToBd09(wgs84ToGcj02(point));
}

export function bd09ToWgs84(point: LonLat): LonLat {
  return gcj02ToWgs84(bd09ToGcj02(point));
}

function shifted({ longitude, latitude }: LonLat): LonLat {
  const x = longitude - 105.0;
  const y = latitude - 35.0;
  const ripple = (20.0 * Math.sin(6.0 * x * Math.PI) + 20.0 * Math.sin(2.0 * x * Math.PI)) * (2.0 / 3.0);
  const northM =
    -100.0 +
    2.0 * x +
    3.0 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    ripple +
    ((20.0 * Math.sin(y * Math.PI) + 40.0 * Math.sin((y / 3.0) * Math.PI)) * 2.0) / 3.0 +
    ((160.0 * Math.sin((y / 12.0) * Math.PI) + 320.0 * Math.sin((y * Math.PI) / 30.0)) * 2.0) / 3.0;
  const eastM =
    300.0 +
    x +
    2.0 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    ripple +
    ((20.0 * Math.sin(x * Math.PI) + 40.0 * Math.sin((x / 3.0) * Math.PI)) * 2.0) / 3.0 +
    ((150.0 * Math.sin((x / 12.0) * Math.PI) + 300.0 * Math.sin((x / 30.0) * Math.PI)) * 2.0) / 3.0;

  const phi = (latitude * Math.PI) / 180.0;
  const w = 1.0 - KRASOVSKY_EE * Math.sin(phi) ** 2;
  const meridianRadiusM = (KRASOVSKY_A * (1.0 - KRASOVSKY_EE)) / (w * Math.sqrt(w));
  const parallelRadiusM = (KRASOVSKY_A / Math.sqrt(w)) * Math.cos(phi);
  return {
    longitude: longitude + ((eastM / parallelRadiusM) * 180.0) / Math.PI,
    latitude: latitude + ((northM / meridianRadiusM) * 180.0) / Math.PI,
  };
}

function baiduShifted({ longitude, latitude }: LonLat): LonLat {
  const radius = Math.hypot(longitude, latitude) + 0.00002 * Math.sin(latitude * BD_PI);
  const angle = Math.atan2(latitude, longitude) + 0.000003 * Math.cos(longitude * BD_PI);
  return { longitude: radius * Math.cos(angle) + 0.0065, latitude: radius * Math.sin(angle) + 0.006 };
}

function invert(forward: (point: LonLat) => LonLat, target: LonLat): LonLat {
  let guess = target;
  for (let step = 0; step < INVERSE_STEPS; step++) {
    const seen = forward(guess);
    const dLon = target.longitude - seen.longitude;
    const dLat = target.latitude - seen.latitude;
    guess = { longitude: guess.longitude + dLon, latitude: guess.latitude + dLat };
    if (Math.abs(dLon) < INVERSE_ENOUGH_DEG && Math.abs(dLat) < INVERSE_ENOUGH_DEG) {
      break;
    }
  }
  return guess;
}
