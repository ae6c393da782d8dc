import { initialBox, load, unload } from './box-trade.js';
import { beginPassage, CLEAR_M, HOLD_LINE_M, lowerBarrier, playPassage, senseLoops } from './lane-scene.js';
import { createRandom, drawBetween, happens, pick } from './random.js';
import { TURNED_BACK_AT_M, type Edge, type SitePlan } from './site-plan.js';
import { edgeOf, inLaneM, STOP_AT_M, TRUCK_LENGTH_M, type Signal, type TruckState, type World } from './world.js';

// hot: each truck, each step
const { max, min, sqrt } = Math;

const ACCELERATION_MPS2 = 0.8;
const BRAKING_MPS2 = 1.2;
const BACKING_MPS = -1.2;
const LANE_LIMIT_MPS = 15 / 3.6;
const SLOW_IN_LANE_M = [-45, 30] as const;
const UNBOUNDED_M = 1e6;
/** Front to front of two trucks that queue. */
const SPACING_M = TRUCK_LENGTH_M + 3.5;
/** Free road behind a place where a truck joins from the side: what a truck at 25 km/h needs to slow down. */
const JOINING_GAP_M = 45;
/** More than the 52 m in which 40 km/h are braked away, and a place in the queue. */
const LOOK_AHEAD_M = 80;
const FIRST_MINUTES_MS = 300_000;
/** A truck this far past its lane can no longer be heard there. */
const UNHEARD_M = 45;
const LOADED_TRIP_SHARE = 0.75;

export interface WorldOptions {
  readonly seed: number;
  /** How much faster than the clock the port lives. */
  readonly speed: number;
}

/** A port in full swing: one truck rolls into a lane, others follow, stand under cranes or wait in the park. */
export function createWorld(plan: SitePlan, { seed }: WorldOptions): World {
  const random = createRandom(seed);
  const world: World = {
    siteId: plan.siteId,
    at: 0,
    random,
    trucks: [],
    boxes: {},
    lanes: Object.fromEntries(
      plan.lanes.map(({ laneId }) => [laneId, { occupant: null, freeAt: 0, loops: {}, barrierUp: false }]),
    ),
    passes: 0,
  };
  [...plan.boxes].forEach(([number, planned], index) => {
    world.boxes[number] = initialBox(planned, world, index);
  });
  [...plan.trucks.keys()].forEach((truckId, slot) => world.trucks.push(placeFirst(plan, world, truckId, slot)));
  return world;
}

/** Moves the port on by `dtMs` (at most 250, so that no truck jumps a loop) and gives what its devices have to say, in order. */
export function advance(plan: SitePlan, world: World, dtMs: number, { speed }: WorldOptions): Signal[] {
  world.at += dtMs;
  for (const truck of world.trucks) {
    if (truck.standsUntil === null) drive(plan, world, truck, dtMs / 1_000);
    else if (truck.standsUntil <= world.at) setOut(plan, world, truck);
  }
  const signals: Signal[] = [];
  const passing = world.trucks.filter((truck) => truck.pass !== null);
  for (const lane of plan.lanes) {
    if (passing.length === 0) break;
    const here = passing.filter((truck) => truck.laneId === lane.laneId);
    if (here.length === 0) continue;
    for (const truck of here) signals.push(...playPassage(plan, world, lane, truck));
    signals.push(...senseLoops(plan, world, lane, here));
    for (const truck of here) signals.push(...leaveLane(plan, world, truck, lane, speed));
  }
  return signals;
}

/** Lets the lane go once its loops are free, and forgets the passage once nobody can hear the truck there. */
function leaveLane(
  plan: SitePlan,
  world: World,
  truck: TruckState,
  lane: SitePlan['lanes'][number],
  speed: number,
): Signal[] {
  const state = world.lanes[lane.laneId];
  const p = inLaneM(plan, truck);
  if (state === undefined || truck.pass === null) return [];
  const isGone = p === null || p >= CLEAR_M;
  const signals: Signal[] = [];
  if (isGone && state.occupant === truck.truckId) {
    state.occupant = null;
    // of the clock, not of the port: a lane without loops tells two trucks apart by five seconds of silence
    const pauseMs = lane.loops.length === 0 ? 7_000 : 1_500;
    state.freeAt = world.at + pauseMs * max(1, speed);
    if (state.barrierUp) {
      state.barrierUp = false;
      signals.push(lowerBarrier(lane));
    }
  }
  if (p === null || p >= UNHEARD_M) truck.pass = null;
  return signals;
}

// ---------------------------------------------------------------------------------------------------- driving

