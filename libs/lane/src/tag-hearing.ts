import type { TagReading } from '#libs/telemetry';
import { sideOfAntenna } from './direction.js';
import { count, put, type LanesState } from './gateway-lanes.js';
import type { Stamp } from './lane-session.js';
import type { LaneState } from './lane-state.js';
import { opened, wait, withTag } from './session-opening.js';
import { doubt, holdTail, isOfSession, tailOf } from './tails.js';

/* A tag is the open session's, the tail of a pass that closed, or waits; in a lane without loops it opens a session. */

export function hearTag(state: LanesState, lane: LaneState, reading: TagReading, stamp: Stamp): LanesState {
  const { epc, antenna } = reading.body;
  const side = sideOfAntenna(lane.config, reading.deviceId, antenna);
  const { session } = lane;
  const inSession = session?.tags.some((tag) => tag.epc === epc) ?? false;
  const tail = inSession ? null : tailOf(lane, epc, stamp.at);
  if (tail === null) {
    if (session !== null) return put(state, withTag(state, lane, session, reading, stamp, null));
    if (lane.config.loops.length > 0) return wait(state, lane, reading, stamp.at);
    const fresh = { ...lane, waiting: [] };
    return put(state, withTag(state, fresh, opened(state, lane, stamp), reading, stamp, null));
  }
  if (session !== null && isOfSession(tail, lane, session, side)) {
    return put(state, withTag(state, lane, session, reading, stamp, doubt(tail, lane, session)));
  }
  return count(put(state, holdTail(lane, tail, session, stamp.at, state.timings.tailMs)), { tailReads: 1 });
}
