import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PositionFix, Reading } from '#libs/telemetry';
import { gateway, lane, LaneStory, play, T0 } from './lane-story.js';
import { advance, createPipelineState, numberItems, onReading, type PipelineState } from './pipeline.js';
import type { UplinkItem } from './uplink.js';

const GATE = gateway([
  lane('IN'),
  lane('OUT', { direction: 'OUT' }),
  lane('ONE', { loops: ['ONLY'], direction: 'REVERSIBLE' }),
  lane('BARE', { loops: [], direction: 'REVERSIBLE', acceptance: 'EXIT' }),
]);

const FIX: PositionFix = {
  kind: 'PositionFix',
  longitude: 122.05,
  latitude: 29.88,
  speedMps: 4.2,
  courseDeg: 88,
  altitudeM: null,
  hdop: 1.1,
  satellites: 9,
  accuracyM: null,
  system: 'BEIDOU',
};

function fixAt(occurredAt: number, receivedAt = T0): Reading {
  return { deviceId: 'TRK-001-GNSS', boot: 'b0', sequence: 1, occurredAt, receivedAt, body: FIX };
}

describe('the pipeline', () => {
  it('gives a lane’s open tag visits before its pass, and every other reading as it comes', () => {
    const story = new LaneStory('IN')
      .at(0)
      .drivesOnto('LANDSIDE')
      .at(1_000)
      .tagHeard('T', 1)
      .at(1_100)
      .tagHeard('T', 1);
    story.at(1_500).boxSeen('CSQU3054383').at(2_000).isAccepted().at(3_000).drivesOnto('TERMINALSIDE');
    story.at(4_000).leaves('LANDSIDE').tagHeard('T', 2).at(5_000).tagHeard('T', 2).at(5_500).leaves('TERMINALSIDE');
    const { items } = play(GATE, story.readings());
    const told = items.map((item) => (item.kind === 'observation' ? item.observation.body.kind : item.kind));
    expect(told).toEqual([
      'LaneSignal',
      'OcrRead',
      'LaneSignal',
      'LaneSignal',
      'LaneSignal',
      'TagVisit',
      'LaneSignal',
      'TagVisit',
      'pass',
    ]);
    expect(items.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('gives what was due before a pass before it, and what was due after it behind it, however late the timers fire', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(6_000).leaves('LANDSIDE');
    story.in('BARE').at(3_000).tagHeard('EARLY', 1).at(3_250).tagHeard('EARLY', 1);
    story.in('ONE').at(3_400).tagHeard('LATE', 1).at(3_400).tagHeard('LATE', 1);
    const { items } = play(GATE, story.readings());
    const told = items.flatMap((item) => {
      if (item.kind === 'pass') return [`pass of ${item.pass.laneId}`];
      const body = item.kind === 'observation' ? item.observation.body : null;
      return body?.kind === 'TagVisit' ? [body.epc] : [];
    });
    // EARLY is lost 3 s after its last read, at 6,250 ms; the pass closes at 6,300; LATE is lost at 6,400.
    expect(told).toEqual(['EARLY', 'pass of IN', 'LATE', 'pass of BARE']);
  });

  it('gives a reading of a device in no lane as an observation without a lane', () => {
    const { items } = play(GATE, [fixAt(T0 - 2_000)]);
    expect(items).toEqual([
      {
        sequence: 1,
        kind: 'observation',
        observation: {
          deviceId: 'TRK-001-GNSS',
          boot: 'b0',
          sequence: 1,
          occurredAt: T0 - 2_000,
          receivedAt: T0,
          laneId: null,
          body: FIX,
        },
      },
    ]);
  });

  const HOUR = 3_600_000;
  it.each([
    ['24 h behind', T0 - 24 * HOUR],
    ['24 h ahead', T0 + 24 * HOUR],
    ['a time zone (8 h) ahead', T0 + 8 * HOUR],
    ['in 1970', 0],
    ['in 2038', Date.UTC(2038, 0, 19, 3, 14, 7)],
    ['beyond every calendar', 9e15],
  ])('refuses a live fix whose clock is %s', (_name, occurredAt) => {
    const { items, state } = play(GATE, [fixAt(occurredAt)]);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      kind: 'refused',
      refused: { ref: { deviceId: 'TRK-001-GNSS', boot: 'b0', sequence: 1 }, receivedAt: T0, reason: 'clock' },
    });
    expect(state.counters.clockRefused).toBe(1);
  });

  it.each([
    ['two hours late', T0 - 2 * HOUR],
    ['twelve hours late', T0 - 12 * HOUR],
    ['ten minutes ahead', T0 + 600_000],
  ])('takes a fix that is %s', (_name, occurredAt) => {
    expect(play(GATE, [fixAt(occurredAt)]).items.map(({ kind }) => kind)).toEqual(['observation']);
  });

  it('keeps our own time for a lane whose clock is wrong, and makes its pass all the same', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(100).tagHeard('T', 1).at(200).tagHeard('T', 1);
    const readings = story
      .at(1_000)
      .leaves('LANDSIDE')
      .readings()
      .map((reading) => ({ ...reading, occurredAt: 0 }));
    const { items, passes, state } = play(GATE, readings);
    expect(items.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'observation', 'pass']);
    expect(passes[0]).toMatchObject({ occurredAt: T0, closedAt: T0 + 1_300, tags: [{ firstSeen: T0 + 100 }] });
    expect(state.counters).toEqual({ clockRefused: 2, clockCorrected: 2 });
  });

  it('does not count the time that the gateway was down as silence', () => {
    const readings = new LaneStory('BARE').at(0).tagHeard('T', 1).at(60_000).tagHeard('T', 2).readings();
    const [first, second] = readings as [Reading, Reading];
    const step = onReading(createPipelineState(GATE), first, T0);
    const back = onReading(step.state, second, T0 + 2_000);
    const end = advance(back.state, T0 + 100_000);
    const passes = end.items.flatMap((item) => (item.kind === 'pass' ? [item.pass] : []));
    expect(passes).toMatchObject([{ direction: 'IN', occurredAt: T0 + 60_000, closedAt: T0 + 65_000 }]);
  });
});

