import type { EpochMs } from '#libs/kernel';
import type { Reading } from '#libs/telemetry';
import { ENTRY_OF, type Side } from './direction.js';
import type { LaneConfig } from './lane-config.js';
import type { LaneSession, Stamp } from './lane-session.js';

/* One lane between two readings, and what is asked of it. Plain JSON. */

export interface FusionTimings {
  /** A loop that is off, or on, for less has not fallen, or risen. Where the exit was not seen, closing waits for it. */
  readonly bounceMs: number;
  readonly idleMs: number;
  /** What was read up to this long before a session opened, while the lane was empty, belongs to it: cameras fire first. */
  readonly preSessionMs: number;
  /** A tag heard up to this long after its pass belongs to that pass. */
  readonly tailMs: number;
  readonly maxSessionMs: number;
  /** A lane that heard a tag stronger by this much owns it. */
  readonly crossReadMarginDb: number;
}

export const DEFAULT_TIMINGS: FusionTimings = {
  bounceMs: 300,
  idleMs: 5_000,
  preSessionMs: 3_000,
  tailMs: 15_000,
  maxSessionMs: 600_000,
  crossReadMarginDb: 3,
};

export interface LaneState {
  readonly config: LaneConfig;
  /** Loops and beams that are on, by signal and position. */
  readonly presence: Readonly<Record<string, Presence>>;
  /** The side by which the last truck was seen to leave, as long as it may chatter. */
  readonly chatter: Chatter | null;
  readonly session: LaneSession | null;
  /** Read while the lane was empty, oldest first. */
  readonly waiting: readonly { readonly reading: Reading; readonly at: EpochMs }[];
  /** Passes whose tail may still be heard, oldest first. */
  readonly recent: readonly RecentPass[];
}

/**
 * - STUCK: on since before the last session ran out of time.
 * - CHATTER: on again so soon behind a truck that it belongs to that truck, or to the next: time will tell.
 */
export type Presence = 'ON' | 'STUCK' | 'CHATTER';

/** A rise of this side before `until` opens nothing, unless it stays on for `bounceMs`. */
export interface Chatter {
  readonly side: Side;
  /** `bounceMs` after the side's last fall. */
  readonly until: EpochMs;
  /** The rise that is waited for; null: the side is off. */
  readonly risen: Stamp | null;
}

export interface RecentPass {
  readonly passId: string;
  readonly leftBy: Side | null;
  /** The side by which it went on through the lane, by its loops or by its antennas. */
  readonly wentOnBy: Side | null;
  /** The session ran out of time: its tags stay with it until they fall silent for `tailMs`. */
  readonly parked: boolean;
  readonly textsUntil: EpochMs;
  readonly texts: readonly string[];
  /** Pipeline clock of the last tag or text of it that was read behind it. */
  readonly heardAt: EpochMs | null;
  readonly tags: readonly TailTag[];
}

export interface TailTag {
  readonly epc: string;
  readonly peakRssiDbm: number | null;
  readonly until: EpochMs;
  /** The later session that first heard it where its own truck had left. */
  readonly heldIn: string | null;
}

/** Most readings kept while a lane is empty, and most closed passes of a lane whose tail is watched. */
export const MAX_WAITING = 256;
export const MAX_RECENT_PASSES = 8;

export function emptyLane(config: LaneConfig): LaneState {
  return { config, presence: {}, chatter: null, session: null, waiting: [], recent: [] };
}

export function hasTwoSides(config: LaneConfig): boolean {
  return config.loops.includes('LANDSIDE') && config.loops.includes('TERMINALSIDE');
}

/** The side that the session's truck comes from, as far as it is known before the end. */
export function entrySide(config: LaneConfig, session: LaneSession): Side | null {
  return session.loops?.entry ?? (config.direction === 'REVERSIBLE' ? null : ENTRY_OF[config.direction]);
}

export function isOn(lane: LaneState, side: Side): boolean {
  return Object.entries(lane.presence).some(([key, word]) => word === 'ON' && key.endsWith(`:${side}`));
}

export function reworded(presence: LaneState['presence'], from: Presence, to: Presence): LaneState['presence'] {
  return Object.fromEntries(Object.entries(presence).map(([key, word]) => [key, word === from ? to : word]));
}
