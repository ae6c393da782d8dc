import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  correctionOf,
  createFenceIndex,
  DEFAULT_FENCE_POLICY,
  foldFixes,
  INITIAL_FENCE_STATE,
  place,
  step,
  type AssetFenceState,
  type FenceEvent,
  type FenceIndex,
  type FenceItem,
  type Fix,
} from './index.js';
import { seededRandom } from './seeded-random.fixture.js';
import { METRES_PER_DEGREE } from './sphere.js';

/** The specs' world lies on the equator, where a degree is as long east as north: metres → degrees. */
const deg = (metres: number): number => metres / METRES_PER_DEGREE;

/** A square yard of 400 m, its lower left corner at (0, 0). */
const YARD = {
  zoneId: 'yard',
  geometry: {
    type: 'Polygon' as const,
    coordinates: [
      [
        [0, 0],
        [deg(400), 0],
        [deg(400), deg(400)],
        [0, deg(400)],
        [0, 0],
      ],
    ],
  },
};

const indexWith = (bufferM: number, dwellMs: number): FenceIndex => createFenceIndex([{ ...YARD, bufferM, dwellMs }]);

const T0 = Date.UTC(2026, 10, 22, 8, 0, 0);

/** A fix `seconds` after T0, `x` metres east and `y` metres north of the yard's corner. */
const fixAt = (seconds: number, x: number, y = 200, accuracyM: number | null = null): FenceItem & Fix => ({
  kind: 'FIX',
  key: `fix-${String(seconds).padStart(6, '0')}`,
  at: T0 + seconds * 1000,
  longitude: deg(x),
  latitude: deg(y),
  accuracyM,
});

const fold = (index: FenceIndex, items: readonly FenceItem[]) =>
  foldFixes(INITIAL_FENCE_STATE, items, index, DEFAULT_FENCE_POLICY);

/** Events as `Kind@second`, a crossing as `Kind@second-second`. */
const told = (events: readonly FenceEvent[]): string[] =>
  events.map((event) =>
    event.kind === 'ZoneCrossed'
      ? `${event.kind}@${(event.enteredAt - T0) / 1000}-${(event.exitedAt - T0) / 1000}`
      : `${event.kind}@${(event.at - T0) / 1000}`,
  );

