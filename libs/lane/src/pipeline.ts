import type { EpochMs } from '#libs/kernel';
import {
  advanceSmoothing,
  closeVisits,
  createSmoothingState,
  DEFAULT_SMOOTHING,
  isTagReading,
  reconfigureSmoothing,
  smoothTagRead,
  type Observation,
  type Reading,
  type ReadingBody,
  type SmoothingConfig,
  type SmoothingState,
  type TagRead,
} from '#libs/telemetry';
import { clockFault, DEFAULT_CLOCK_BOUNDS, type ClockBounds } from './clock-check.js';
import { createLanesState, type LanesState } from './gateway-lanes.js';
import type { LaneConfig } from './lane-config.js';
import { advanceLanes, fuseReading } from './lane-fusion.js';
import { reconfigureLanes } from './lane-reconfiguration.js';
import { DEFAULT_TIMINGS, type FusionTimings } from './lane-state.js';
import type { LaneClosing } from './session-closing.js';
import type { UplinkItem } from './uplink.js';

/**
 * One gateway's readings → the items of its uplink stream: smoothing and lane fusion side by side.
 *
 * The items are a function of the readings and their `at` alone. Both machines know only deadlines, which are worked off
 * in their order before the next reading is taken, so it makes no difference whether a timer fires each 50 ms, never, or
 * the spool is replayed. The state is plain JSON; from any snapshot of it the same items follow under the same numbers.
 */
export interface PipelineConfig {
  readonly siteId: string;
  readonly lanes: readonly LaneConfig[];
  /** The lane of each device; a device that is not named, or has null, stands in no lane. */
  readonly laneOfDevice: Readonly<Record<string, string | null>>;
  readonly smoothing: SmoothingConfig;
  readonly timings: FusionTimings;
  readonly clock: ClockBounds;
}

export const PIPELINE_DEFAULTS = {
  smoothing: DEFAULT_SMOOTHING,
  timings: DEFAULT_TIMINGS,
  clock: DEFAULT_CLOCK_BOUNDS,
} as const satisfies Partial<PipelineConfig>;

export interface PipelineState {
  readonly laneOfDevice: PipelineConfig['laneOfDevice'];
  readonly clock: ClockBounds;
  readonly smoothing: SmoothingState;
  readonly lanes: LanesState;
  /** Number of the last item that was made; the first is 1. */
  readonly lastSequence: number;
  readonly counters: {
    /** Readings refused because their clock is wrong. */
    readonly clockRefused: number;
    /** Tag reads that were given the gateway's time because their clock is wrong. */
    readonly clockCorrected: number;
  };
}

type WithoutSequence<T> = T extends unknown ? Omit<T, 'sequence'> : never;
export type PipelineItem = WithoutSequence<UplinkItem>;

export interface PipelineStep {
  readonly state: PipelineState;
  /** Numbered from the sequence after the former state's `lastSequence`: see `numberItems`. */
  readonly items: readonly PipelineItem[];
}

export function createPipelineState(config: PipelineConfig): PipelineState {
  return {
    laneOfDevice: config.laneOfDevice,
    clock: config.clock,
    smoothing: createSmoothingState(config.smoothing),
    lanes: createLanesState(config.siteId, config.lanes, config.timings),
    lastSequence: 0,
    counters: { clockRefused: 0, clockCorrected: 0 },
  };
}

/**
 * Takes the next reading of the spool. `at` is the pipeline clock in ms: the receipt less the time that the gateway was down.
 * It is never smaller than the one before, and deadlines ≤ `at` are worked off first. A fall that closes its session at
 * once gives the pass in the same step.
 */
export function onReading(before: PipelineState, reading: Reading, at: EpochMs): PipelineStep {
  const advanced = advance(before, at);
  const taken = takeReading(advanced.state, reading, at);
  const after = advance(taken.state, at);
  if (advanced.items.length === 0 && after.items.length === 0) return { state: after.state, items: taken.items };
  return { state: after.state, items: [...advanced.items, ...taken.items, ...after.items] };
}

/** Works off every deadline ≤ `at`: a lane's closing gives its open tag visits, then its pass. */
export function advance(before: PipelineState, at: EpochMs): PipelineStep {
  if (at < quietUntil(before)) return { state: before, items: NO_ITEMS };
  const lanes = advanceLanes(before.lanes, at);
  const closed = closeLanes({ ...before, lanes: lanes.state }, lanes.closings);
  const rest = advanceSmoothing(closed.state.smoothing, at);
  const state = { ...closed.state, smoothing: rest.state };
  const ended = stepped(state, rest.observations.map(asItem));
  return { state: ended.state, items: [...closed.items, ...ended.items] };
}

