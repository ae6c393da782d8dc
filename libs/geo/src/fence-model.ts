import type { EpochMs } from '#libs/kernel';
import type { LonLat } from './sphere.js';

/** One position of one asset. */
export interface Fix {
  /** Names the fix for ever and breaks ties of time, by code units. */
  readonly key: string;
  readonly at: EpochMs;
  readonly longitude: number;
  readonly latitude: number;
  /** 1-sigma horizontal error in metres; null when the device does not tell it. */
  readonly accuracyM: number | null;
}

export type Side = 'INSIDE' | 'OUTSIDE';

/** What a gate pass says: certain, and at once. */
export interface Placement {
  readonly key: string;
  readonly at: EpochMs;
  readonly zoneId: string;
  readonly side: Side;
}

export type FenceItem = (Fix & { readonly kind: 'FIX' }) | (Placement & { readonly kind: 'PLACEMENT' });

/** What holds for all zones; a zone's own policy is its buffer and dwell. */
export interface FencePolicy {
  /** Metres per second above which two fixes cannot both be right. */
  readonly maxSpeedMps: number;
  /** Metres, for fixes that do not tell their accuracy. */
  readonly assumedAccuracyM: number;
  /** Milliseconds between two fixes up to which the straight way between them is believed. */
  readonly maxCrossingGapMs: number;
}

/** 200 km/h, fixes of unknown accuracy taken as they are, ways of at most ten minutes. */
export const DEFAULT_FENCE_POLICY: FencePolicy = {
  maxSpeedMps: 56,
  assumedAccuracyM: 0,
  maxCrossingGapMs: 600_000,
};

/** A place on the way at a time. */
export interface Waypoint extends LonLat {
  readonly at: EpochMs;
}

/** A side that has been seen and does not stand yet. */
export interface Candidate {
  /** First fix on the new side; null for a way that led into the zone and has no fix inside so far. */
  readonly since: { readonly at: EpochMs; readonly key: string } | null;
  /** For a visit: where the way came in, and the last place known to be inside. Null for a leaving. */
  readonly visit: {
    readonly fromKey: string;
    readonly cameIn: Waypoint;
    readonly lastIn: Waypoint;
    /** The worst accuracy of the fixes that it rests on, in metres. */
    readonly accuracyM: number;
  } | null;
}

export interface ZoneState {
  readonly zoneId: string;
  readonly inside: boolean;
  /** When the zone was entered; null while outside. */
  readonly enteredAt: EpochMs | null;
  readonly candidate: Candidate | null;
}

/** All that the fold remembers of one asset: plain JSON. A zone that is not listed is one that the asset stands outside of. */
export interface AssetFenceState {
  /** The last item that was folded. */
  readonly cursor: { readonly at: EpochMs; readonly key: string } | null;
  /** The last fix that was believed. */
  readonly last: Fix | null;
  /** A fix too far from `last` for its time; believed when the next one agrees with it. */
  readonly suspect: Fix | null;
  readonly zones: readonly ZoneState[];
}

export const INITIAL_FENCE_STATE: AssetFenceState = { cursor: null, last: null, suspect: null, zones: [] };

/** What an event rests on. Together with kind and zone, `causes` names the event whatever comes later. */
interface FenceEventBase {
  readonly zoneId: string;
  readonly at: EpochMs;
  /** The time of the item that decided it: `at` plus the dwell or more. */
  readonly decidedAt: EpochMs;
  readonly source: 'FIX' | 'GATE';
  readonly causes: readonly string[];
}

export interface ZoneEntered extends FenceEventBase {
  readonly kind: 'ZoneEntered';
}

export interface ZoneExited extends FenceEventBase {
  readonly kind: 'ZoneExited';
}

/** `at` is `enteredAt`; both are interpolated and whole milliseconds. */
export interface ZoneCrossed extends FenceEventBase {
  readonly kind: 'ZoneCrossed';
  readonly enteredAt: EpochMs;
  readonly exitedAt: EpochMs;
}

export type FenceEvent = ZoneEntered | ZoneExited | ZoneCrossed;

/**
 * What became of an item.
 * - USED: folded.
 * - LATE: not behind the state's cursor; fold again from an earlier state with it.
 * - JUMP: too far for its time; it decides nothing.
 * - INVALID: not a place on earth, or not a time.
 */
export type Verdict = 'USED' | 'LATE' | 'JUMP' | 'INVALID';

export interface FenceStep {
  readonly state: AssetFenceState;
  /** Exits first, then crossings, then entries; each by zone id. */
  readonly events: readonly FenceEvent[];
  readonly verdict: Verdict;
}

/** 1-sigma metres; what the policy assumes when the device did not tell it. */
export function accuracyOf(fix: Fix, policy: FencePolicy): number {
  return fix.accuracyM ?? policy.assumedAccuracyM;
}