describe('the fence rules', () => {
  it('enter at the first fix inside and leave at the first fix beyond the buffer, without dwell', () => {
    const items = [fixAt(0, -100), fixAt(10, 5), fixAt(20, -10), fixAt(30, -19), fixAt(40, -21)];
    expect(told(fold(indexWith(20, 0), items).events)).toEqual(['ZoneEntered@10', 'ZoneExited@40']);
  });

  it('enter when the very first fix lies inside, for nobody saw the asset outside', () => {
    expect(told(fold(indexWith(20, 0), [fixAt(0, 200)]).events)).toEqual(['ZoneEntered@0']);
    expect(told(fold(indexWith(20, 0), [fixAt(0, -200)]).events)).toEqual([]);
  });

  it('count the edge as inside', () => {
    expect(told(fold(indexWith(20, 0), [fixAt(0, 0)]).events)).toEqual(['ZoneEntered@0']);
  });

  it('hold an entry back until its dwell is over, and give it the time of its first fix', () => {
    const index = indexWith(20, 30_000);
    const items = [fixAt(0, -50), fixAt(10, 50), fixAt(20, 60), fixAt(39, 70), fixAt(40, 70)];
    expect(told(fold(index, items.slice(0, 4)).events)).toEqual([]);
    const { events } = fold(index, items);
    expect(told(events)).toEqual(['ZoneEntered@10']);
    expect(events[0]).toMatchObject({ decidedAt: T0 + 40_000, source: 'FIX', causes: ['fix-000010'] });
  });

  it('hold an exit back likewise, and forget it when the asset comes back in time', () => {
    const index = indexWith(20, 30_000);
    const inside = [fixAt(0, 50), fixAt(30, 50)];
    const dip = [fixAt(40, -30), fixAt(60, -30), fixAt(65, 10)];
    const leave = [fixAt(100, -40), fixAt(110, -10), fixAt(129, -60), fixAt(131, -60)];
    expect(told(fold(index, [...inside, ...dip]).events)).toEqual(['ZoneEntered@0']);
    expect(told(fold(index, [...inside, ...dip, ...leave]).events)).toEqual(['ZoneEntered@0', 'ZoneExited@100']);
  });

  it('take nothing from a fix whose error is larger than its distance to the edge', () => {
    const index = indexWith(20, 0);
    expect(told(fold(index, [fixAt(0, 30, 200, 31)]).events)).toEqual([]);
    expect(told(fold(index, [fixAt(0, 30, 200, 29)]).events)).toEqual(['ZoneEntered@0']);
    expect(told(fold(index, [fixAt(0, 200), fixAt(60, -30, 200, 31)]).events)).toEqual(['ZoneEntered@0']);
    expect(told(fold(index, [fixAt(0, 200), fixAt(60, -30, 200, 29)]).events)).toEqual([
      'ZoneEntered@0',
      'ZoneExited@60',
    ]);
  });

  it('tell a zone passed whole between two fixes as crossed, with interpolated times', () => {
    // 800 m in 80 s at 10 m/s; the yard lies from metre 200 to metre 600 of the way.
    const { events } = fold(indexWith(20, 60_000), [fixAt(0, -200), fixAt(80, 600)]);
    expect(events).toEqual([
      {
        kind: 'ZoneCrossed',
        zoneId: 'yard',
        at: T0 + 20_000,
        enteredAt: T0 + 20_000,
        exitedAt: T0 + 60_000,
        decidedAt: T0 + 80_000,
        source: 'FIX',
        causes: ['fix-000000', 'fix-000080'],
      },
    ]);
  });

  it('tell the same crossing when single fixes fell inside and the dwell was not reached', () => {
    const way = [0, 10, 20, 30, 40, 50, 60, 70, 80].map((s) => fixAt(s, -205 + s * 10));
    expect(told(fold(indexWith(20, 60_000), way).events)).toEqual(['ZoneCrossed@20.5-60.5']);
    const sparse = [fixAt(0, -205), fixAt(40, 195), fixAt(80, 595)];
    expect(told(fold(indexWith(20, 60_000), sparse).events)).toEqual(['ZoneCrossed@20.5-60.5']);
  });

  it('wait with a crossing that ends within the buffer until it is known whether the asset stays', () => {
    const through = [fixAt(0, -200), fixAt(61, 410)];
    const index = indexWith(20, 10_000);
    expect(told(fold(index, through).events)).toEqual([]);
    expect(told(fold(index, [...through, fixAt(71, 500)]).events)).toEqual(['ZoneCrossed@20-60']);
    expect(told(fold(index, [...through, fixAt(71, 390), fixAt(81, 380)]).events)).toEqual(['ZoneEntered@71']);
  });

  it('tell no crossing of a corner clipped by less than the buffer', () => {
    // The way cuts the corner (400, 400) with a chord of 14 m.
    const items = [fixAt(0, 310, 480), fixAt(20, 480, 310)];
    expect(told(fold(indexWith(20, 0), items).events)).toEqual([]);
    expect(told(fold(indexWith(5, 0), items).events)).toHaveLength(1);
  });

  it('tell no crossing over a gap in which the straight way is not believed', () => {
    expect(told(fold(indexWith(20, 0), [fixAt(0, -200), fixAt(601, 600)]).events)).toEqual([]);
    expect(told(fold(indexWith(20, 0), [fixAt(0, -200), fixAt(600, 600)]).events)).toHaveLength(1);
  });

  it('believe a jump only when the next fix agrees with it', () => {
    const index = indexWith(20, 0);
    const glitch = [fixAt(0, -5000), fixAt(10, 200), fixAt(20, -5000)];
    expect(told(fold(index, glitch).events)).toEqual([]);
    expect(fold(index, glitch).unused).toEqual([{ key: 'fix-000010', verdict: 'JUMP' }]);
    const moved = [fixAt(0, -5000), fixAt(10, 200), fixAt(20, 210)];
    expect(told(fold(index, moved).events)).toEqual(['ZoneEntered@20']);
  });

  it('take a gate pass as certain and at once', () => {
    const index = indexWith(20, 60_000);
    const pass = (seconds: number, side: 'INSIDE' | 'OUTSIDE'): FenceItem => ({
      kind: 'PLACEMENT',
      key: `pass-${seconds}`,
      at: T0 + seconds * 1000,
      zoneId: 'yard',
      side,
    });
    const { events } = fold(index, [
      fixAt(0, -50),
      fixAt(5, 3),
      pass(8, 'INSIDE'),
      fixAt(15, 100),
      pass(20, 'INSIDE'),
      pass(500, 'OUTSIDE'),
    ]);
    expect(told(events)).toEqual(['ZoneEntered@8', 'ZoneExited@500']);
    expect(events[0]).toMatchObject({ source: 'GATE', causes: ['pass-8'], decidedAt: T0 + 8000 });
  });

  it('say LATE to an item that is not behind the last one, and change nothing', () => {
    const index = indexWith(20, 0);
    const { state } = step(INITIAL_FENCE_STATE, fixAt(100, -50), index, DEFAULT_FENCE_POLICY);
    expect(step(state, fixAt(50, 200), index, DEFAULT_FENCE_POLICY)).toEqual({ state, events: [], verdict: 'LATE' });
    expect(place(state, { key: 'p', at: T0, zoneId: 'yard', side: 'INSIDE' }).verdict).toBe('LATE');
  });

  it('say INVALID to a fix that is no place on earth', () => {
    const bad = { ...fixAt(0, 0), latitude: Number.NaN };
    expect(step(INITIAL_FENCE_STATE, bad, indexWith(20, 0), DEFAULT_FENCE_POLICY)).toEqual({
      state: INITIAL_FENCE_STATE,
      events: [],
      verdict: 'INVALID',
    });
  });

  it('break ties of time by key', () => {
    const a = { ...fixAt(10, 200), key: 'a' };
    const b = { ...fixAt(10, -30), key: 'b' };
    const index = indexWith(20, 0);
    const slack = { ...DEFAULT_FENCE_POLICY, maxSpeedMps: 1000 };
    for (const items of [
      [a, b],
      [b, a],
    ]) {
      expect(foldFixes(INITIAL_FENCE_STATE, items, index, slack).events.map((e) => [e.kind, e.causes[0]])).toEqual([
        ['ZoneExited', 'b'],
        ['ZoneEntered', 'a'],
      ]);
    }
  });

  it('forget a zone that is no longer there', () => {
    const { state } = fold(indexWith(20, 0), [fixAt(0, 200)]);
    const done = step(state, fixAt(10, 200), createFenceIndex([]), DEFAULT_FENCE_POLICY);
    expect(done).toMatchObject({ events: [], verdict: 'USED', state: { zones: [] } });
  });

  it('keep a state that goes through JSON unchanged, at every point of a way', () => {
    const index = indexWith(20, 30_000);
    let state: AssetFenceState = INITIAL_FENCE_STATE;
    for (const fix of wander(77, 400)) {
      const plain = JSON.parse(JSON.stringify(state)) as AssetFenceState;
      expect(plain).toEqual(state);
      expect(step(plain, fix, index, DEFAULT_FENCE_POLICY)).toEqual(step(state, fix, index, DEFAULT_FENCE_POLICY));
      state = step(state, fix, index, DEFAULT_FENCE_POLICY).state;
    }
  });
});