function drive(plan: SitePlan, world: World, truck: TruckState, dtS: number): void {
  const edge = edgeOf(plan, truck);
  if (truck.pass?.stage === 'BACKING') {
    backOff(edge, truck, dtS);
    return;
  }
  claimLane(world, edge, truck);
  const end = edge.kind === 'yard-in' ? (plan.slots[truck.slot]?.inAtM ?? edge.line.lengthM) : edge.line.lengthM;
  const isNearEnd = end - truck.s < LOOK_AHEAD_M;
  const next = isNearEnd ? nextOf(plan, edge, truck) : null;
  const ahead = next === null ? undefined : plan.edges.get(next.edgeId);

  // the nearest thing to stop for, in metres along this edge and on into the next
  let stopM = isNearEnd && next === null ? end : UNBOUNDED_M;
  if (edge.laneAtM !== null) {
    if (truck.pass === null) {
      if (truck.s <= edge.laneAtM + HOLD_LINE_M) stopM = min(stopM, edge.laneAtM + HOLD_LINE_M);
    } else if (truck.pass.stage !== 'LEAVING') stopM = min(stopM, edge.laneAtM + STOP_AT_M);
  }
  for (const other of world.trucks) {
    if (other === truck || other.standsUntil !== null) continue;
    if (edge.isShared && other.s > truck.s && other.edgeId === truck.edgeId) {
      stopM = min(stopM, other.s - SPACING_M);
    } else if (next !== null && ahead?.isShared === true && other.edgeId === next.edgeId) {
      const aheadM = other.s - next.s;
      if (aheadM >= SPACING_M) stopM = min(stopM, end + aheadM - SPACING_M);
      else if (aheadM > -JOINING_GAP_M) stopM = min(stopM, end - 0.1);
    }
  }
  const freeM = max(0, stopM - truck.s);
  let mostMps = min(limitAt(edge, truck.s), sqrt(2 * BRAKING_MPS2 * freeM), freeM / dtS);
  if (ahead !== undefined && ahead.limitMps < edge.limitMps) {
    mostMps = min(mostMps, sqrt(ahead.limitMps ** 2 + 2 * BRAKING_MPS2 * max(0, end - truck.s)));
  }
  truck.speedMps = min(truck.speedMps + ACCELERATION_MPS2 * dtS, mostMps);
  truck.s += truck.speedMps * dtS;
  if (truck.s < end - 0.01) return;
  if (next === null) arrive(world, edge, truck, end);
  else {
    truck.s = next.s + (truck.s - end);
    truck.edgeId = next.edgeId;
  }
}

/** Between cameras and kerbs a truck goes at 15 km/h at most, and is as slow as that before. */
function limitAt({ limitMps, laneAtM }: Edge, s: number): number {
  if (laneAtM === null) return limitMps;
  const [from, to] = SLOW_IN_LANE_M;
  const p = s - laneAtM;
  if (p > to) return limitMps;
  return min(limitMps, sqrt(LANE_LIMIT_MPS ** 2 + 2 * BRAKING_MPS2 * max(0, from - p)));
}

/** Where a truck goes from the end of its edge; null: it stands there. */
function nextOf(
  plan: SitePlan,
  { kind, edgeId }: Edge,
  { slot, laneId }: TruckState,
): { readonly edgeId: string; readonly s: number } | null {
  switch (kind) {
    case 'park-out':
      return { edgeId: 'trunk-in', s: 0 };
    case 'trunk-in':
      return { edgeId: `in:${laneId}`, s: 0 };
    case 'in':
      return { edgeId: 'yard-in', s: 0 };
    case 'yard-in':
      return { edgeId: `slot-in:${slot}`, s: 0 };
    case 'slot-out':
      return { edgeId: 'yard-out', s: plan.slots[slot]?.outAtM ?? 0 };
    case 'yard-out':
      return { edgeId: `out:${laneId}`, s: 0 };
    case 'out':
      return { edgeId: 'trunk-out', s: 0 };
    case 'trunk-out':
      return { edgeId: `park-in:${slot}`, s: 0 };
    case 'back':
      return { edgeId: edgeId.startsWith('back:in:') ? 'trunk-out' : 'yard-in', s: 0 };
    case 'slot-in':
    case 'park-in':
      return null;
  }
}

/** The first of the queue drives on from the hold line when nobody stands in the lane. */
function claimLane(world: World, edge: Edge, truck: TruckState): void {
  if (edge.laneAtM === null || truck.pass !== null) return;
  const p = truck.s - edge.laneAtM;
  const lane = world.lanes[truck.laneId ?? ''];
  if (lane === undefined || p < HOLD_LINE_M - 8 || p > HOLD_LINE_M || lane.occupant !== null || world.at < lane.freeAt)
    return;
  lane.occupant = truck.truckId;
  truck.pass = beginPassage(world, edge.kind === 'in' ? 'IN' : 'OUT');
}

