import type { EpochMs } from '#libs/kernel';
import type { Observation } from './observations.js';
import type { Reading, TagRead } from './readings.js';
import {
  findVisit,
  NEVER,
  NO_VISITS,
  putVisit,
  takeDue,
  takeNamed,
  takeOldest,
  visitHash,
  type VisitNode,
} from './visit-index.js';

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
  readonly visits: VisitNode<OpenVisit>;
  readonly openVisits: number;
  readonly counters: SmoothingCounters;
}

export interface SmoothingStep {
  readonly state: SmoothingState;
  readonly observations: readonly Observation[];
}

const NOTHING: readonly Observation[] = [];

export type TagReading = Reading & { readonly body: TagRead };

export function isTagReading(reading: Reading): reading is TagReading {
  return reading.body.kind === 'TagRead';
}

export function createSmoothingState(config: SmoothingConfig = DEFAULT_SMOOTHING): SmoothingState {
  return {
    config,
    visits: NO_VISITS,
    openVisits: 0,
    counters: { reads: 0, visits: 0, glimpses: 0, evicted: 0 },
  };
}

/** Ends every visit whose deadline is ≤ `at`, in the order of the deadlines; equal ones by device, antenna and EPC. */
export function advanceSmoothing(state: SmoothingState, at: EpochMs): SmoothingStep {
  if (at < state.visits.quietUntil) return { state, observations: NOTHING };
  const deadline = deadlines(state.config);
  const { root, taken } = takeDue(state.visits, at, deadline);
  return ended(
    state,
    root,
    taken.toSorted((a, b) => deadline(a) - deadline(b) || byPlace(a, b)),
  );
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
  const { config } = before;
  const { deviceId, body } = reading;
  const tag = { deviceId, antenna: body.antenna, epc: body.epc };
  const hash = visitHash(tag);
  const known = findVisit(advanced.state.visits, hash, tag);
  const crowded = known === undefined && advanced.state.openVisits >= config.maxOpenVisits;
  const { state, observations } = crowded ? evictOldest(advanced.state) : { ...advanced, observations: NOTHING };

  const visit = known === undefined ? firstRead(reading, laneId, at, config) : furtherRead(known, reading, at, config);
  return {
    observed: visit.phase === 'OBSERVED',
    observations: observations.length === 0 ? advanced.observations : [...advanced.observations, ...observations],
    state: {
      config,
      visits: putVisit(state.visits, hash, visit, deadlines(config)(visit)),
      openVisits: state.openVisits + (known === undefined ? 1 : 0),
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
  const { root, taken } = takeNamed(advanced.state.visits, predicate, deadlines(state.config));
  const step = ended(advanced.state, root, taken.toSorted(byAge));
  return { state: step.state, observations: [...advanced.observations, ...step.observations] };
}

/** Ends every visit, oldest first, when its rules are others from here on: a visit is judged by the rules that it began with. */
export function reconfigureSmoothing(state: SmoothingState, config: SmoothingConfig): SmoothingStep {
  const step = ended(
    state,
    NO_VISITS,
    takeNamed(
      state.visits,
      () => true,
      () => NEVER,
    ).taken.toSorted(byAge),
  );
  return { ...step, state: { ...step.state, config } };
}

function firstRead(
  reading: TagReading,
  laneId: string | null,
  at: EpochMs,
  { observedCountThreshold, observedTimeThresholdMs }: SmoothingConfig,
): OpenVisit {
  const { deviceId, boot, sequence, occurredAt, receivedAt, body } = reading;
  return {
    deviceId,
    boot,
    sequence,
    laneId,
    antenna: body.antenna,
    pc: body.pc,
    epc: body.epc,
    phase: observedCountThreshold <= 1 || observedTimeThresholdMs <= 0 ? 'OBSERVED' : 'GLIMPSED',
    openedAt: at,
    heardAt: at,
    receivedAt,
    firstSeen: occurredAt,
    lastSeen: occurredAt,
    count: 1,
    peakRssiDbm: body.rssiDbm,
  };
}

function furtherRead(visit: OpenVisit, reading: TagReading, at: EpochMs, config: SmoothingConfig): OpenVisit {
  const count = visit.count + 1;
  const observed =
    visit.phase === 'OBSERVED' ||
    count >= config.observedCountThreshold ||
    at - visit.openedAt >= config.observedTimeThresholdMs;
  // Written out, as every read comes here: a literal costs half of a spread with as many fields.
  return {
    deviceId: visit.deviceId,
    boot: visit.boot,
    sequence: visit.sequence,
    laneId: visit.laneId,
    antenna: visit.antenna,
    pc: visit.pc,
    epc: visit.epc,
    phase: observed ? 'OBSERVED' : 'GLIMPSED',
    openedAt: visit.openedAt,
    heardAt: at,
    receivedAt: visit.receivedAt,
    firstSeen: visit.firstSeen,
    lastSeen: Math.max(visit.lastSeen, reading.occurredAt),
    count,
    peakRssiDbm: stronger(visit.peakRssiDbm, reading.body.rssiDbm),
  };
}

/** The stronger of two field strengths in dBm; a read without one does not count. */
export function stronger(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function evictOldest(state: SmoothingState): SmoothingStep {
  const { root, taken } = takeOldest(state.visits, byPlace, deadlines(state.config));
  const step = ended(state, root, taken);
  const counters = { ...step.state.counters, evicted: step.state.counters.evicted + taken.length };
  return { ...step, state: { ...step.state, counters } };
}

/** `visits` is what is left open. */
function ended(
  { config, openVisits, counters }: SmoothingState,
  visits: VisitNode<OpenVisit>,
  gone: readonly OpenVisit[],
): SmoothingStep {
  const observed = gone.filter((visit) => visit.phase === 'OBSERVED');
  return {
    observations: observed.map(asObservation),
    state: {
      config,
      visits,
      openVisits: openVisits - gone.length,
      counters: {
        ...counters,
        visits: counters.visits + observed.length,
        glimpses: counters.glimpses + gone.length - observed.length,
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

function deadlines(config: SmoothingConfig): (visit: OpenVisit) => EpochMs {
  const { glimpsedTimeoutMs, lostTimeoutMs } = config;
  return ({ phase, heardAt }) =>
    phase === 'GLIMPSED' ? heardAt + glimpsedTimeoutMs : lostTimeoutMs === null ? NEVER : heardAt + lostTimeoutMs;
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
