import type { EpochMs } from '#libs/kernel';
import type { ClosingRule } from './deadlines.js';
import { OTHER_SIDE } from './direction.js';
import type { LaneSession, SessionTag } from './lane-session.js';
import type { LaneState, RecentPass } from './lane-state.js';
import { textsOf } from './tails.js';

/*
 * An exit loop may lose a long truck between its axles: it falls, the truck's pass is told, and it rises again under the
 * trailer. What was read meanwhile says whose rise that was.
 */

/**
 * What a session that its entry side alone explains is to the truck before it.
 * - SAME_TRUCK: only the side that the last truck went on by rose, and all that was read is that truck's.
 * - SEVERAL_TRUCKS: that side rose first, the last truck was read, then the other side rose, and another truck was read.
 * - OWN: a truck's own, as far as anybody can tell.
 */
export type Trailing = 'SAME_TRUCK' | 'SEVERAL_TRUCKS' | 'OWN';

export function trailing(
  lane: LaneState,
  session: LaneSession,
  kept: readonly SessionTag[],
  { overtime }: ClosingRule,
  preSessionMs: number,
): Trailing {
  const last = lane.recent.at(-1);
  const entry = session.loops?.entry ?? null;
  if (overtime || session.loops === null || entry === null || last === undefined || last.wentOnBy !== entry)
    return 'OWN';
  if (session.opened.at > last.textsUntil || !isHeard(last, session, session.opened.at - preSessionMs)) return 'OWN';
  const isOneSided = session.loops.sides[OTHER_SIDE[entry]] === null;
  if (isAllOf(last, session, kept)) return isOneSided ? 'SAME_TRUCK' : 'OWN';
  return isOneSided ? 'OWN' : 'SEVERAL_TRUCKS';
}

function isHeard(last: RecentPass, session: LaneSession, since: EpochMs): boolean {
  if (last.heardAt !== null && last.heardAt >= since) return true;
  return session.tags.some((tag) => isTagOf(last, tag)) || textsOf(session).some((text) => last.texts.includes(text));
}

function isAllOf(last: RecentPass, session: LaneSession, kept: readonly SessionTag[]): boolean {
  return (
    session.decision === null &&
    kept.every((tag) => isTagOf(last, tag)) &&
    textsOf(session).every((text) => last.texts.includes(text))
  );
}

function isTagOf(last: RecentPass, { epc }: SessionTag): boolean {
  return last.tags.some((tag) => tag.epc === epc);
}
