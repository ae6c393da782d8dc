import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Observation } from './observations.js';
import {
  advanceSmoothing,
  closeVisits,
  createSmoothingState,
  smoothTagRead,
  type SmoothingConfig,
  type SmoothingState,
  type TagReading,
} from './smoothing.js';

interface Vector {
  readonly id: string;
  readonly note: string;
  readonly config: Omit<SmoothingConfig, 'maxOpenVisits'>;
  readonly reads: readonly number[];
  readonly expect: { readonly reported: readonly boolean[] };
}

const { vectors } = JSON.parse(
  readFileSync(new URL('../../../fixtures/vectors/smoothing.json', import.meta.url), 'utf8'),
) as { vectors: readonly Vector[] };

/** Glimpsed for 50 ms, observed after 3 reads or 25 ms, lost after 100 ms: the figures of the vectors. */
const CONFIG: SmoothingConfig = {
  glimpsedTimeoutMs: 50,
  observedTimeThresholdMs: 25,
  observedCountThreshold: 3,
  lostTimeoutMs: 100,
  maxOpenVisits: 100,
};

let sequence = 0;

function read(
  at: number,
  tag: { epc?: string; antenna?: number; device?: string; rssiDbm?: number | null } = {},
): TagReading {
  return {
    deviceId: tag.device ?? 'UHF',
    boot: 'b0',
    sequence: ++sequence,
    occurredAt: 1_000_000 + at,
    receivedAt: 2_000_000 + at,
    body: {
      kind: 'TagRead',
      antenna: tag.antenna ?? 1,
      pc: '3000',
      epc: tag.epc ?? 'A1',
      rssiDbm: tag.rssiDbm === undefined ? -60 : tag.rssiDbm,
      frequencyKhz: null,
    },
  };
}

/** Reads at their offsets, each told as its own pipeline time. */
function play(config: SmoothingConfig, reads: readonly TagReading[], laneId: string | null = null) {
  let state = createSmoothingState(config);
  const observations: Observation[] = [];
  const observed: boolean[] = [];
  for (const reading of reads) {
    const step = smoothTagRead(state, reading, laneId, reading.receivedAt);
    state = step.state;
    observations.push(...step.observations);
    observed.push(step.observed);
  }
  return { state, observations, observed };
}

function end(state: SmoothingState) {
  return advanceSmoothing(state, Number.MAX_SAFE_INTEGER);
}

