import type { EpochMs } from '#libs/kernel';
import type { Observation } from './observations.js';
import type { Reading, TagRead } from './readings.js';

/**
 * Raw tag reads → one observation for each tag's visit to an antenna, after the tag smoothing of EPCglobal ALE:
 *
 *   (nothing) ── read ──▶ GLIMPSED ── count or time threshold ──▶ OBSERVED ── lostTimeout without a read ──▶ one TagVisit
 *                            └── glimpsedTimeout without a read ──▶ (nothing, counted)
 *
 * Pure: the state is plain JSON, and `at` is the gateway's pipeline clock in ms, which never runs backwards from one
 * reading to the next. The device's own times stand in the observation and decide nothing here.
 */
export interface SmoothingConfig {
  /** A tag that is not observed yet is forgotten after this time without a read. */
  readonly glimpsedTimeoutMs: number;
  /** A tag read over at least this time is observed … */
  readonly observedTimeThresholdMs: number;
  /** … and so is one that was read this often, whichever comes first. */
  readonly observedCountThreshold: number;
  /** An observed tag has left after this time without a read; null: only `closeVisits` or the bound ends its visit. */
  readonly lostTimeoutMs: number | null;
  /** Most visits open at once; one more closes the oldest. */
  readonly maxOpenVisits: number;
}

/** A truck at walking pace is some 2 to 6 s before an antenna and is read about once a second by each. */
export const DEFAULT_SMOOTHING: SmoothingConfig = {
  glimpsedTimeoutMs: 2_000,
  observedTimeThresholdMs: 200,
  observedCountThreshold: 2,
  lostTimeoutMs: 3_000,
  maxOpenVisits: 4_096,
};

export interface OpenVisit {
  readonly deviceId: string;
  readonly boot: string;
  readonly sequence: number;
  readonly laneId: string | null;
  readonly antenna: number;
  readonly pc: string;
  readonly epc: string;
  readonly phase: 'GLIMPSED' | 'OBSERVED';
  /** Pipeline clock of the first and the last read. */
  readonly openedAt: EpochMs;
  readonly heardAt: EpochMs;
  readonly receivedAt: EpochMs;
  /** Device's times. */
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
  readonly count: number;
  readonly peakRssiDbm: number | null;
}

export interface SmoothingCounters {
  readonly reads: number;
  /** Visits given out as an observation. */
  readonly visits: number;
  /** Tags that were glimpsed and never observed: given out as nothing. */
  readonly glimpses: number;
  /** Visits closed because `maxOpenVisits` was reached. */
  readonly evicted: number;
}

export interface SmoothingState {
  readonly config: SmoothingConfig;
  /** By device, then by antenna and EPC. */
  readonly visits: Readonly<Record<string, Readonly<Record<string, OpenVisit>>>>;
  readonly openVisits: number;
  /** No deadline lies before this; null: nothing is waited for. */
  readonly quietUntil: EpochMs | null;
  readonly counters: SmoothingCounters;
}

export interface SmoothingStep {
  readonly state: SmoothingState;
  readonly observations: readonly Observation[];
}

export type TagReading = Reading & { readonly body: TagRead };

export function createSmoothingState(config: SmoothingConfig = DEFAULT_SMOOTHING): SmoothingState {
  return {
    config,
    visits: {},
    openVisits: 0,
    quietUntil: null,
    counters: { reads: 0, visits: 0, glimpses: 0, evicted: 0 },
  };
}

/** Ends every visit whose deadline is ≤ `at`, in the order of the deadlines; equal ones by device, antenna and EPC. */
export function advanceSmoothing(state: SmoothingState, at: EpochMs): SmoothingStep {
  if (state.quietUntil === null || at < state.quietUntil) return { state, observations: [] };
  const due: { visit: OpenVisit; deadline: EpochMs }[] = [];
  let next: EpochMs | null = null;
  for (const visit of openVisits(state)) {
    const deadline = deadlineOf(visit, state.config);
    if (deadline === null) continue;
    if (deadline <= at) due.push({ visit, deadline });
    else if (next === null || deadline < next) next = deadline;
  }
  due.sort((a, b) => a.deadline - b.deadline || byPlace(a.visit, b.visit));
  const step = endVisits(
    state,
    due.map(({ visit }) => visit),
  );
  return { ...step, state: { ...step.state, quietUntil: next } };
}

/**
 * Takes one read; deadlines ≤ `at` are worked off first, so that a read on the deadline opens a new visit.
 * `observed` tells whether the read's visit counts by now.
 */
