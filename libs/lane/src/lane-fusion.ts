import type { EpochMs } from '#libs/kernel';
import { isTagReading, type LaneDecision, type Reading } from '#libs/telemetry';
import { closingRule, confirmationAt, NEVER } from './deadlines.js';
import { count, laneOf, nextDeadline, put, type LanesState } from './gateway-lanes.js';
import { stampOf, takeDecision, takeEvidence, type Stamp } from './lane-session.js';
import type { LaneState } from './lane-state.js';
import { confirmed, hearLoop } from './loop-hearing.js';
import { closeSession, type LaneClosing } from './session-closing.js';
import { wait } from './session-opening.js';
import { hearTag } from './tag-hearing.js';
import { holdText } from './tails.js';

/*
 * Everything that a gateway's lanes hear → passes. A session is opened by a reading and closed by a deadline, never by a
 * reading, so that its end does not depend on what else happens to be read:
 *
 * - lane with loops on both sides, when the truck was seen to leave: in the instant in which the exit side falls;
 * - lane with loops or beams otherwise: `bounceMs` after the last of them fell, unless one rose again;
 * - lane without: `idleMs` after the last sign of anybody;
 * - any lane: `maxSessionMs` after it opened.
 *
 * Pure: the state is plain JSON; `at` is the gateway's pipeline clock, which stands still while the gateway is down.
 *
 * The parts, in the order in which a truck meets them; the rules that they ask are files of their own, without state:
 *
 * 1. `lane-state`, `gateway-lanes`: what is remembered of a lane, and of all of them
 * 2. `session-opening`: what is read in the empty lane waits for a session, which begins with it
 * 3. `loop-hearing`: loops and beams open sessions and trace the truck's way         rules: `loops`
 * 4. `tag-hearing`, `tails`: a tag is the truck's here, or one's that just left      rules: `direction`
 * 5. `lane-session`: a session takes tags, numbers, weights and the decision
 * 6. `deadlines`: when a session ends, and by which rule
 * 7. `session-closing`: it ends
 * 8. `tag-settling`: a tag that several lanes heard belongs to one of them           rules: `cross-reads`
 * 9. `trailing-session`: it may have been no truck but the rear of the last one
 * 10. `pass-making`: direction, exit and outcome; then the lane keeps only the tail  rules: `direction`, `outcome`
 *
 * `lane-reconfiguration` goes on under another configuration; `pipeline` stands above all this, with smoothing beside it.
 */

/** Takes one reading of a lane's device; deadlines ≤ `at` must have been worked off. An unknown lane changes nothing. */
export function fuseReading(state: LanesState, laneId: string, reading: Reading, at: EpochMs): LanesState {
  const lane = laneOf(state, laneId);
  if (lane === undefined) return state;
  const stamp = stampOf(reading, at);
  if (isTagReading(reading)) return hearTag(state, lane, reading, stamp);
  const { body } = reading;
  if (body.kind === 'LaneSignal') {
    if (body.signal === 'BARRIER') return state;
    return body.signal === 'DECISION'
      ? hearDecision(state, lane, body, stamp)
      : hearLoop(state, lane, body, body.position, stamp);
  }
  if (lane.session !== null) return put(state, { ...lane, session: takeEvidence(lane.session, body, stamp) });
  const held = holdText(lane, body, at);
  return held === null ? wait(state, lane, reading, at) : count(put(state, held), { tailReads: 1 });
}

function hearDecision(state: LanesState, lane: LaneState, word: LaneDecision, stamp: Stamp): LanesState {
  if (lane.session === null) return count(state, { decisionsUnheard: 1 });
  return put(state, { ...lane, session: takeDecision(lane.session, word, stamp) });
}

/** The next deadline of any lane; null: no session is open, and no rise is waited for. */
export function nextLaneDeadline(state: LanesState): EpochMs | null {
  const { at } = nextDeadline(state);
  return at === NEVER ? null : at;
}

/** Works off every deadline ≤ `at`, in the order of the deadlines; equal ones by lane id. */
export function advanceLanes(before: LanesState, at: EpochMs): { state: LanesState; closings: readonly LaneClosing[] } {
  if (at < before.quietUntil) return { state: before, closings: NO_CLOSINGS };
  let state = before;
  const closings: LaneClosing[] = [];
  for (;;) {
    const next = nextDeadline(state);
    if (next.lane === null || next.at > at) return { state: { ...state, quietUntil: next.at }, closings };
    const { lane } = next;
    if (confirmationAt(lane, state.timings) === next.at) {
      state = put(state, confirmed(state, lane));
    } else if (lane.session !== null) {
      const closed = closeSession(state, lane, lane.session, closingRule(lane.config, lane.session, state.timings));
      closings.push(closed.closing);
      state = closed.state;
    }
  }
}

const NO_CLOSINGS: readonly LaneClosing[] = [];
