import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { booleanPointInPolygon, multiPolygon, polygon } from '@turf/turf';
import fc from 'fast-check';
import { DomainError } from '#libs/kernel';
import { createFenceIndex } from './fence-index.js';
import { compareProducts } from './orientation.js';
import { seededRandom } from './seeded-random.fixture.js';
import type { FenceZone, Position, ZoneGeometry } from './zone-geometry.js';

const zoneOf = (geometry: ZoneGeometry, zoneId = 'z'): FenceZone => ({ zoneId, geometry, bufferM: 20, dwellMs: 0 });
const polygonOf = (...rings: Position[][]): ZoneGeometry => ({ type: 'Polygon', coordinates: rings });

/** A closed star around a centre with random radii: concave nearly always, and self-crossing when `turns` is 2. */
function star(random: () => number, lon: number, lat: number, radius: number, corners: number, turns = 1): Position[] {
  const ring: Position[] = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * turns * i) / corners;
    const r = radius * (0.3 + 0.7 * random());
    return [lon + r * Math.cos(angle), lat + r * Math.sin(angle)];
  });
  return [...ring, ring[0]!];
}

type Vector =
  | { protocol: 'geofence'; id: string; shape: Shape; op: 'contains'; args: LatLon; expect: boolean }
  | { protocol: 'geofence'; id: string; shape: Shape; op: 'intersectsSegment'; args: [LatLon, LatLon]; expect: boolean }
  | { protocol: 'geofence-transition'; id: string };
type LatLon = [number, number];
type Shape =
  | { kind: 'polygon'; points: LatLon[] }
  | { kind: 'corridor'; points: LatLon[]; halfWidthM: number }
  | { kind: 'circle'; center: LatLon; radiusM: number };

const flip = ([lat, lon]: LatLon): Position => [lon, lat];

function geometryOf(shape: Shape): ZoneGeometry {
  switch (shape.kind) {
    case 'polygon':
      return polygonOf([...shape.points.map(flip), flip(shape.points[0]!)]);
    case 'corridor':
      return {
        corridor: { type: 'LineString', coordinates: shape.points.map(flip) },
        halfWidthM: shape.halfWidthM,
      };
    case 'circle':
      return { circle: flip(shape.center), radiusM: shape.radiusM };
  }
}

const { vectors } = JSON.parse(
  readFileSync(new URL('../../../fixtures/vectors/geofence.json', import.meta.url), 'utf8'),
) as { vectors: Vector[] };