describe('fault 9: jitter on the edge', () => {
  it('gives one enter and one exit for each true crossing in 10,000 fixes', () => {
    const index = indexWith(20, 30_000);
    const random = seededRandom(9);
    const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const items: FenceItem[] = [];
    const truth: ('in' | 'out')[] = [];
    // The truth: 4,000 s on the edge from outside, 1,000 s deep inside, 4,000 s on the edge again, then away.
    for (let s = 0; s < 10_000; s++) {
      const x = s < 4000 ? 0 : s < 5000 ? 100 : s < 9000 ? 0 : -200;
      if (s === 4000) truth.push('in');
      if (s === 9000) truth.push('out');
      items.push(fixAt(s, x + gauss() * 8, 200 + gauss() * 8));
    }
    const { events } = fold(index, items);
    expect(events.map(({ kind }) => kind)).toEqual(['ZoneEntered', 'ZoneExited']);
    expect(truth).toEqual(['in', 'out']);
    // A raw comparison of neighbours flips thousands of times on the same data.
    const raw = items.filter((item, i) => {
      const before = items[i - 1];
      const inside = (it: FenceItem): boolean => it.kind === 'FIX' && index.contains(0, it.longitude, it.latitude);
      return before !== undefined && inside(item) !== inside(before);
    });
    expect(raw.length).toBeGreaterThan(2000);
  });

  it('gives as many enters and exits as there were true visits, with the edge jittering in each', () => {
    const index = indexWith(20, 20_000);
    const random = seededRandom(99);
    const items: FenceItem[] = [];
    // Twenty visits: 100 s outside, 100 s on the edge, 150 s inside, 100 s on the edge, 50 s outside: 10,000 fixes.
    for (let s = 0; s < 10_000; s++) {
      const phase = s % 500;
      const x = phase < 100 ? -60 : phase < 200 ? 0 : phase < 350 ? 60 : phase < 450 ? 0 : -60;
      items.push(fixAt(s, x + (random() - 0.5) * 38, 200 + (random() - 0.5) * 38));
    }
    const { events } = fold(index, items);
    expect(events.filter(({ kind }) => kind === 'ZoneEntered')).toHaveLength(20);
    expect(events.filter(({ kind }) => kind === 'ZoneExited')).toHaveLength(20);
    expect(events).toHaveLength(40);
  });

  it('tells nothing of an asset that jitters outside around a corner', () => {
    const index = indexWith(20, 30_000);
    const random = seededRandom(5);
    const items = Array.from({ length: 10_000 }, (_, s) =>
      fixAt(s, 408 + (random() - 0.5) * 36, 408 + (random() - 0.5) * 36),
    );
    // A fix or two inside never last 30 s, and a clipped corner is no crossing... unless jitter holds inside by chance.
    const kinds = new Set(fold(index, items).events.map(({ kind }) => kind));
    expect(kinds.has('ZoneCrossed')).toBe(false);
    expect(kinds.has('ZoneExited')).toBe(false);
  });
});

