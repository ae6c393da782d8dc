import type { EpochMs } from '#libs/kernel';
import {
  advanceSmoothing,
  closeVisits,
  createSmoothingState,
  DEFAULT_SMOOTHING,
  smoothTagRead,
  type Observation,
  type Reading,
  type SmoothingConfig,
  type SmoothingState,
} from '#libs/telemetry';
import { clockFault, DEFAULT_CLOCK_BOUNDS, type ClockBounds } from './clock-check.js';
import type { LaneConfig } from './lane-config.js';
import {
  advanceLanes,
  createLanesState,
  DEFAULT_TIMINGS,
  fuseReading,
  type FusionTimings,
  type LanesState,
} from './lane-fusion.js';
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
 * It is never smaller than the one before, and deadlines ≤ `at` are worked off first.
 */
export function onReading(before: PipelineState, reading: Reading, at: EpochMs): PipelineStep {
  const advanced = advance(before, at);
  const taken = takeReading(advanced.state, reading, at);
  return { state: taken.state, items: [...advanced.items, ...taken.items] };
}

/** Works off every deadline ≤ `at`: a lane's closing gives its open tag visits, then its pass. */
export function advance(before: PipelineState, at: EpochMs): PipelineStep {
  const lanes = advanceLanes(before.lanes, at);
  let { smoothing } = before;
  const items: PipelineItem[] = [];
  for (const { laneId, firedAt, pass } of lanes.closings) {
    const closed = closeVisits(smoothing, (visit) => visit.laneId === laneId, firedAt);
    smoothing = closed.state;
    items.push(...closed.observations.map(asItem));
    if (pass !== null) items.push({ kind: 'pass', pass });
  }
  const rest = advanceSmoothing(smoothing, at);
  items.push(...rest.observations.map(asItem));
  return stepped({ ...before, lanes: lanes.state, smoothing: rest.state }, items);
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
  const { body } = reading;

  if (body.kind === 'TagRead') {
    const step = smoothTagRead(state.smoothing, { ...reading, body }, laneId, at);
    const clockCorrected = state.counters.clockCorrected + (fault === null ? 0 : 1);
    const counters = { ...state.counters, clockCorrected };
    return stepped({ ...state, lanes, smoothing: step.state, counters }, step.observations.map(asItem));
  }
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
  return { state: { ...state, lastSequence: state.lastSequence + items.length }, items };
}
