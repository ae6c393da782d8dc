import type { Lane } from '../../../../fixtures/index.js';
import { misread } from './misread.js';
import { drawBetween, happens, pick } from './random.js';
import type { SitePlan } from './site-plan.js';
import {
  inLaneM,
  STOP_AT_M,
  TRUCK_LENGTH_M,
  type LanePassage,
  type LineBody,
  type LoopName,
  type Signal,
  type TruckState,
  type World,
} from './world.js';

/*
 * A lane along a truck's way; p is the front's place past the centre, in metres:
 *
 *        hold line    entry loop    stop line  exit loop
 *   ─────────┼───────────[==]───────────┼────────[==]──────────▶
 *          p=-30        -6..-4         +5       +6..+8
 *
 * A lane with one loop has it from -6 to +6; one without has none.
 */
export const HOLD_LINE_M = -30;
const ENTRY_LOOP = [-6, -4] as const;
const EXIT_LOOP = [6, 8] as const;
const ONLY_LOOP = [-6, 6] as const;
/** Both loops are behind the truck. */
export const CLEAR_M = EXIT_LOOP[1] + TRUCK_LENGTH_M;
const PLATE_AT_M = -3;
const BOXES_AT_M = 2;

const REFUSED_SHARE = 0.04;
const MISREAD_SHARE = 0.08;
/** Of the misread numbers, how many are read again, right. */
const READ_AGAIN_SHARE = 0.7;
const UNREAD_SHARE = 0.015;
const STRAY_SHARE = 0.2;
const REFUSALS = [
  'no booking for this box',
  'appointment has expired',
  'seal is missing on the papers',
  'gross mass is not declared',
] as const;
/** The first passes of a port's life go without a hitch, so that a newcomer sees a plain one. */
const PLAIN_PASSES = 6;

export function beginPassage(world: World, direction: 'IN' | 'OUT'): LanePassage {
  const { random } = world;
  world.passes += 1;
  const isPlain = world.passes <= PLAIN_PASSES;
  const accepted = isPlain || !happens(random, REFUSED_SHARE);
  return {
    direction,
    isPlain,
    accepted,
    refusal: accepted ? null : (pick(random, REFUSALS) ?? null),
    stage: 'COMING',
    plateRead: false,
    boxesRead: false,
    strayDb: !isPlain && happens(random, STRAY_SHARE) ? -13 : -30,
    agenda: [],
  };
}

/** Cameras, scale and terminal system see a truck that stands in a lane; it leaves when they are done. */
export function playPassage(plan: SitePlan, world: World, lane: Lane, truck: TruckState): Signal[] {
  const { pass } = truck;
  const p = inLaneM(plan, truck);
  if (pass === null || p === null) return [];
  if (!pass.plateRead && p >= PLATE_AT_M) {
    pass.plateRead = true;
    seeNumbers(plan, world, lane, truck, pass, 'PLATE');
  }
  if (!pass.boxesRead && p >= BOXES_AT_M) {
    pass.boxesRead = true;
    seeNumbers(plan, world, lane, truck, pass, 'CONTAINER');
  }
  if (pass.stage === 'COMING' && p >= STOP_AT_M - 0.5 && truck.speedMps < 0.3) {
    pass.stage = 'STANDING';
    decide(plan, world, lane, truck, pass);
  }
  const signals: Signal[] = [];
  while (pass.agenda[0] !== undefined && pass.agenda[0].at <= world.at) {
    const due = pass.agenda.shift();
    if (due === undefined) break;
    if (due.signal === null) pass.stage = pass.accepted ? 'LEAVING' : 'BACKING';
    else {
      signals.push(due.signal);
      const { body } = due.signal;
      if (body.kind === 'LaneSignal' && body.signal === 'BARRIER') {
        const state = world.lanes[lane.laneId];
        if (state !== undefined) state.barrierUp = body.on;
      }
    }
  }
  return signals;
}

/** Compares what stands on the loops with what they last said. */
export function senseLoops(plan: SitePlan, world: World, lane: Lane, trucks: readonly TruckState[]): Signal[] {
  const state = world.lanes[lane.laneId];
  if (state === undefined) return [];
  const signals: Signal[] = [];
  for (const position of lane.loops) {
    const on = trucks.some((truck) => standsOn(plan, truck, position));
    if (on === (state.loops[position] ?? false)) continue;
    state.loops[position] = on;
    signals.push({
      deviceId: lane.devices.controller,
      body: { kind: 'LaneSignal', signal: 'LOOP', position, on },
    });
  }
  return signals;
}

