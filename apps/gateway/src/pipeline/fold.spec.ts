import { describe, expect, it } from '@jest/globals';
import { PIPELINE_DEFAULTS, type PipelineConfig, type UplinkItem } from '#libs/lane';
import type { Reading, TagVisit } from '#libs/telemetry';
import { decodeEntry, encodeEntry, type SpoolEntry } from './entries.js';
import { fold, initialState, nextDue, type FoldState } from './fold.js';

const config: PipelineConfig = {
  ...PIPELINE_DEFAULTS,
  siteId: 'site',
  smoothing: { ...PIPELINE_DEFAULTS.smoothing, lostTimeoutMs: 3_000 },
  lanes: [],
  laneOfDevice: { reader: null },
};
const lostMs = 3_000;
const T0 = Date.UTC(2026, 10, 22, 8);

let sequence = 0;
function tagAt(ms: number, epc = 'E200'): SpoolEntry {
  const receivedAt = T0 + ms;
  const reading: Reading = {
    deviceId: 'reader',
    boot: 'b',
    sequence: ++sequence,
    occurredAt: receivedAt,
    receivedAt,
    body: { kind: 'TagRead', antenna: 1, pc: '0800', epc, rssiDbm: -50, frequencyKhz: null },
  };
  return { kind: 'reading', receivedAt, reading };
}
const bootAt = (ms: number, wanted = config): SpoolEntry => ({ kind: 'boot', receivedAt: T0 + ms, config: wanted });
const listeningAt = (ms: number): SpoolEntry => ({ kind: 'listening', receivedAt: T0 + ms });
/** A start whose lines are open at once. */
const startAt = (ms: number, wanted = config): SpoolEntry[] => [bootAt(ms, wanted), listeningAt(ms)];
const tickAt = (ms: number): SpoolEntry => ({ kind: 'tick', receivedAt: T0 + ms });
const refusedAt = (ms: number): SpoolEntry => ({
  kind: 'refused',
  receivedAt: T0 + ms,
  refused: {
    ref: { deviceId: 'reader', boot: 'b', sequence: ++sequence },
    receivedAt: T0 + ms,
    reason: 'checksum',
    detail: null,
    hex: 'a0',
  },
});

function foldAll(
  entries: readonly SpoolEntry[],
  from = initialState(config, T0),
): { state: FoldState; items: UplinkItem[] } {
  let state = from;
  const items: UplinkItem[] = [];
  for (const entry of entries) {
    const step = fold(state, entry);
    state = step.state;
    items.push(...step.items);
  }
  return { state, items };
}

const visitsOf = (items: readonly UplinkItem[]): TagVisit[] =>
  items.flatMap((item) =>
    item.kind === 'observation' && item.observation.body.kind === 'TagVisit' ? [item.observation.body] : [],
  );

describe('the fold over the spool', () => {
  const story = [
    ...startAt(0),
    tagAt(100),
    tagAt(200),
    refusedAt(300),
    tagAt(400, 'E300'),
    tagAt(500, 'E300'),
    tickAt(4_000),
    tagAt(4_100),
    tagAt(4_200),
    ...startAt(60_000),
    tagAt(60_100),
    tickAt(70_000),
  ];

  it('makes the same items under the same numbers from any record’s state on, after that state was JSON', () => {
    const whole = foldAll(story).items;
    expect(whole.map((item) => item.sequence)).toEqual(whole.map((_, index) => index + 1));
    expect(visitsOf(whole)).toHaveLength(3);
    for (let cut = 0; cut <= story.length; cut++) {
      const head = foldAll(story.slice(0, cut));
      const state = JSON.parse(JSON.stringify(head.state)) as FoldState;
      const tail = story.slice(cut).map((entry) => decodeEntry(encodeEntry(entry)));
      expect([...head.items, ...foldAll(tail, state).items]).toEqual(whole);
    }
  });

  it('does not end a visit because nobody listened for an hour', () => {
    const { items } = foldAll([
      ...startAt(0),
      tagAt(100),
      tagAt(200),
      ...startAt(3_600_000),
      tagAt(3_600_100),
      tickAt(3_700_000),
    ]);
    expect(visitsOf(items)).toMatchObject([{ count: 3, firstSeen: T0 + 100, lastSeen: T0 + 3_600_100 }]);
  });

  it('does not end a visit while the lines are not open again after a start', () => {
    const { state } = foldAll([...startAt(0), tagAt(100), tagAt(200), bootAt(300)]);
    expect(nextDue(state, T0 + 300 + 60_000)).toBe(Infinity);
    const opened = foldAll([listeningAt(60_000), tagAt(60_050)], state);
    expect(opened.items).toEqual([]);
    // 100 ms of silence before the boot count, the 59.7 s until the lines were open do not
    expect(nextDue(opened.state, T0 + 60_050 + lostMs - 1)).toBe(T0 + 60_050 + lostMs);
    expect(nextDue(opened.state, T0 + 60_050 + lostMs)).toBe(T0 + 60_050 + lostMs);
  });

  it('ends a visit by silence while somebody listened', () => {
    const { state } = foldAll([...startAt(0), tagAt(100), tagAt(200)]);
    expect(nextDue(state, T0 + 200 + lostMs - 1)).toBe(T0 + 200 + lostMs);
    expect(nextDue(state, T0 + 200 + lostMs)).toBe(T0 + 200 + lostMs);
    expect(visitsOf(foldAll([tickAt(200 + lostMs)], state).items)).toHaveLength(1);
  });

  it('counts the time of listening between two boots, and only that', () => {
    const { state } = foldAll([
      ...startAt(0),
      tagAt(100),
      tagAt(200),
      ...startAt(50_000),
      refusedAt(50_000 + lostMs - 1),
    ]);
    expect(nextDue(state, T0 + 50_000 + lostMs - 1)).toBe(T0 + 50_000 + lostMs);
    expect(nextDue(state, T0 + 50_000 + lostMs)).toBe(T0 + 50_000 + lostMs);
  });

  it('takes a clock that was set back for one that stands still', () => {
    const { state, items } = foldAll([
      ...startAt(10_000),
      tagAt(10_100),
      ...startAt(5_000),
      tagAt(5_100),
      tagAt(10_200),
    ]);
    expect(state.lastAt).toBe(T0 + 10_200);
    // The spool begins at T0, so the first boot's ten seconds count; the second boot's clock adds nothing.
    expect(state.downMs).toBe(10_000);
    expect(items).toEqual([]);
  });

  it('ends what was open under the old configuration before the new one takes effect', () => {
    const other = { ...config, smoothing: { ...config.smoothing, lostTimeoutMs: 500 } };
    const before = [...startAt(0), tagAt(100), tagAt(200)];
    expect(visitsOf(foldAll([...before, ...startAt(300)]).items)).toHaveLength(0);
    const { state, items } = foldAll([...before, ...startAt(300, other), tagAt(400), tagAt(450)]);
    expect(visitsOf(items)).toMatchObject([{ count: 2 }]);
    expect(items.map((item) => item.sequence)).toEqual([1]);
    expect(nextDue(state, T0 + 950)).toBe(T0 + 950);
    expect(foldAll([tickAt(950)], state).items).toMatchObject([{ sequence: 2 }]);
  });
});
