import type { EpochMs } from '#libs/kernel';
import { deadlineOf, NEVER } from './deadlines.js';
import type { LaneConfig } from './lane-config.js';
import { DEFAULT_TIMINGS, emptyLane, type FusionTimings, type LaneState } from './lane-state.js';

/* All lanes of a gateway: how their state begins, and how a changed lane or count is put back into it. */

export interface FusionCounters {
  readonly passes: number;
  /** No pass: sessions of lanes without loops that heard nothing but another lane's tags, and those of the last truck's rear. */
  readonly phantomSessions: number;
  /** Reads that belong to a pass already closed. */
  readonly tailReads: number;
  /** Tags given to another lane. */
  readonly crossReads: number;
  /** Decisions while no truck stood in the lane. */
  readonly decisionsUnheard: number;
  /** Readings beyond a session's or the waiting list's bound. */
  readonly evidenceDropped: number;
}

export interface LanesState {
  readonly siteId: string;
  readonly timings: FusionTimings;
  /** By lane id. */
  readonly lanes: readonly LaneState[];
  readonly laneIndex: Readonly<Record<string, number>>;
  /** No lane's deadline lies before this. It may be too early, for a later reading moves a deadline on. */
  readonly quietUntil: EpochMs;
  readonly counters: FusionCounters;
}

export function createLanesState(
  siteId: string,
  lanes: readonly LaneConfig[],
  timings: FusionTimings = DEFAULT_TIMINGS,
): LanesState {
  const counters: FusionCounters = {
    passes: 0,
    phantomSessions: 0,
    tailReads: 0,
    crossReads: 0,
    decisionsUnheard: 0,
    evidenceDropped: 0,
  };
  return assembled(siteId, timings, lanes.map(emptyLane), counters);
}

export function assembled(
  siteId: string,
  timings: FusionTimings,
  unsorted: readonly LaneState[],
  counters: FusionCounters,
): LanesState {
  const lanes = unsorted.toSorted((a, b) => (a.config.laneId < b.config.laneId ? -1 : 1));
  return {
    siteId,
    timings,
    lanes,
    laneIndex: Object.fromEntries(lanes.map(({ config }, index) => [config.laneId, index])),
    quietUntil: Math.min(NEVER, ...lanes.map((lane) => deadlineOf(lane, timings))),
    counters,
  };
}

export function laneOf(state: LanesState, laneId: string): LaneState | undefined {
  const index = state.laneIndex[laneId];
  return index === undefined ? undefined : state.lanes[index];
}

/** Copies one lane and the list's pointers; every other lane is shared with the state before. */
export function put(state: LanesState, lane: LaneState): LanesState {
  const index = state.laneIndex[lane.config.laneId];
  if (index === undefined) return state;
  return {
    siteId: state.siteId,
    timings: state.timings,
    lanes: state.lanes.with(index, lane),
    laneIndex: state.laneIndex,
    quietUntil: Math.min(state.quietUntil, deadlineOf(lane, state.timings)),
    counters: state.counters,
  };
}

export function count(state: LanesState, more: Partial<FusionCounters>): LanesState {
  const counters: FusionCounters = {
    passes: state.counters.passes + (more.passes ?? 0),
    phantomSessions: state.counters.phantomSessions + (more.phantomSessions ?? 0),
    tailReads: state.counters.tailReads + (more.tailReads ?? 0),
    crossReads: state.counters.crossReads + (more.crossReads ?? 0),
    decisionsUnheard: state.counters.decisionsUnheard + (more.decisionsUnheard ?? 0),
    evidenceDropped: state.counters.evidenceDropped + (more.evidenceDropped ?? 0),
  };
  return { ...state, counters };
}

export function nextDeadline({ lanes, timings }: LanesState): {
  readonly at: EpochMs;
  readonly lane: LaneState | null;
} {
  let at = NEVER;
  let next: LaneState | null = null;
  for (const lane of lanes) {
    const deadline = deadlineOf(lane, timings);
    if (deadline >= at) continue;
    at = deadline;
    next = lane;
  }
  return { at, lane: next };
}