describe('the fence index', () => {
  it.each(vectors.filter((vector) => vector.protocol === 'geofence').map((vector) => [vector.id, vector] as const))(
    'answers vector %s',
    (_id, vector) => {
      const index = createFenceIndex([zoneOf(geometryOf(vector.shape))]);
      if (vector.op === 'contains') {
        const [lat, lon] = vector.args;
        expect(index.containing(lon, lat)).toEqual(vector.expect ? [0] : []);
      } else {
        const [from, to] = vector.args.map(([latitude, longitude]) => ({ longitude, latitude }));
        expect(index.segmentCrossings(from!, to!)).toHaveLength(vector.expect ? 1 : 0);
      }
    },
  );

  it('agrees with turf on random stars, holes, multipolygons and self-crossing rings, at any point', () => {
    const random = seededRandom(20261122);
    const zones: FenceZone[] = [];
    for (let i = 0; i < 150; i++) {
      const lon = 121.6 + random() * 0.4;
      const lat = 29.8 + random() * 0.3;
      const radius = 0.001 + 0.04 * random() ** 3;
      const outline = star(random, lon, lat, radius, 3 + Math.floor(random() * 60), i % 7 === 0 ? 2 : 1);
      const hole = star(random, lon, lat, radius * 0.28, 5);
      const other = star(random, lon + radius * 0.8, lat, radius, 12);
      zones.push(
        zoneOf(
          i % 3 === 0
            ? { type: 'MultiPolygon', coordinates: [[outline, hole], [other]] }
            : polygonOf(outline, ...(i % 3 === 1 ? [hole] : [])),
          `z${i}`,
        ),
      );
    }
    const index = createFenceIndex(zones);
    const shapes = zones.map(turfOf);
    const corners = zones.flatMap(cornersOf);
    const wrong: unknown[] = [];
    let hits = 0;
    for (let i = 0; i < 6000; i++) {
      const corner = corners[Math.floor(random() * corners.length)]!;
      const next = corners[Math.floor(random() * corners.length)]!;
      const point: [number, number] =
        i % 4 === 0
          ? [corner[0]!, corner[1]!]
          : i % 4 === 1
            ? [corner[0]!, next[1]!]
            : [121.58 + random() * 0.44, 29.78 + random() * 0.34];
      const expected = shapes.flatMap((shape, z) => (booleanPointInPolygon(point, shape) ? [z] : []));
      hits += expected.length;
      const found = index.containing(...point);
      if (found.join() !== expected.join()) {
        wrong.push({ point, found, expected });
      }
    }
    expect(wrong).toEqual([]);
    expect(hits).toBeGreaterThan(3000);
  });

  it('agrees with turf on small whole numbers, where points on edges and corners abound', () => {
    const whole = fc.integer({ min: 0, max: 6 });
    const ring = fc
      .array(fc.tuple(whole, whole), { minLength: 3, maxLength: 9 })
      .filter((points) => points.some(([x, y]) => isOffLine(points, x, y)));
    let onEdge = 0;
    fc.assert(
      fc.property(ring, (points) => {
        const closed: Position[] = [...points, points[0]!];
        const index = createFenceIndex([zoneOf(polygonOf(closed))]);
        const shape = polygon([closed.map((p) => [...p])]);
        const wrong: unknown[] = [];
        for (let x = -1; x <= 7; x += 0.5) {
          for (let y = -1; y <= 7; y += 0.5) {
            const inside = booleanPointInPolygon([x, y], shape);
            onEdge += inside && !booleanPointInPolygon([x, y], shape, { ignoreBoundary: true }) ? 1 : 0;
            if ((index.containing(x, y).length === 1) !== inside) {
              wrong.push([x, y, inside]);
            }
          }
        }
        expect(wrong).toEqual([]);
      }),
      { seed: 6346, numRuns: 150 },
    );
    expect(onEdge).toBeGreaterThan(1000);
  });

  it('agrees with turf a last bit beside a slanting edge', () => {
    // Coordinates with full mantissas: plain double arithmetic gets the side of such points wrong.
    const ring: Position[] = [
      [121.9 + 1 / 3e3, 29.8 + 1 / 7e3],
      [121.95 + 1 / 7e3, 29.9 + 1 / 9e3],
      [121.8, 29.95],
      [121.9 + 1 / 3e3, 29.8 + 1 / 7e3],
    ];
    const index = createFenceIndex([zoneOf(polygonOf(ring))]);
    const shape = polygon([ring.map((p) => [...p])]);
    const random = seededRandom(17363);
    const seen = new Set<boolean>();
    let wrong = 0;
    for (let i = 0; i < 5000; i++) {
      const t = random();
      const x = ring[0]![0]! + t * (ring[1]![0]! - ring[0]![0]!);
      const y = ring[0]![1]! + t * (ring[1]![1]! - ring[0]![1]!);
      for (const dx of [-3e-14, -1.5e-14, 0, 1.5e-14, 3e-14]) {
        const inside = booleanPointInPolygon([x + dx, y], shape);
        seen.add(inside);
        wrong += (index.containing(x + dx, y).length === 1) === inside ? 0 : 1;
      }
    }
    expect(wrong).toBe(0);
    expect(seen.size).toBe(2);
  });

  it('stays exact where a crowd of fences shares one cell and another lies far away', () => {
    const random = seededRandom(9);
    const zones = Array.from({ length: 400 }, (_, i) =>
      zoneOf(polygonOf(star(random, 121.9 + random() * 1e-3, 29.9 + random() * 1e-3, 4e-4, 12)), `near${i}`),
    );
    zones.push(zoneOf(polygonOf(star(random, -74, 40.6, 0.1, 8)), 'far'));
    const index = createFenceIndex(zones);
    const shapes = zones.map(turfOf);
    for (let i = 0; i < 200; i++) {
      const point: [number, number] = [121.9 + random() * 1e-3, 29.9 + random() * 1e-3];
      expect(index.containing(...point)).toEqual(
        shapes.flatMap((shape, z) => (booleanPointInPolygon(point, shape) ? [z] : [])),
      );
    }
    expect(index.containing(-74, 40.6)).toEqual([400]);
  });

  it('finds nothing for points that are not on earth, and in an empty set', () => {
    const index = createFenceIndex([
      zoneOf(
        polygonOf([
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ]),
      ),
    ]);
    expect(index.containing(Number.NaN, 0)).toEqual([]);
    expect(index.containing(0, Number.POSITIVE_INFINITY)).toEqual([]);
    expect(createFenceIndex([]).containing(0, 0)).toEqual([]);
    expect(createFenceIndex([]).segmentCrossings({ longitude: 0, latitude: 0 }, { longitude: 1, latitude: 1 })).toEqual(
      [],
    );
  });

  it('measures metres to the edge, negative inside', () => {
    // A square of 0.01 degree on the equator: a side is 0.01 × 111,195.08 m = 1,111.95 m.
    const index = createFenceIndex([
      zoneOf(
        polygonOf([
          [0, 0],
          [0.01, 0],
          [0.01, 0.01],
          [0, 0.01],
          [0, 0],
        ]),
      ),
    ]);
    expect(index.signedDistanceM(0, 0.005, 0.005)).toBeCloseTo(-555.975, 2);
    expect(index.signedDistanceM(0, 0.011, 0.005)).toBeCloseTo(111.195, 2);
    expect(index.signedDistanceM(0, 0.011, 0.011)).toBeCloseTo(111.195 * Math.SQRT2, 2);
    expect(index.signedDistanceM(0, 0.01, 0.002)).toBeCloseTo(0, 6);
  });

  it('moves the edge out and in by a margin', () => {
    const index = createFenceIndex([
      zoneOf(
        polygonOf([
          [0, 0],
          [0.01, 0],
          [0.01, 0.01],
          [0, 0.01],
          [0, 0],
        ]),
      ),
    ]);
    expect(index.containingWithin(0.0101, 0.005, 12)).toEqual([0]);
    expect(index.containingWithin(0.0101, 0.005, 11)).toEqual([]);
    expect(index.containingWithin(0.0099, 0.005, -11)).toEqual([0]);
    expect(index.containingWithin(0.0099, 0.005, -12)).toEqual([]);
  });

  it('tells which part of a way lies in a zone', () => {
    const index = createFenceIndex([
      zoneOf(
        polygonOf([
          [1, 0],
          [2, 0],
          [2, 4],
          [1, 4],
          [1, 0],
        ]),
        'first',
      ),
      zoneOf(
        polygonOf([
          [3, 3],
          [4, 3],
          [4, 4],
          [3, 4],
          [3, 3],
        ]),
        'aside',
      ),
    ]);
    const way = (x0: number, y0: number, x1: number, y1: number) =>
      index.segmentCrossings({ longitude: x0, latitude: y0 }, { longitude: x1, latitude: y1 });
    expect(way(0, 1, 4, 1)).toEqual([{ zone: 0, enter: 0.25, exit: 0.5 }]);
    expect(way(1.5, 1, 3.5, 1)).toEqual([{ zone: 0, enter: 0, exit: 0.25 }]);
    expect(way(0, 3.5, 4, 3.5).map(({ zone }) => zone)).toEqual([0, 1]);
    expect(way(0, 5, 4, 5)).toEqual([]);
    // Along an edge, and touching one corner only.
    expect(way(1, -1, 1, 1)).toEqual([{ zone: 0, enter: 0.5, exit: 1 }]);
    expect(way(0, 1, 1, 0)).toEqual([{ zone: 0, enter: 1, exit: 1 }]);
  });

  it('finds the same crossings as a walk along the way in small steps', () => {
    const random = seededRandom(31);
    const zones = Array.from({ length: 60 }, (_, i) =>
      zoneOf(polygonOf(star(random, 121.6 + random() * 0.2, 29.8 + random() * 0.2, 0.02, 20)), `z${i}`),
    );
    const index = createFenceIndex(zones);
    for (let i = 0; i < 60; i++) {
      const from = { longitude: 121.6 + random() * 0.2, latitude: 29.8 + random() * 0.2 };
      const far = i % 2 === 0 ? 0.2 : 0.01;
      const to = {
        longitude: from.longitude + (random() - 0.5) * far,
        latitude: from.latitude + (random() - 0.5) * far,
      };
      const crossings = new Map(index.segmentCrossings(from, to).map((crossing) => [crossing.zone, crossing]));
      for (let s = 0; s <= 200; s++) {
        const t = s / 200;
        const lon = from.longitude + t * (to.longitude - from.longitude);
        const lat = from.latitude + t * (to.latitude - from.latitude);
        for (const zone of index.containing(lon, lat)) {
          expect(crossings.get(zone)!.enter).toBeLessThanOrEqual(t + 1e-9);
          expect(crossings.get(zone)!.exit).toBeGreaterThanOrEqual(t - 1e-9);
        }
      }
    }
  });

  it('goes over the date line with a corridor, and not with a polygon', () => {
    const index = createFenceIndex([
      zoneOf(
        {
          corridor: {
            type: 'LineString',
            coordinates: [
              [179.9, 10],
              [-179.9, 10],
            ],
          },
          halfWidthM: 500,
        },
        'corridor',
      ),
      zoneOf(
        polygonOf([
          [-180, 9],
          [-179, 9],
          [-179, 11],
          [-180, 11],
          [-180, 9],
        ]),
        'polygon',
      ),
    ]);
    expect(index.containing(179.95, 10.004)).toEqual([0]);
    expect(index.containing(-179.95, 10.004)).toEqual([0, 1]);
    // turf knows no date line: 180 is not -180 there.
    expect(index.containing(180, 10.5)).toEqual([]);
    expect(index.containing(179.95, 10.005)).toEqual([]);
    const [corridor, square] = index.segmentCrossings(
      { longitude: 179.5, latitude: 10 },
      { longitude: -179.5, latitude: 10 },
    );
    // 500 m at 10 degrees north are 0.00457 degrees before 179.9 and behind -179.9.
    expect(corridor!.enter).toBeCloseTo(0.4 - 0.00457, 4);
    expect(corridor!.exit).toBeCloseTo(0.6 + 0.00457, 4);
    expect(square).toMatchObject({ zone: 1, enter: 0.5, exit: 1 });
    expect(index.signedDistanceM(1, 179.999, 10)).toBeCloseTo(0.001 * 111195.08 * Math.cos(Math.PI / 18), 1);
  });

  it.each<[string, ZoneGeometry, string]>([
    [
      'an open ring',
      polygonOf([
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ]),
      'coordinates[0][3]',
    ],
    [
      'a ring of three points',
      polygonOf([
        [0, 0],
        [1, 0],
        [0, 0],
      ]),
      'coordinates[0]',
    ],
    [
      'a ring on one line',
      polygonOf([
        [0, 0],
        [1, 1],
        [2, 2],
        [0, 0],
      ]),
      'coordinates[0]',
    ],
    [
      'a latitude of 91',
      polygonOf([
        [0, 0],
        [1, 0],
        [1, 91],
        [0, 0],
      ]),
      'coordinates[0][2]',
    ],
    [
      'swapped coordinates of Ningbo',
      polygonOf([
        [29.9, 121.9],
        [29.8, 121.9],
        [29.8, 121.8],
        [29.9, 121.9],
      ]),
      'coordinates[0][0]',
    ],
    [
      'a NaN',
      polygonOf([
        [0, 0],
        [Number.NaN, 0],
        [1, 1],
        [0, 0],
      ]),
      'coordinates[0][1]',
    ],
    [
      'a fault in a hole',
      polygonOf(
        [
          [0, 0],
          [9, 0],
          [9, 9],
          [0, 0],
        ],
        [
          [1, 1],
          [2, 1],
          [2, 2],
          [1, 2],
        ],
      ),
      'coordinates[1][3]',
    ],
    ['an empty multipolygon', { type: 'MultiPolygon', coordinates: [] }, 'coordinates'],
    [
      'a fault in a second polygon',
      {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 0],
            ],
          ],
          [
            [
              [0, 0],
              [1, 0],
              [1, 999],
              [0, 0],
            ],
          ],
        ],
      },
      'coordinates[1][0][2]',
    ],
    [
      'a corridor of one point',
      { corridor: { type: 'LineString', coordinates: [[0, 0]] }, halfWidthM: 5 },
      'corridor.coordinates',
    ],
    [
      'a corridor without width',
      {
        corridor: {
          type: 'LineString',
          coordinates: [
            [0, 0],
            [1, 1],
          ],
        },
        halfWidthM: 0,
      },
      'halfWidthM',
    ],
    [
      'a corridor at the pole',
      {
        corridor: {
          type: 'LineString',
          coordinates: [
            [0, 80],
            [1, 89],
          ],
        },
        halfWidthM: 5,
      },
      'corridor.coordinates[1]',
    ],
  ])('refuses %s, naming zone and place', (_what, geometry, field) => {
    const build = () => createFenceIndex([zoneOf(geometry, 'yard-7')]);
    expect(build).toThrow(DomainError);
    expect(build).toThrow(
      expect.objectContaining({
        code: 'INVALID_GEOMETRY',
        details: expect.objectContaining({ zoneId: 'yard-7', field }) as unknown,
      }),
    );
  });

  it('refuses a zone id that comes twice and a negative buffer', () => {
    const zone = zoneOf(
      polygonOf([
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ]),
    );
    expect(() => createFenceIndex([zone, zone])).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => createFenceIndex([{ ...zone, bufferM: -1 }])).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  });
});

