import type { EpochMs } from '#libs/kernel';
import type { ClosingRule } from './deadlines.js';
import type { LanePass } from './gate-pass.js';
import { count, put, type LanesState } from './gateway-lanes.js';
import type { LaneSession } from './lane-session.js';
import { reworded, type LaneState } from './lane-state.js';
import { isPhantom, passOf } from './pass-making.js';
import { settleTags } from './tag-settling.js';
import { remember } from './tails.js';

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
  const settled = settleTags(before, laneId, session);
  const pass = isPhantom(lane, session, settled) ? null : passOf(before.siteId, lane.config, session, rule, settled);
  const chatter = { side: rule.leftBy, until: rule.at + before.timings.bounceMs, risen: null };
  const emptied: LaneState = {
    ...lane,
    session: null,
    waiting: [],
    presence: reworded(lane.presence, 'ON', 'STUCK'),
    chatter: chatter.side === null ? lane.chatter : { ...chatter, side: chatter.side },
    recent: pass === null ? lane.recent : remember(lane, pass, settled.kept, rule, before.timings.tailMs),
  };
  const state = count(put(settled.state, emptied), {
    passes: pass === null ? 0 : 1,
    phantomSessions: pass === null ? 1 : 0,
    crossReads: settled.crossReads.length,
    evidenceDropped: session.dropped,
  });
  return { state, closing: { laneId, firedAt: rule.at, pass: pass?.pass ?? null } };
}