export function lowerBarrier(lane: Lane): Signal {
  return {
    deviceId: lane.devices.controller,
    body: { kind: 'LaneSignal', signal: 'BARRIER', position: 'ONLY', on: false },
  };
}

function standsOn(plan: SitePlan, truck: TruckState, position: LoopName): boolean {
  const p = inLaneM(plan, truck);
  if (p === null || truck.pass === null) return false;
  const entry = truck.pass.direction === 'IN' ? 'LANDSIDE' : 'TERMINALSIDE';
  const [from, to] = position === 'ONLY' ? ONLY_LOOP : position === entry ? ENTRY_LOOP : EXIT_LOOP;
  return p > from && p - TRUCK_LENGTH_M < to;
}

function decide(plan: SitePlan, world: World, lane: Lane, truck: TruckState, pass: LanePassage): void {
  const { random } = world;
  const controller = (body: LineBody): Signal => ({ deviceId: lane.devices.controller, body });
  const decidedAt = world.at + drawBetween(random, 2_000, pass.isPlain ? 2_500 : 4_500);
  say(pass, world.at + 800, controller({ kind: 'WeightReading', grossKg: weigh(plan, world, truck), stable: true }));
  say(
    pass,
    decidedAt,
    controller({
      kind: 'LaneSignal',
      signal: 'DECISION',
      verdict: pass.accepted ? 'ACCEPTED' : 'REFUSED',
      by: 'TOS',
      reason: pass.refusal,
    }),
  );
  if (pass.accepted) {
    say(pass, decidedAt + 400, controller({ kind: 'LaneSignal', signal: 'BARRIER', position: 'ONLY', on: true }));
  }
  say(pass, decidedAt + 900, null);
}

function weigh(plan: SitePlan, world: World, truck: TruckState): number {
  const planned = plan.trucks.get(truck.truckId)?.truck;
  const boxesKg = truck.boxes.reduce((sum, number) => {
    const box = world.boxes[number];
    return sum + (plan.boxes.get(number)?.container.tareKg ?? 0) + (box?.cargoKg ?? 0);
  }, 0);
  const grossKg = (planned?.tractorKg ?? 0) + (planned?.chassisKg ?? 0) + boxesKg;
  // a weighbridge of this class tells steps of 20 kg
  return Math.round((grossKg + drawBetween(world.random, -30, 30)) / 20) * 20;
}

function seeNumbers(
  plan: SitePlan,
  world: World,
  lane: Lane,
  truck: TruckState,
  pass: LanePassage,
  target: 'PLATE' | 'CONTAINER',
): void {
  const { random } = world;
  const see = (at: number, text: string, confidence: number, index: number): void =>
    say(pass, at, {
      deviceId: lane.devices.camera,
      body: {
        kind: 'OcrRead',
        target,
        text,
        confidence: Math.round(confidence * 100) / 100,
        // these cameras keep no pictures
        pictureUrl: null,
        position: target === 'PLATE' ? null : truck.boxes.length === 1 ? 'MIDDLE' : index === 0 ? 'FRONT' : 'REAR',
      },
    });
  const numbers = target === 'PLATE' ? [plan.trucks.get(truck.truckId)?.truck.plate ?? ''] : truck.boxes;
  numbers.forEach((number, index) => {
    const at = world.at + drawBetween(random, 150, 500) + index * 250;
    const isPlain = pass.isPlain || target === 'PLATE';
    if (!isPlain && happens(random, UNREAD_SHARE)) return;
    if (isPlain || !happens(random, MISREAD_SHARE)) {
      see(at, number, drawBetween(random, 0.9, 0.99), index);
      return;
    }
    see(at, misread(random, number), drawBetween(random, 0.52, 0.76), index);
    if (happens(random, READ_AGAIN_SHARE)) see(at + 900, number, drawBetween(random, 0.88, 0.97), index);
  });
}

function say(pass: LanePassage, at: number, signal: Signal | null): void {
  pass.agenda.push({ at, signal });
  pass.agenda.sort((a, b) => a.at - b.at);
}
