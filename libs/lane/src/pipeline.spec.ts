import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PositionFix, Reading } from '#libs/telemetry';
import { gateway, lane, LaneStory, play, T0 } from './lane-story.js';
import type { LaneConfig } from './lane-config.js';
import {
  advance,
  createPipelineState,
  numberItems,
  onReading,
  reconfigure,
  type PipelineConfig,
  type PipelineState,
  type PipelineStep,
} from './pipeline.js';
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
    expect(passes[0]).toMatchObject({ occurredAt: T0, closedAt: T0 + 1_000, tags: [{ firstSeen: T0 + 100 }] });
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

describe('a gateway whose configuration changes', () => {
  const NARROW = { ...GATE, timings: { ...GATE.timings, bounceMs: 100 } };
  const without = (laneId: string): PipelineConfig => ({
    ...GATE,
    lanes: GATE.lanes.filter((config) => config.laneId !== laneId),
    laneOfDevice: { ...GATE.laneOfDevice, [`${laneId}-UHF`]: null, [`${laneId}-IO`]: null, [`${laneId}-CAM`]: null },
  });
  const changed = (laneId: string, traits: Partial<LaneConfig>): PipelineConfig => ({
    ...GATE,
    lanes: GATE.lanes.map((config) => (config.laneId === laneId ? { ...config, ...traits } : config)),
  });

  /** Under GATE up to `atMs`, then under the other configuration. */
  function change(config: PipelineConfig, atMs: number, story: LaneStory, ticks: readonly number[] = []): UplinkItem[] {
    let state = createPipelineState(GATE);
    const items: UplinkItem[] = [];
    const take = (step: PipelineStep): void => {
      items.push(...numberItems(state, step.items));
      state = step.state;
    };
    let isNew = false;
    const toNew = (): void => {
      for (const tick of ticks) take(advance(state, T0 + tick));
      take(reconfigure(state, config));
      isNew = true;
    };
    for (const reading of story.readings()) {
      if (!isNew && reading.receivedAt >= T0 + atMs) toNew();
      take(onReading(state, reading, reading.receivedAt));
    }
    if (!isNew) toNew();
    take(advance(state, T0 + 3_600_000));
    expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, index) => index + 1));
    return items;
  }
  const passesOf = (items: readonly UplinkItem[]) =>
    items.flatMap((item) =>
      item.kind === 'pass'
        ? [
            `${item.pass.laneId} ${item.pass.direction} ${item.pass.exit} ${item.pass.closedBy} ${item.pass.closedAt - T0}`,
          ]
        : [],
    );
  const onto = (laneId: string) => new LaneStory(laneId).at(0).drivesOnto('LANDSIDE').at(1_000).tagHeard('T', 1);
  const across = (laneId: string) => onto(laneId).at(3_000).drivesOnto('TERMINALSIDE').at(4_000).leaves('LANDSIDE');

  it.each([
    ['a lane that is gone, by its last sign', without('IN'), 2_000, onto('IN'), 'IN IN UNKNOWN TIMEOUT 1000'],
    ['a lane that is gone, by what its loops saw', without('IN'), 5_000, across('IN'), 'IN IN SEEN TIMEOUT 4000'],
    [
      'a lane that is gone, after a truck that just backed off',
      without('IN'),
      2_100,
      onto('IN').at(2_000).leaves('LANDSIDE').at(2_050).tagHeard('T', 1),
      'IN IN NOT_REACHED TIMEOUT 2000',
    ],
    [
      'a lane that is gone, without loops',
      without('BARE'),
      2_000,
      new LaneStory('BARE').at(0).tagHeard('T', 1).at(1_000).tagHeard('T', 2),
      'BARE IN UNKNOWN TIMEOUT 1000',
    ],
    [
      'a lane whose loops are others now',
      changed('IN', { loops: ['ONLY'] }),
      2_000,
      onto('IN'),
      'IN IN UNKNOWN TIMEOUT 1000',
    ],
  ])('ends the session of %s', (_name, config, atMs, story, expected) => {
    expect(passesOf(change(config, atMs, story))).toEqual([expected]);
  });

  it('lets the sessions of all other lanes go on, under the new timings', () => {
    const story = across('IN').at(6_000).leaves('TERMINALSIDE').in('OUT').at(1_000).drivesOnto('LANDSIDE');
    story.at(7_000).leaves('LANDSIDE').at(7_150).drivesOnto('LANDSIDE').at(9_000).leaves('LANDSIDE');
    expect(passesOf(change(without('ONE'), 5_000, story))).toEqual([
      'IN IN SEEN LOOP 6000',
      'OUT IN NOT_REACHED LOOP 9000',
    ]);
    // Off for 150 ms is a fall where a bounce lasts 100 ms.
    expect(passesOf(change(NARROW, 5_000, story))).toEqual([
      'IN IN SEEN LOOP 6000',
      'OUT IN NOT_REACHED LOOP 7000',
      'OUT IN NOT_REACHED LOOP 9000',
    ]);
  });

  it('lets a new lane begin empty', () => {
    const config = {
      ...GATE,
      lanes: [...GATE.lanes, lane('NEW')],
      laneOfDevice: { ...GATE.laneOfDevice, 'NEW-IO': 'NEW' },
    };
    const story = new LaneStory('NEW').at(0).drivesOnto('LANDSIDE').at(3_000).leaves('LANDSIDE');
    expect(passesOf(change(config, 0, story))).toEqual(['NEW IN NOT_REACHED LOOP 3000']);
    expect(passesOf(change(config, 1_000, story))).toEqual([]);
  });

  it('hears with the new antennas from there on', () => {
    const turned = changed('BARE', {
      antennaGroups: {
        landside: [{ deviceId: 'BARE-UHF', antenna: 2 }],
        terminalside: [{ deviceId: 'BARE-UHF', antenna: 1 }],
      },
    });
    const story = new LaneStory('BARE').at(1_000).tagHeard('T', 1).at(3_000).tagHeard('T', 2);
    expect(passesOf(change(turned, 0, story))).toEqual(['BARE OUT PRESUMED TIMEOUT 8000']);
    expect(passesOf(change(turned, 4_000, story))).toEqual(['BARE IN PRESUMED TIMEOUT 8000']);
  });

  it('ends the tag visits of a lane that is gone before its pass, and all visits when they are to be judged otherwise', () => {
    const story = onto('IN').at(1_100).tagHeard('T', 1).at(1_200).tagHeard('T', 1);
    const told = (config: PipelineConfig): (string | number)[] =>
      change(config, 1_150, story).flatMap((item): (string | number)[] => {
        if (item.kind === 'pass') return ['pass'];
        const body = item.kind === 'observation' ? item.observation.body : null;
        return body?.kind === 'TagVisit' ? [body.count] : [];
      });
    expect(told(GATE)).toEqual([3, 'pass']);
    expect(told(without('IN'))).toEqual([2, 'pass']);
    expect(told({ ...GATE, smoothing: { ...GATE.smoothing, observedCountThreshold: 1 } })).toEqual([2, 1, 'pass']);
  });

  it('ends the tag visits of a reader that hangs in another lane now', () => {
    const moved = { ...GATE, laneOfDevice: { ...GATE.laneOfDevice, 'IN-UHF': 'OUT' } };
    const story = new LaneStory('IN').at(0).tagHeard('T', 1).at(100).tagHeard('T', 1).at(900).tagHeard('T', 1);
    const visits = change(moved, 500, story.at(1_000).tagHeard('T', 1)).flatMap((item) =>
      item.kind === 'observation' && item.observation.body.kind === 'TagVisit'
        ? [[item.observation.laneId, item.observation.body.count]]
        : [],
    );
    expect(visits).toEqual([
      ['IN', 2],
      ['OUT', 2],
    ]);
  });

  it('makes the same items whether timers fired before or not, and none at all when nothing changed', () => {
    const story = across('IN').in('BARE').at(500).tagHeard('B', 1).at(700).tagHeard('B', 2);
    const quiet = change(without('IN'), 5_000, story);
    for (let tick = 4_000; tick < 5_000; tick += 100) {
      expect(change(without('IN'), 5_000, story, [tick])).toEqual(quiet);
    }
    const { items } = play(GATE, story.readings());
    for (let atMs = 0; atMs < 5_000; atMs += 250) expect(change(GATE, atMs, story)).toEqual(items);
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
  /** A truck that drives through a lane inwards, with its tag heard on both sides, accepted or not; its exit loop may chatter. */
  const trucks = fc.array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 500, max: 4_000 }), fc.integer({ min: 4_000, max: 40_000 })),
      laneName,
      fc.constantFrom('T1', 'T2', 'T3', 'T4'),
      fc.boolean(),
      fc.option(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 900 }))),
    ),
    { minLength: 1, maxLength: 6 },
  );
  const stream = fc.tuple(noise, trucks).map(([steps, passing]) => {
    const story = new LaneStory('IN');
    let at = 0;
    for (const [pause, laneId, does] of steps) does(story.in(laneId).at((at += pause)));
    at = 0;
    for (const [pause, laneId, epc, accepted, chatter] of passing) {
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
      if (chatter !== null) {
        const [offMs, onMs] = chatter;
        story
          .at(at + 4_000 + offMs)
          .drivesOnto('TERMINALSIDE')
          .at(at + 4_000 + offMs + onMs)
          .leaves('TERMINALSIDE');
      }
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

  it('leave every state as it was, so that a checkpoint can be taken at any time and written later', () => {
    fc.assert(
      fc.property(stream, (readings) => {
        let state = createPipelineState(GATE);
        const kept: [PipelineState, string][] = [];
        readings.forEach((reading, index) => {
          if (index % 20 === 0) kept.push([state, JSON.stringify(state)]);
          state = onReading(state, reading, reading.receivedAt).state;
        });
        advance(state, T0 + 7_200_000);
        reconfigure(state, { ...GATE, lanes: [] });
        for (const [before, text] of kept) expect(JSON.stringify(before)).toBe(text);
      }),
      { ...settings, numRuns: 50 },
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