describe('fault 7: late fixes', () => {
  it('give the same events newest first as in order, over two hours', () => {
    const index = indexWith(20, 30_000);
    const items = wander(2026, 1440, 5);
    const inOrder = fold(index, items);
    expect(inOrder.events.length).toBeGreaterThan(10);
    expect(fold(index, [...items].reverse())).toEqual(inOrder);

    // As a receiver would live it: each fix arrives before all older ones; the set is folded again and corrections are told.
    let standing: readonly FenceEvent[] = [];
    const arrived: FenceItem[] = [];
    for (const [i, item] of [...items].reverse().entries()) {
      arrived.push(item);
      if (i % 10 === 9) {
        const { events } = fold(index, arrived);
        const { added, withdrawn } = correctionOf(standing, events);
        standing = [...standing.filter((event) => !withdrawn.includes(event)), ...added];
      }
    }
    expect(told([...standing].sort((a, b) => a.at - b.at))).toEqual(told(inOrder.events));
  });

  it('leave the same standing events in any order of arrival, folded again from checkpoints', () => {
    const index = indexWith(15, 20_000);
    const items = [...wander(31, 60, 10), placement(155, 'INSIDE'), placement(333, 'OUTSIDE')];
    const expected = fold(index, items);
    expect(expected.events.length).toBeGreaterThan(3);
    fc.assert(
      fc.property(fc.shuffledSubarray(items, { minLength: items.length }), (arrival) => {
        const receiver = new Receiver(index);
        arrival.forEach((item) => receiver.take(item));
        // What comes twice changes nothing.
        arrival.slice(0, 5).forEach((item) => receiver.take(item));
        expect(receiver.state).toEqual(expected.state);
        expect(receiver.standing()).toEqual(expected.events);
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});

const { vectors } = JSON.parse(
  readFileSync(new URL('../../../fixtures/vectors/geofence.json', import.meta.url), 'utf8'),
) as { vectors: TransitionVector[] };

interface TransitionVector {
  readonly id: string;
  readonly protocol: string;
  readonly previousInside: boolean | null;
  readonly nowInside: boolean;
  readonly segmentCrosses: boolean;
  readonly expect: readonly string[];
}

describe('the transition vectors', () => {
  it.each(vectors.filter(({ protocol }) => protocol === 'geofence-transition').map((v) => [v.id, v] as const))(
    '%s',
    (_id, vector) => {
      // Here "inside" and "outside" are states and no events; enter, exit and cross are the events.
      const index = indexWith(0, 0);
      const start = vector.previousInside === null ? [] : [fixAt(0, vector.previousInside ? 200 : -100)];
      const x = vector.nowInside ? 210 : vector.segmentCrosses && vector.previousInside === false ? 500 : -110;
      const { state } = fold(index, start);
      const done = step(state, fixAt(60, x), index, DEFAULT_FENCE_POLICY);
      const names = { ZoneEntered: 'enter', ZoneExited: 'exit', ZoneCrossed: 'cross' } as const;
      expect([
        ...done.events.map(({ kind }) => names[kind]),
        done.state.zones.some(({ inside }) => inside) ? 'inside' : 'outside',
      ]).toEqual(vector.expect);
    },
  );
});

function placement(seconds: number, side: 'INSIDE' | 'OUTSIDE'): FenceItem {
  return { kind: 'PLACEMENT', key: `pass-${seconds}`, at: T0 + seconds * 1000, zoneId: 'yard', side };
}

/** A truck that crosses the yard's surroundings at up to 12 m/s with some metres of noise and now and then a wild fix. */
function wander(seed: number, count: number, everySeconds = 5): (FenceItem & Fix)[] {
  const random = seededRandom(seed);
  let x = -100;
  let y = 200;
  let course = 0;
  return Array.from({ length: count }, (_, i) => {
    course = Math.hypot(x - 200, y - 200) > 500 ? Math.atan2(200 - y, 200 - x) : course + (random() - 0.5);
    const speed = random() < 0.2 ? 0 : 12 * random();
    x += Math.cos(course) * speed * everySeconds;
    y += Math.sin(course) * speed * everySeconds;
    const wild = random() < 0.02 ? 9000 : 0;
    const noise = (): number => (random() - 0.5) * 20;
    return fixAt(i * everySeconds, x + noise() + wild, y + noise(), random() < 0.3 ? random() * 25 : null);
  });
}

/** A receiver as the ingest pipeline is one: a log in order of time, a checkpoint every eight items, folded again when late. */
class Receiver {
  private log: FenceItem[] = [];
  private checkpoints: { state: AssetFenceState; length: number; events: readonly FenceEvent[] }[] = [
    { state: INITIAL_FENCE_STATE, length: 0, events: [] },
  ];
  state: AssetFenceState = INITIAL_FENCE_STATE;
  private events: readonly FenceEvent[] = [];

  constructor(private readonly index: FenceIndex) {}

  take(item: FenceItem): void {
    if (this.log.some(({ key }) => key === item.key)) {
      return;
    }
    const place = this.log.findIndex((other) => other.at > item.at || (other.at === item.at && other.key > item.key));
    const at = place < 0 ? this.log.length : place;
    this.log.splice(at, 0, item);
    this.checkpoints = this.checkpoints.filter(({ length }) => length <= at);
    const from = this.checkpoints[this.checkpoints.length - 1]!;
    const { state, events } = foldFixes(from.state, this.log.slice(from.length), this.index, DEFAULT_FENCE_POLICY);
    this.state = state;
    this.events = [...from.events, ...events];
    if (this.log.length - from.length >= 8) {
      this.checkpoints.push({ state, length: this.log.length, events: this.events });
    }
  }

  standing(): FenceEvent[] {
    const rank = { ZoneExited: 0, ZoneCrossed: 1, ZoneEntered: 2 };
    return [...this.events].sort((a, b) => a.at - b.at || rank[a.kind] - rank[b.kind]);
  }
}
