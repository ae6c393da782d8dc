import type { EpochMs } from '#libs/kernel';
import type { Side } from './direction.js';
import type { PassClosedBy } from './gate-pass.js';
import type { LaneConfig } from './lane-config.js';
import type { LaneSession, Stamp } from './lane-session.js';
import type { FusionTimings, LaneState } from './lane-state.js';
import { leftForGood } from './loops.js';

/* When a lane has something to do by time alone, and by which rule a session ends then. */

/** Later than every clock, and a number that JSON can write. */
export const NEVER: EpochMs = Number.MAX_VALUE;

export function deadlineOf(lane: LaneState, timings: FusionTimings): EpochMs {
  const confirmation = confirmationAt(lane, timings);
  return lane.session === null ? confirmation : Math.min(confirmation, closingAt(lane.config, lane.session, timings));
}

/** When a rise behind a truck that left is no chatter any more. */
export function confirmationAt({ chatter }: LaneState, { bounceMs }: FusionTimings): EpochMs {
  return chatter === null || chatter.risen === null ? NEVER : chatter.risen.at + bounceMs;
}

export interface ClosingRule {
  readonly at: EpochMs;
  /** The evidence's time: that of the last fall where there are loops. */
  readonly closedAt: EpochMs;
  readonly closedBy: PassClosedBy;
  readonly overtime: boolean;
  /** The reading from which the time ran. */
  readonly from: Stamp;
  /** The exit side that fell for good; its chatter belongs to this session. */
  readonly leftBy: Side | null;
}

function closingAt(config: LaneConfig, session: LaneSession, timings: FusionTimings): EpochMs {
  const { clearSince, lastSign, opened: opening } = session;
  const limit = opening.at + timings.maxSessionMs;
  if (config.loops.length === 0) return Math.min(limit, lastSign.at + timings.idleMs);
  if (clearSince === null) return limit;
  const isSeen = seenToLeave(session, clearSince, timings) !== null;
  return Math.min(limit, isSeen ? clearSince.at : clearSince.at + timings.bounceMs);
}

export function closingRule(config: LaneConfig, session: LaneSession, timings: FusionTimings): ClosingRule {
  const { clearSince, lastSign, opened: opening } = session;
  const at = closingAt(config, session, timings);
  if (config.loops.length === 0 && at === lastSign.at + timings.idleMs) {
    const closedAt = lastSign.time + timings.idleMs;
    return { at, closedAt, closedBy: 'TIMEOUT', overtime: false, from: lastSign, leftBy: null };
  }
  const leftBy = clearSince === null ? null : seenToLeave(session, clearSince, timings);
  if (clearSince !== null && (leftBy !== null || at === clearSince.at + timings.bounceMs)) {
    return { at, closedAt: clearSince.time, closedBy: 'LOOP', overtime: false, from: clearSince, leftBy };
  }
  const closedAt = opening.time + timings.maxSessionMs;
  return { at, closedAt, closedBy: 'TIMEOUT', overtime: true, from: opening, leftBy: null };
}

/** When all loops are off, the truck is gone, and only the wait for a bounce is cut short. */
export function breakOff({ clearSince, lastSign }: LaneSession): ClosingRule {
  const from = clearSince ?? lastSign;
  return { at: from.at, closedAt: from.time, closedBy: 'TIMEOUT', overtime: clearSince === null, from, leftBy: null };
}

function seenToLeave({ loops }: LaneSession, clearSince: Stamp, { bounceMs }: FusionTimings): Side | null {
  return loops === null ? null : leftForGood(loops, clearSince.at, bounceMs);
}