function backOff(edge: Edge, truck: TruckState, dtS: number): void {
  truck.speedMps = max(truck.speedMps - ACCELERATION_MPS2 * dtS, BACKING_MPS);
  truck.s += truck.speedMps * dtS;
  if (edge.laneAtM === null || truck.s > edge.laneAtM + TURNED_BACK_AT_M) return;
  truck.edgeId = `back:${truck.edgeId}`;
  truck.s = 0;
  truck.speedMps = 0;
  truck.refused = true;
}

// ---------------------------------------------------------------------------------------------------- trips

function arrive(world: World, edge: Edge, truck: TruckState, end: number): void {
  truck.s = end;
  truck.speedMps = 0;
  // the first boxes come out soon, so that a newcomer need not wait for them
  const [fromS, toS] = edge.kind === 'park-in' ? [30, 180] : world.at < FIRST_MINUTES_MS ? [15, 40] : [40, 150];
  truck.standsUntil = world.at + drawBetween(world.random, fromS, toS) * 1_000;
}

/** The stay is over: boxes are off, the next ones on, and a lane is chosen. */
function setOut(plan: SitePlan, world: World, truck: TruckState): void {
  const inYard = edgeOf(plan, truck).kind === 'slot-in';
  const place = inYard ? 'YARD' : 'OUTSIDE';
  if (!truck.refused) unload(plan, world, truck, place);
  if (truck.boxes.length === 0 && happens(world.random, LOADED_TRIP_SHARE)) load(plan, world, truck, place);
  const laneId = chooseLane(plan, world, inYard ? 'OUT' : 'IN');
  if (laneId === null) {
    truck.standsUntil = world.at + 5_000;
    return;
  }
  truck.laneId = laneId;
  truck.refused = false;
  truck.standsUntil = null;
  truck.edgeId = `${inYard ? 'slot-out' : 'park-out'}:${truck.slot}`;
  truck.s = 0;
}

/** The lane with the fewest trucks on their way to it; a reversible one only when nobody is. */
function chooseLane(plan: SitePlan, world: World, direction: 'IN' | 'OUT'): string | null {
  const queueOf = (laneId: string): number => world.trucks.filter((truck) => truck.laneId === laneId).length;
  const open = plan.lanes.filter(
    (lane) => lane.direction === direction || (lane.direction === 'REVERSIBLE' && queueOf(lane.laneId) === 0),
  );
  const shortest = min(...open.map(({ laneId }) => queueOf(laneId)));
  return (
    pick(
      world.random,
      open.filter(({ laneId }) => queueOf(laneId) === shortest),
    )?.laneId ?? null
  );
}

function placeFirst(plan: SitePlan, world: World, truckId: string, slot: number): TruckState {
  const truck: TruckState = {
    truckId,
    slot,
    edgeId: `park-in:${slot}`,
    s: 0,
    speedMps: 0,
    standsUntil: null,
    laneId: null,
    boxes: [],
    pass: null,
    refused: false,
  };
  const line = (edgeId: string): number => plan.edges.get(edgeId)?.line.lengthM ?? 0;
  const lanes = plan.lanes.filter(({ direction }) => direction === 'IN');
  const comes = (nth: number, on: 'lane' | 'trunk', metresBefore: number): TruckState => {
    const laneId = lanes[nth % lanes.length]?.laneId ?? null;
    const edgeId = on === 'lane' ? `in:${laneId}` : 'trunk-in';
    const end = on === 'lane' ? (plan.edges.get(edgeId)?.laneAtM ?? 0) : line(edgeId);
    const coming = { ...truck, edgeId, laneId, s: end - metresBefore, speedMps: 3 };
    load(plan, world, coming, 'OUTSIDE');
    return coming;
  };
  // nobody is inside yet, so that each truck that comes out was seen to go in
  const first = FIRST_PLACES[slot];
  if (first === undefined) {
    const edgeId = `park-in:${slot}`;
    return { ...truck, edgeId, s: line(edgeId), standsUntil: (slot - FIRST_PLACES.length) * 15_000 };
  }
  const [nth, on, metresBefore] = first;
  const coming = comes(nth, on, metresBefore);
  if (slot > 0) return coming;
  const lane = world.lanes[coming.laneId ?? ''];
  if (lane !== undefined) lane.occupant = truckId;
  return { ...coming, pass: beginPassage(world, 'IN') };
}

/** The lane (from 0), the road and how far before its end or the lane's centre, of the first trucks. */
const FIRST_PLACES = [
  [2, 'lane', 8.5],
  [1, 'lane', 75],
  [3, 'lane', 120],
  [0, 'lane', 170],
  [2, 'lane', 215],
  [1, 'trunk', 30],
  [3, 'trunk', 150],
  [0, 'trunk', 290],
  [2, 'trunk', 450],
] as const;