describe('the exact sign of a·b − c·d', () => {
  it('equals that of whole-number arithmetic', () => {
    const big = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n });
    fc.assert(
      fc.property(big, big, fc.bigInt({ min: -3n, max: 3n }), (a, b, nudge) => {
        const c = a + nudge;
        const d = b - nudge;
        const exact = a * b - c * d;
        const sign = exact > 0n ? 1 : exact < 0n ? -1 : 0;
        fc.pre(c <= 2n ** 53n && c >= -(2n ** 53n) && d <= 2n ** 53n && d >= -(2n ** 53n));
        expect(compareProducts(Number(a), Number(b), Number(c), Number(d))).toBe(sign);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

function isOffLine(points: readonly (readonly [number, number])[], x: number, y: number): boolean {
  const [x0, y0] = points[0]!;
  return points.some(([px, py]) => (x - x0) * (py - y0) !== (y - y0) * (px - x0));
}

function turfOf({ geometry }: FenceZone): Parameters<typeof booleanPointInPolygon>[1] {
  if ('type' in geometry) {
    return geometry.type === 'Polygon'
      ? polygon(geometry.coordinates.map((ring) => ring.map((p) => [...p])))
      : multiPolygon(geometry.coordinates.map((part) => part.map((ring) => ring.map((p) => [...p]))));
  }
  throw new Error('turf knows areas only');
}

function cornersOf({ geometry }: FenceZone): Position[] {
  if ('type' in geometry) {
    return geometry.type === 'Polygon' ? geometry.coordinates.flat() : geometry.coordinates.flat(2);
  }
  return [];
}
