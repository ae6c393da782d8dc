import type { EpochMs } from '#libs/kernel';
import type { ClosingRule } from './deadlines.js';
import type { LanePass } from './gate-pass.js';
import { count, put, type LanesState } from './gateway-lanes.js';
import type { LaneSession } from './lane-session.js';
import { reworded, type LaneState } from './lane-state.js';
import { isPhantom, passOf } from './pass-making.js';
import { settleTags } from './tag-settling.js';
import { prolong, remember } from './tails.js';
import { trailing } from './trailing-session.js';

/* A session ends: its tags are settled, its pass is made, and the lane is empty again. */

/** One session's end; `pass` is null when nobody had been there. */
export interface LaneClosing {
  readonly laneId: string;
  /** Pipeline clock of the deadline. */
  readonly firedAt: EpochMs;
  readonly pass: LanePass | null;
}

export function closeSession(
  before: LanesState,
  lane: LaneState,
  session: LaneSession,
  rule: ClosingRule,
): { state: LanesState; closing: LaneClosing } {
  const { laneId } = lane.config;
  const { bounceMs, preSessionMs, tailMs } = before.timings;
  const settled = settleTags(before, laneId, session);
  const trail = trailing(lane, session, settled.kept, rule, preSessionMs);
  const isNobody = trail === 'SAME_TRUCK' || isPhantom(lane, session, settled);
  const made = isNobody ? null : passOf(before.siteId, lane.config, session, rule, settled, trail);
  const emptied: LaneState = {
    ...lane,
    session: null,
    waiting: [],
    presence: reworded(lane.presence, 'ON', 'STUCK'),
    chatter: rule.leftBy === null ? lane.chatter : { side: rule.leftBy, until: rule.at + bounceMs, risen: null },
    recent: made === null ? lane.recent : remember(lane, made, settled.kept, rule, rule.at + tailMs),
  };
  const after = trail === 'SAME_TRUCK' ? prolong(emptied, rule.at + tailMs) : emptied;
  const state = count(put(settled.state, after), {
    passes: made === null ? 0 : 1,
    phantomSessions: made === null ? 1 : 0,
    crossReads: settled.crossReads.length,
    evidenceDropped: session.dropped,
  });
  return { state, closing: { laneId, firedAt: rule.at, pass: made?.pass ?? null } };
}
