import { derivedId, type EpochMs } from '#libs/kernel';
import { isTagReading, type Reading, type TagReading } from '#libs/telemetry';
import { sideOfAntenna } from './direction.js';
import { count, put, type LanesState } from './gateway-lanes.js';
import {
  openSession,
  stampOf,
  takeEvidence,
  takeTag,
  type Awaited,
  type LaneSession,
  type Stamp,
} from './lane-session.js';
import { hasTwoSides, MAX_WAITING, type LaneState } from './lane-state.js';
import { NO_LOOPS_SEEN } from './loops.js';
import { tailElsewhere } from './tails.js';

/* What is read while a lane is empty waits for the truck that it was read of; a session begins with it. */

export function wait(state: LanesState, lane: LaneState, reading: Reading, at: EpochMs): LanesState {
  const stale = lane.waiting.findIndex((waiting) => waiting.at >= at - state.timings.preSessionMs);
  const fresh = stale === -1 ? [] : lane.waiting.slice(stale);
  const dropped = Math.max(0, fresh.length + 1 - MAX_WAITING);
  const next = put(state, { ...lane, waiting: [...fresh.slice(dropped), { reading, at }] });
  return dropped === 0 ? next : count(next, { evidenceDropped: dropped });
}

export function opened(state: LanesState, lane: LaneState, stamp: Stamp): LaneSession {
  const { config } = lane;
  const { deviceId, boot, sequence } = stamp.ref;
  const passId = derivedId('pass', state.siteId, config.laneId, deviceId, boot, sequence);
  const tellsSides = hasTwoSides(config) && !Object.values(lane.presence).includes('STUCK');
  let session = openSession(passId, stamp, tellsSides ? NO_LOOPS_SEEN : null);
  for (const { reading, at } of lane.waiting) {
    if (at < stamp.at - state.timings.preSessionMs) continue;
    const early = stampOf(reading, at);
    session = isTagReading(reading)
      ? (withTag(state, lane, session, reading, early, null).session ?? session)
      : takeEvidence(session, reading.body, early);
  }
  return { ...session, lastSign: stamp };
}

export function withTag(
  state: LanesState,
  lane: LaneState,
  session: LaneSession,
  { deviceId, body }: TagReading,
  stamp: Stamp,
  awaits: Awaited | null,
): LaneState {
  const isKnown = session.tags.some((tag) => tag.epc === body.epc);
  const context = {
    side: sideOfAntenna(lane.config, deviceId, body.antenna),
    awaits,
    // Asked at a tag's first read only: the search over all lanes' tails costs more than the rest of a read.
    tailOf: isKnown ? null : tailElsewhere(state, lane.config.laneId, body.epc, stamp.at),
  };
  return { ...lane, session: takeTag(session, body, stamp, context) };
}