/** No deadline comes before this. */
export function quietUntil({ lanes, smoothing }: PipelineState): EpochMs {
  return Math.min(lanes.quietUntil, smoothing.visits.quietUntil);
}

/**
 * Goes on under another configuration, from this place in the stream on. It needs no clock, so that timers that fired or did
 * not fire make no difference:
 *
 * - lanes that are gone, or whose loops are others now, give their open tag visits and their pass (TIMEOUT, at its last sign);
 * - new lanes begin empty; all other sessions go on under the new timings, directions and antennas;
 * - visits of devices that changed their lane end, and all visits do when the rules of smoothing change.
 */
export function reconfigure(before: PipelineState, config: PipelineConfig): PipelineStep {
  const lanes = reconfigureLanes(before.lanes, config.siteId, config.lanes, config.timings);
  const { laneOfDevice, clock } = config;
  const closed = closeLanes({ ...before, lanes: lanes.state, laneOfDevice, clock }, lanes.closings);
  const moved = closeVisits(
    closed.state.smoothing,
    ({ deviceId, laneId }) => laneId !== (laneOfDevice[deviceId] ?? null),
    NO_DEADLINE,
  );
  const rest = isSameSmoothing(config.smoothing, moved.state.config)
    ? { state: moved.state, observations: [] }
    : reconfigureSmoothing(moved.state, config.smoothing);
  const state = { ...closed.state, smoothing: rest.state };
  const ended = stepped(state, [...moved.observations, ...rest.observations].map(asItem));
  return { state: ended.state, items: [...closed.items, ...ended.items] };
}

/** An instant before every deadline. */
const NO_DEADLINE: EpochMs = -Number.MAX_VALUE;
const NO_ITEMS: readonly PipelineItem[] = [];

function isSameSmoothing(a: SmoothingConfig, b: SmoothingConfig): boolean {
  return (
    a.glimpsedTimeoutMs === b.glimpsedTimeoutMs &&
    a.observedTimeThresholdMs === b.observedTimeThresholdMs &&
    a.observedCountThreshold === b.observedCountThreshold &&
    a.lostTimeoutMs === b.lostTimeoutMs &&
    a.maxOpenVisits === b.maxOpenVisits
  );
}

function closeLanes(before: PipelineState, closings: readonly LaneClosing[]): PipelineStep {
  let { smoothing } = before;
  const items: PipelineItem[] = [];
  for (const { laneId, firedAt, pass } of closings) {
    const closed = closeVisits(smoothing, (visit) => visit.laneId === laneId, firedAt);
    smoothing = closed.state;
    items.push(...closed.observations.map(asItem));
    if (pass !== null) items.push({ kind: 'pass', pass });
  }
  return stepped({ ...before, smoothing }, items);
}

/** Gives the items of one step their numbers. `before` is the state that the step started from. */
export function numberItems(before: PipelineState, items: readonly PipelineItem[]): UplinkItem[] {
  return items.map((item, index) => ({ ...item, sequence: before.lastSequence + index + 1 }));
}

function takeReading(state: PipelineState, said: Reading, at: EpochMs): PipelineStep {
  const laneId = state.laneOfDevice[said.deviceId] ?? null;
  const fault = clockFault(said, state.clock);
  const reading: Reading = fault === null ? said : { ...said, occurredAt: said.receivedAt };
  const lanes = laneId === null ? state.lanes : fuseReading(state.lanes, laneId, reading, at);

  if (isTagReading(reading)) {
    const step = smoothTagRead(state.smoothing, reading, laneId, at);
    const counters =
      fault === null ? state.counters : { ...state.counters, clockCorrected: state.counters.clockCorrected + 1 };
    return stepped({ ...state, lanes, smoothing: step.state, counters }, step.observations.map(asItem));
  }
  const body = reading.body as Exclude<ReadingBody, TagRead>;
  const { deviceId, boot, sequence, occurredAt, receivedAt } = reading;
  if (fault !== null) {
    const ref = { deviceId, boot, sequence };
    const counters = { ...state.counters, clockRefused: state.counters.clockRefused + 1 };
    const refused = { ref, receivedAt, reason: 'clock', detail: fault, hex: null };
    return stepped({ ...state, lanes, counters }, [{ kind: 'refused', refused }]);
  }
  const observation: Observation = { deviceId, boot, sequence, occurredAt, receivedAt, laneId, body };
  return stepped({ ...state, lanes }, [asItem(observation)]);
}

function asItem(observation: Observation): PipelineItem {
  return { kind: 'observation', observation };
}

function stepped(state: PipelineState, items: readonly PipelineItem[]): PipelineStep {
  if (items.length === 0) return { state, items };
  return { state: { ...state, lastSequence: state.lastSequence + items.length }, items };
}
