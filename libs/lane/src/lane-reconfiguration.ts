import { breakOff } from './deadlines.js';
import { assembled, laneOf, type LanesState } from './gateway-lanes.js';
import type { LaneConfig } from './lane-config.js';
import { emptyLane, type FusionTimings, type LaneState } from './lane-state.js';
import { closeSession, type LaneClosing } from './session-closing.js';

/**
 * Goes on under another configuration: new timings, sides and antennas hold for what comes from here on, also in sessions
 * that are open. A session of a lane that is gone, or whose loops are others now, ends by what is known of it, in the order of
 * lane ids; such a lane begins empty, and its new loops are believed off until they say otherwise.
 */
export function reconfigureLanes(
  before: LanesState,
  siteId: string,
  configs: readonly LaneConfig[],
  timings: FusionTimings,
): { state: LanesState; closings: readonly LaneClosing[] } {
  const wanted = new Map(siteId === before.siteId ? configs.map((config) => [config.laneId, config] as const) : []);
  const goesOn = ({ config }: LaneState): boolean => hasSameLoops(config, wanted.get(config.laneId));
  let state = before;
  const closings: LaneClosing[] = [];
  for (const { config } of before.lanes) {
    const lane = laneOf(state, config.laneId);
    if (lane === undefined || lane.session === null || goesOn(lane)) continue;
    const closed = closeSession(state, lane, lane.session, breakOff(lane.session));
    closings.push(closed.closing);
    state = closed.state;
  }
  const lanes = configs.map((config): LaneState => {
    const known = wanted.has(config.laneId) ? laneOf(state, config.laneId) : undefined;
    if (known === undefined) return emptyLane(config);
    return goesOn(known) ? { ...known, config } : { ...emptyLane(config), recent: known.recent };
  });
  return { state: assembled(siteId, timings, lanes, state.counters), closings };
}

function hasSameLoops(a: LaneConfig, b: LaneConfig | undefined): boolean {
  return (
    b !== undefined && a.loops.length === b.loops.length && a.loops.every((position) => b.loops.includes(position))
  );
}