describe('smoothing', () => {
  it.each(vectors)('agrees with the vector $id: $note', (vector) => {
    const config = { ...vector.config, maxOpenVisits: 100 };
    expect(
      play(
        config,
        vector.reads.map((at) => read(at)),
      ).observed,
    ).toEqual(vector.expect.reported);
  });

  it('replays all four vectors', () => {
    expect(vectors).toHaveLength(4);
  });

  it('gives one visit with its first read as its name, and the strongest read as its peak', () => {
    const reads = [
      read(0, { rssiDbm: -70 }),
      read(20, { rssiDbm: -48 }),
      read(40, { rssiDbm: -55 }),
      read(60, { rssiDbm: null }),
    ];
    const { state } = play(CONFIG, reads, 'L1');
    expect(end(state).observations).toEqual([
      {
        deviceId: 'UHF',
        boot: 'b0',
        sequence: reads[0]?.sequence,
        occurredAt: 1_000_000,
        receivedAt: 2_000_000,
        laneId: 'L1',
        body: {
          kind: 'TagVisit',
          antenna: 1,
          pc: '3000',
          epc: 'A1',
          firstSeen: 1_000_000,
          lastSeen: 1_000_060,
          count: 4,
          peakRssiDbm: -48,
        },
      },
    ]);
  });

  it('observes a tag by time alone, when two reads lie as far apart as the threshold', () => {
    expect(play(CONFIG, [read(0), read(24)]).observed).toEqual([false, false]);
    expect(play(CONFIG, [read(0), read(25)]).observed).toEqual([false, true]);
  });

  it('gives out nothing for a glimpse, and counts it', () => {
    const ended = end(play(CONFIG, [read(0), read(10)]).state);
    expect(ended.observations).toEqual([]);
    expect(ended.state.counters).toEqual({ reads: 2, visits: 0, glimpses: 1, evicted: 0 });
  });

  it('takes a read on the deadline for a new visit', () => {
    const { observations, state } = play(CONFIG, [read(0), read(0), read(0), read(100), read(100), read(100)]);
    expect(observations).toHaveLength(1);
    expect(end(state).observations).toHaveLength(1);
  });

  it('keeps device, antenna and EPC apart', () => {
    const places = [{ device: 'A' }, { device: 'B' }, { antenna: 2 }, { epc: 'A2' }];
    const { state } = play(
      CONFIG,
      places.flatMap((place) => [read(0, place), read(0, place), read(0, place)]),
    );
    expect(end(state).observations).toHaveLength(4);
  });

  it('ends visits in the order of their deadlines, and equal ones by device, antenna and EPC', () => {
    const thrice = (at: number, tag: Parameters<typeof read>[1]) => [read(at, tag), read(at, tag), read(at, tag)];
    const { state } = play(CONFIG, [
      ...thrice(0, { epc: 'C' }),
      ...thrice(0, { antenna: 2, epc: 'A' }),
      ...thrice(0, { epc: 'B' }),
      ...thrice(5, { device: 'EARLY-BY-NAME', epc: 'D' }),
      read(10, { epc: 'C' }),
    ]);
    expect(end(state).observations.map(({ body }) => body.kind === 'TagVisit' && body.epc)).toEqual([
      'B',
      'A',
      'D',
      'C',
    ]);
  });

  it('never loses a tag by itself when the lost time-out is null', () => {
    const { state } = play({ ...CONFIG, lostTimeoutMs: null }, [read(0), read(0), read(0)]);
    expect(end(state).observations).toEqual([]);
    expect(closeVisits(state, () => true, 2_999_999).observations).toHaveLength(1);
  });

  it('closes the visits that are asked for, oldest first, and leaves the others open', () => {
    const thrice = (at: number, tag: Parameters<typeof read>[1]) => [read(at, tag), read(at, tag), read(at, tag)];
    const { state } = play(CONFIG, [
      ...thrice(0, { epc: 'Z' }),
      ...thrice(5, { epc: 'A' }),
      ...thrice(6, { device: 'X' }),
    ]);
    const closed = closeVisits(state, (visit) => visit.deviceId === 'UHF', 2_000_010);
    expect(closed.observations.map(({ body }) => body.kind === 'TagVisit' && body.epc)).toEqual(['Z', 'A']);
    expect(closed.state.openVisits).toBe(1);
    expect(end(closed.state).observations.map(({ deviceId }) => deviceId)).toEqual(['X']);
  });

  it('closes the oldest visit when one more than the bound opens, and counts it', () => {
    const config = { ...CONFIG, observedCountThreshold: 1, maxOpenVisits: 2 };
    const { state, observations } = play(config, [read(0, { epc: 'A' }), read(1, { epc: 'B' }), read(2, { epc: 'C' })]);
    expect(observations.map(({ body }) => body.kind === 'TagVisit' && body.epc)).toEqual(['A']);
    expect(state.openVisits).toBe(2);
    expect(state.counters.evicted).toBe(1);
  });

  it('gives the same visits whether timers fire or not, and from any snapshot', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 120 }), fc.constantFrom('A', 'B', 'C')), {
      maxLength: 60,
    });
    const ticks = fc.array(fc.integer({ min: 0, max: 119 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, ticks, fc.nat(), (steps, tickOffsets, cut) => {
        let at = 0;
        const reads = steps.map(([gap, epc]) => read((at += gap), { epc }));
        const quiet = play(CONFIG, reads);
        const expected = [...quiet.observations, ...end(quiet.state).observations];

        let state = createSmoothingState(CONFIG);
        const given: Observation[] = [];
        reads.forEach((reading, index) => {
          const step = smoothTagRead(state, reading, null, reading.receivedAt);
          given.push(...step.observations);
          const next = reads[index + 1]?.receivedAt ?? Number.MAX_SAFE_INTEGER;
          const tick = advanceSmoothing(step.state, Math.min(next, reading.receivedAt + (tickOffsets[index] ?? 0)));
          given.push(...tick.observations);
          state =
            index === cut % reads.length ? (JSON.parse(JSON.stringify(tick.state)) as SmoothingState) : tick.state;
        });
        given.push(...end(state).observations);
        expect(given).toEqual(expected);
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });
});
