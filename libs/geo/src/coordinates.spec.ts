import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bd09ToGcj02, bd09ToWgs84, gcj02ToBd09, gcj02ToWgs84, wgs84ToBd09, wgs84ToGcj02 } from './coordinates.js';
import { bearingDeg, distanceM, interpolate, type LonLat } from './sphere.js';

const at = (longitude: number, latitude: number): LonLat => ({ longitude, latitude });

/** WGS-84, GCJ-02, BD-09; the last two as npm gcoord 1.0.7 gives them. */
const FROM_GCOORD: readonly (readonly [string, LonLat, LonLat, LonLat])[] = [
  [
    'Ningbo Chuanshan',
    at(121.95, 29.88),
    at(121.95403908731716, 29.8774230737864),
    at(121.9605552891892, 29.88334563433718),
  ],
  [
    'Beijing',
    at(116.3912, 39.9073),
    at(116.39744110352653, 39.90870121935281),
    at(116.40381412571053, 39.91504442778818),
  ],
  ['Chengdu', at(104.06, 30.67), at(104.06249640425462, 30.66757487197054), at(104.06895376934077, 30.673692211196343)],
  ['Lhasa', at(91.13, 29.65), at(91.13154616964692, 29.647279975356877), at(91.13813361454417, 29.65303523120652)],
  ['Urumqi', at(87.6, 43.8), at(87.60283897227161, 43.80121203029208), at(87.60921015182171, 43.80747250765041)],
  ['Haikou', at(110.33, 20.03), at(110.33436811051284, 20.027952291737968), at(110.34091399400056, 20.033633469344768)],
];

const nearTo = (actual: LonLat, expected: LonLat, degrees: number): void => {
  expect(Math.abs(actual.longitude - expected.longitude)).toBeLessThan(degrees);
  expect(Math.abs(actual.latitude - expected.latitude)).toBeLessThan(degrees);
};

describe('coordinate systems of Chinese maps', () => {
  it.each(FROM_GCOORD)('shift %s as another implementation does', (_place, wgs, gcj, bd) => {
    nearTo(wgs84ToGcj02(wgs), gcj, 1e-9);
    nearTo(gcj02ToBd09(gcj), bd, 1e-9);
    nearTo(wgs84ToBd09(wgs), bd, 1e-9);
    nearTo(gcj02ToWgs84(gcj), wgs, 1e-7);
    nearTo(bd09ToWgs84(bd), wgs, 1e-7);
  });

  it('go back to where they came from within 1e-7 degree, anywhere on the mainland', () => {
    const mainland = fc.record({
      longitude: fc.double({ min: 74, max: 134, noNaN: true }),
      latitude: fc.double({ min: 18.2, max: 53.5, noNaN: true }),
    });
    fc.assert(
      fc.property(mainland, (point) => {
        nearTo(gcj02ToWgs84(wgs84ToGcj02(point)), point, 1e-7);
        nearTo(bd09ToGcj02(gcj02ToBd09(point)), point, 1e-7);
        nearTo(bd09ToWgs84(wgs84ToBd09(point)), point, 1e-7);
      }),
      { seed: 808, numRuns: 500 },
    );
  });

  it('leave points outside the shifted area as they are', () => {
    for (const point of [at(4.0, 51.95), at(-118.27, 33.74), at(103.85, -1.26)]) {
      for (const convert of [wgs84ToGcj02, gcj02ToWgs84, gcj02ToBd09, bd09ToGcj02, wgs84ToBd09, bd09ToWgs84]) {
        expect(convert(point)).toEqual(point);
      }
    }
  });
});

describe('the sphere', () => {
  it('measures a quarter of a great circle as a quarter of 2πR', () => {
    const quarterM = (Math.PI / 2) * 6371008.8;
    expect(distanceM(at(0, 0), at(90, 0))).toBeCloseTo(quarterM, 6);
    expect(distanceM(at(17, 0), at(121, 90))).toBeCloseTo(quarterM, 6);
    expect(distanceM(at(0, 0), at(180, 0))).toBeCloseTo(2 * quarterM, 6);
  });

  it('measures over the date line by the short way', () => {
    expect(distanceM(at(179.9, 0), at(-179.9, 0))).toBeCloseTo((0.2 / 360) * 2 * Math.PI * 6371008.8, 6);
  });

  it('tells the course clockwise from north', () => {
    expect(bearingDeg(at(121, 29), at(121, 30))).toBe(0);
    expect(bearingDeg(at(121, 0), at(122, 0))).toBeCloseTo(90, 9);
    expect(bearingDeg(at(121, 30), at(121, 29))).toBe(180);
    expect(bearingDeg(at(122, 0), at(121, 0))).toBeCloseTo(270, 9);
    expect(bearingDeg(at(121, 29), at(121, 29))).toBe(0);
  });

  it('interpolates over the date line', () => {
    expect(interpolate(at(179, 10), at(-179, 12), 0.75)).toEqual({ longitude: -179.5, latitude: 11.5 });
    expect(interpolate(at(10, 10), at(20, 30), 0.25)).toEqual({ longitude: 12.5, latitude: 15 });
  });
});