export function smoothTagRead(
  before: SmoothingState,
  reading: TagReading,
  laneId: string | null,
  at: EpochMs,
): SmoothingStep & { readonly observed: boolean } {
  const advanced = advanceSmoothing(before, at);
  const { config } = advanced.state;
  const known = advanced.state.visits[reading.deviceId]?.[visitKey(reading.body)];
  const crowded = known === undefined && advanced.state.openVisits >= config.maxOpenVisits;
  const { state, observations } = crowded ? evictOldest(advanced.state) : { ...advanced, observations: [] };

  const read = known === undefined ? firstRead(reading, laneId, at) : furtherRead(known, reading, at);
  const observed =
    read.phase === 'OBSERVED' ||
    read.count >= config.observedCountThreshold ||
    read.heardAt - read.openedAt >= config.observedTimeThresholdMs;
  const visit: OpenVisit = { ...read, phase: observed ? 'OBSERVED' : 'GLIMPSED' };
  const deadline = deadlineOf(visit, config);
  return {
    observed,
    observations: [...advanced.observations, ...observations],
    state: {
      ...state,
      visits: {
        ...state.visits,
        [visit.deviceId]: { ...state.visits[visit.deviceId], [visitKey(visit)]: visit },
      },
      openVisits: state.openVisits + (known === undefined ? 1 : 0),
      quietUntil: earlier(state.quietUntil, deadline),
      counters: { ...state.counters, reads: state.counters.reads + 1 },
    },
  };
}

/** Ends the visits that the predicate names, oldest first; deadlines ≤ `at` are worked off before. */
export function closeVisits(
  state: SmoothingState,
  predicate: (visit: OpenVisit) => boolean,
  at: EpochMs,
): SmoothingStep {
  const advanced = advanceSmoothing(state, at);
  const named = openVisits(advanced.state).filter(predicate).sort(byAge);
  const step = endVisits(advanced.state, named);
  return { state: step.state, observations: [...advanced.observations, ...step.observations] };
}

function firstRead(reading: TagReading, laneId: string | null, at: EpochMs): OpenVisit {
  const { deviceId, boot, sequence, occurredAt, receivedAt, body } = reading;
  return {
    deviceId,
    boot,
    sequence,
    laneId,
    antenna: body.antenna,
    pc: body.pc,
    epc: body.epc,
    phase: 'GLIMPSED',
    openedAt: at,
    heardAt: at,
    receivedAt,
    firstSeen: occurredAt,
    lastSeen: occurredAt,
    count: 1,
    peakRssiDbm: body.rssiDbm,
  };
}

function furtherRead(visit: OpenVisit, reading: TagReading, at: EpochMs): OpenVisit {
  return {
    ...visit,
    heardAt: at,
    lastSeen: Math.max(visit.lastSeen, reading.occurredAt),
    count: visit.count + 1,
    peakRssiDbm: stronger(visit.peakRssiDbm, reading.body.rssiDbm),
  };
}

/** The stronger of two field strengths in dBm; a read without one does not count. */
export function stronger(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function evictOldest(state: SmoothingState): SmoothingStep {
  const oldest = openVisits(state).sort(byAge).slice(0, 1);
  const step = endVisits(state, oldest);
  const counters = { ...step.state.counters, evicted: step.state.counters.evicted + oldest.length };
  return { ...step, state: { ...step.state, counters } };
}

function endVisits(state: SmoothingState, ended: readonly OpenVisit[]): SmoothingStep {
  if (ended.length === 0) return { state, observations: [] };
  const visits: Record<string, Record<string, OpenVisit>> = {};
  const gone = new Set(ended);
  for (const [deviceId, ofDevice] of Object.entries(state.visits)) {
    const left = Object.entries(ofDevice).filter(([, visit]) => !gone.has(visit));
    if (left.length > 0) visits[deviceId] = Object.fromEntries(left);
  }
  const observed = ended.filter((visit) => visit.phase === 'OBSERVED');
  return {
    observations: observed.map(asObservation),
    state: {
      ...state,
      visits,
      openVisits: state.openVisits - ended.length,
      counters: {
        ...state.counters,
        visits: state.counters.visits + observed.length,
        glimpses: state.counters.glimpses + ended.length - observed.length,
      },
    },
  };
}

function asObservation(visit: OpenVisit): Observation {
  const { deviceId, boot, sequence, receivedAt, laneId, antenna, pc, epc, firstSeen, lastSeen, count } = visit;
  return {
    deviceId,
    boot,
    sequence,
    occurredAt: firstSeen,
    receivedAt,
    laneId,
    body: { kind: 'TagVisit', antenna, pc, epc, firstSeen, lastSeen, count, peakRssiDbm: visit.peakRssiDbm },
  };
}

function deadlineOf(visit: OpenVisit, config: SmoothingConfig): EpochMs | null {
  if (visit.phase === 'GLIMPSED') return visit.heardAt + config.glimpsedTimeoutMs;
  return config.lostTimeoutMs === null ? null : visit.heardAt + config.lostTimeoutMs;
}

function openVisits(state: SmoothingState): OpenVisit[] {
  return Object.values(state.visits).flatMap((ofDevice) => Object.values(ofDevice));
}

function visitKey(tag: { readonly antenna: number; readonly epc: string }): string {
  return `${tag.antenna}:${tag.epc}`;
}

function byAge(a: OpenVisit, b: OpenVisit): number {
  return a.openedAt - b.openedAt || byPlace(a, b);
}

function byPlace(a: OpenVisit, b: OpenVisit): number {
  return compareText(a.deviceId, b.deviceId) || a.antenna - b.antenna || compareText(a.epc, b.epc);
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function earlier(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
