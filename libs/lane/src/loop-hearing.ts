import type { LanePresence, LoopPosition } from '#libs/telemetry';
import type { Side } from './direction.js';
import { put, type LanesState } from './gateway-lanes.js';
import type { Stamp } from './lane-session.js';
import { isOn, reworded, type LaneState } from './lane-state.js';
import { fall, rise } from './loops.js';
import { opened } from './session-opening.js';

/* Loops and beams: a rise opens a session unless it is chatter behind the truck that left, and each edge is traced. */

export function hearLoop(
  state: LanesState,
  lane: LaneState,
  { signal, on }: LanePresence,
  position: LoopPosition,
  stamp: Stamp,
): LanesState {
  if (!lane.config.loops.includes(position)) return state;
  const key = `${signal}:${position}`;
  const known = lane.presence[key];
  if (on === (known !== undefined)) return state;
  const side = position === 'ONLY' ? null : position;
  return put(state, on ? risen(state, lane, key, side, stamp) : fallen(state, lane, key, side, stamp));
}

function risen(state: LanesState, lane: LaneState, key: string, side: Side | null, stamp: Stamp): LaneState {
  const { chatter } = lane;
  if (chatter !== null && side === chatter.side && (chatter.risen !== null || stamp.at < chatter.until)) {
    const presence = { ...lane.presence, [key]: 'CHATTER' as const };
    return { ...lane, presence, chatter: { ...chatter, risen: chatter.risen ?? stamp } };
  }
  const present = occupied(state, lane, side !== null && !isOn(lane, side) ? side : null, stamp);
  return { ...present, presence: { ...lane.presence, [key]: 'ON' } };
}

/** What looked like chatter has stayed on: somebody stands there since it rose, in a session of his own if none is open. */
export function confirmed(state: LanesState, lane: LaneState): LaneState {
  const { chatter } = lane;
  if (chatter === null || chatter.risen === null) return lane;
  const present = occupied(state, lane, chatter.side, chatter.risen);
  return { ...present, presence: reworded(lane.presence, 'CHATTER', 'ON'), chatter: null };
}

/** `rising`: the side that was off until now. */
function occupied(state: LanesState, lane: LaneState, rising: Side | null, stamp: Stamp): LaneState {
  const session = lane.session ?? opened(state, lane, stamp);
  const { bounceMs } = state.timings;
  const loops =
    session.loops !== null && rising !== null ? rise(session.loops, rising, stamp.at, bounceMs) : session.loops;
  const lastSign = later(session.lastSign, stamp);
  return { ...lane, waiting: [], session: { ...session, lastSign, clearSince: null, loops } };
}

function fallen(state: LanesState, lane: LaneState, key: string, side: Side | null, stamp: Stamp): LaneState {
  const { bounceMs } = state.timings;
  const presence = Object.fromEntries(Object.entries(lane.presence).filter(([other]) => other !== key));
  const left: LaneState = { ...lane, presence };
  const word = lane.presence[key];
  if (word === 'CHATTER' && lane.chatter !== null) {
    const isStill = Object.values(presence).includes('CHATTER');
    return isStill ? left : { ...left, chatter: { ...lane.chatter, until: stamp.at + bounceMs, risen: null } };
  }
  const { session } = lane;
  if (word === 'STUCK' || session === null) return left;
  const falls = side !== null && !isOn(left, side);
  const loops = session.loops !== null && falls ? fall(session.loops, side, stamp.at, bounceMs) : session.loops;
  const clearSince = Object.values(presence).includes('ON') ? null : stamp;
  return { ...left, session: { ...session, lastSign: stamp, loops, clearSince } };
}

function later(a: Stamp, b: Stamp): Stamp {
  return b.at >= a.at ? b : a;
}