describe('the pipeline’s items', () => {
  type Deed = (story: LaneStory) => LaneStory;
  const side = fc.constantFrom('LANDSIDE' as const, 'TERMINALSIDE' as const, 'ONLY' as const);
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    {
      weight: 4,
      arbitrary: side.map(
        (at): Deed =>
          (story) =>
            story.drivesOnto(at),
      ),
    },
    {
      weight: 4,
      arbitrary: side.map(
        (at): Deed =>
          (story) =>
            story.leaves(at),
      ),
    },
    {
      weight: 8,
      arbitrary: fc
        .tuple(
          fc.constantFrom('A', 'B', 'C'),
          fc.constantFrom(1 as const, 2 as const),
          fc.integer({ min: -80, max: -40 }),
        )
        .map(
          ([epc, antenna, rssi]): Deed =>
            (story) =>
              story.tagHeard(epc, antenna, rssi),
        ),
    },
    fc.constantFrom('BOX-1', 'BOX-2').map(
      (text): Deed =>
        (story) =>
          story.boxSeen(text),
    ),
    fc.boolean().map(
      (yes): Deed =>
        (story) =>
          yes ? story.isAccepted() : story.isRefused(),
    ),
    fc.integer({ min: 0, max: 3 }).map(
      (tons): Deed =>
        (story) =>
          story.weighs(tons * 1_000),
    ),
  );
  const gap = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 800 }) },
    { weight: 2, arbitrary: fc.integer({ min: 800, max: 16_000 }) },
    { weight: 1, arbitrary: fc.constant(650_000) },
  );
  const laneName = fc.constantFrom('IN', 'OUT', 'ONE', 'BARE');
  const noise = fc.array(fc.tuple(gap, laneName, deed), { maxLength: 60 });
  /** A truck that drives through a lane inwards, with its tag heard on both sides, accepted or not. */
  const trucks = fc.array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 500, max: 4_000 }), fc.integer({ min: 4_000, max: 40_000 })),
      laneName,
      fc.constantFrom('T1', 'T2', 'T3', 'T4'),
      fc.boolean(),
    ),
    { minLength: 1, maxLength: 6 },
  );
  const stream = fc.tuple(noise, trucks).map(([steps, passing]) => {
    const story = new LaneStory('IN');
    let at = 0;
    for (const [pause, laneId, does] of steps) does(story.in(laneId).at((at += pause)));
    at = 0;
    for (const [pause, laneId, epc, accepted] of passing) {
      story.in(laneId).at((at += pause));
      if (laneId !== 'BARE') story.drivesOnto(laneId === 'ONE' ? 'ONLY' : 'LANDSIDE');
      story
        .at(at + 500)
        .tagHeard(epc, 1, -58)
        .at(at + 800)
        .tagHeard(epc, 1, -55);
      if (accepted) story.at(at + 1_000).isAccepted();
      if (laneId !== 'ONE' && laneId !== 'BARE') story.at(at + 2_000).drivesOnto('TERMINALSIDE');
      story
        .at(at + 2_500)
        .tagHeard(epc, 2, -55)
        .at(at + 2_800)
        .tagHeard(epc, 2, -57);
      if (laneId !== 'ONE' && laneId !== 'BARE') story.at(at + 3_000).leaves('LANDSIDE');
      if (laneId !== 'BARE') story.at(at + 4_000).leaves(laneId === 'ONE' ? 'ONLY' : 'TERMINALSIDE');
    }
    return story.readings();
  });
  const tick = fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 20_000 }));
  const settings = { seed: 20261122, numRuns: 150 };

  /** As `play`, with ticks between the readings and a snapshot through JSON after the reading number `cut`. */
  function playLive(readings: readonly Reading[], ticks: readonly number[], cut: number | null): UplinkItem[] {
    let state = createPipelineState(GATE);
    const items: UplinkItem[] = [];
    const take = (step: { state: PipelineState; items: Parameters<typeof numberItems>[1] }): void => {
      items.push(...numberItems(state, step.items));
      state = step.state;
    };
    readings.forEach((reading, index) => {
      take(onReading(state, reading, reading.receivedAt));
      const next = readings[index + 1]?.receivedAt ?? Number.MAX_SAFE_INTEGER;
      for (const tick of [ticks[index * 2], ticks[index * 2 + 1]]) {
        if (tick !== undefined) take(advance(state, Math.min(next, reading.receivedAt + tick)));
      }
      if (index === cut) state = JSON.parse(JSON.stringify(state)) as PipelineState;
    });
    take(advance(state, (readings.at(-1)?.receivedAt ?? T0) + 3_600_000));
    return items;
  }

  it('are the same from any snapshot, under the same numbers', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (readings, cut) => {
        expect(playLive(readings, [], cut % readings.length)).toEqual(play(GATE, readings).items);
      }),
      settings,
    );
  });

  it('are the same with timers firing at any time between the readings', () => {
    fc.assert(
      fc.property(stream, fc.array(tick, { minLength: 60, maxLength: 240 }), (readings, ticks) => {
        expect(playLive(readings, ticks, null)).toEqual(play(GATE, readings).items);
      }),
      settings,
    );
  });

  it('are numbered 1, 2, 3 … without a gap', () => {
    fc.assert(
      fc.property(stream, (readings) => {
        const { items, state } = play(GATE, readings);
        expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, index) => index + 1));
        expect(state.lastSequence).toBe(items.length);
      }),
      settings,
    );
  });

  it('hold no crossing without a direction, no pass twice, and no open session at the end', () => {
    let crossings = 0;
    fc.assert(
      fc.property(stream, (readings) => {
        const { passes, state } = play(GATE, readings);
        const crossed = passes.filter(({ outcome }) => outcome === 'CROSSED');
        crossings += crossed.length;
        expect(crossed.filter(({ direction }) => direction === 'UNKNOWN')).toEqual([]);
        expect(new Set(passes.map(({ passId }) => passId)).size).toBe(passes.length);
        expect(Object.values(state.lanes.lanes).every(({ session }) => session === null)).toBe(true);
      }),
      settings,
    );
    expect(crossings).toBeGreaterThan(50);
  });
});
