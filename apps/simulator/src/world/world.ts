import type { LonLat } from '#libs/geo';
import type { encodeReading } from '#hardware-adapters/jsonl';
import { along } from './line.js';
import type { RandomState } from './random.js';
import type { Edge, SitePlan } from './site-plan.js';

/** What a lane's controller or camera says of the world; whoever carries it gives it a number and a time. */
export interface Signal {
  readonly deviceId: string;
  readonly body: LineBody;
}

/** The readings that the line protocol can carry. */
export type LineBody = Parameters<typeof encodeReading>[2];
export type LoopName = 'LANDSIDE' | 'TERMINALSIDE' | 'ONLY';

/**
 * The port at one moment: plain JSON, owned and changed in place by `advance`. `at` counts the port's own milliseconds,
 * which run faster than the clock when the port does.
 */
export interface World {
  readonly siteId: string;
  at: number;
  random: RandomState;
  readonly trucks: TruckState[];
  readonly boxes: Record<string, BoxState>;
  readonly lanes: Record<string, LaneState>;
  /** Passes begun, of all lanes: the first ones go without a hitch. */
  passes: number;
}

export interface BoxState {
  /** A truck's id, or where it stands; OUTSIDE is anywhere beyond the truck park. */
  place: { on: string } | 'OUTSIDE' | 'YARD';
  fullness: 'LADEN' | 'EMPTY';
  cargoKg: number;
  /** How many of its shipment's passes are done. */
  moved: number;
  /** Not to be fetched before. */
  readyAt: number;
}

export interface LaneState {
  /** The truck beyond the hold line; null: none. */
  occupant: string | null;
  /** The next truck may come from here on. */
  freeAt: number;
  loops: Partial<Record<LoopName, boolean>>;
  barrierUp: boolean;
}

export interface TruckState {
  readonly truckId: string;
  /** Its place in the park and in the yard. */
  readonly slot: number;
  edgeId: string;
  /** Metres of its front along the edge. */
  s: number;
  speedMps: number;
  /** Stands in the park or under the crane until then; null: drives. */
  standsUntil: number | null;
  laneId: string | null;
  /** Front to rear. */
  boxes: string[];
  pass: LanePassage | null;
  /** Turned away on this trip: it keeps its boxes and tries again. */
  refused: boolean;
}

/** One truck's way through a lane, from the hold line on. */
export interface LanePassage {
  readonly direction: 'IN' | 'OUT';
  /** One of the first of the port's life: nothing goes wrong in it. */
  readonly isPlain: boolean;
  readonly accepted: boolean;
  readonly refusal: string | null;
  /** COMING to the stop line, STANDING at it, LEAVING by the exit, BACKING off. */
  stage: 'COMING' | 'STANDING' | 'LEAVING' | 'BACKING';
  plateRead: boolean;
  boxesRead: boolean;
  /** Field strength that the neighbour lanes' readers have of its tags, in dB against their own. */
  readonly strayDb: number;
  /** What is still to be said, by time; null is the start of the engine. */
  agenda: { readonly at: number; readonly signal: Signal | null }[];
}

/** Bumper to bumper with its trailer. */
export const TRUCK_LENGTH_M = 16.5;
/** Where the front of a truck that stands in a lane is, in metres past the lane's centre in the direction of travel. */
export const STOP_AT_M = 5;

export function edgeOf(plan: SitePlan, truck: TruckState): Edge {
  const edge = plan.edges.get(truck.edgeId);
  if (edge === undefined) throw new Error(`${truck.truckId} is on ${truck.edgeId}, which is no road of ${plan.siteId}`);
  return edge;
}

/** Metres of a truck's front past its lane's centre, in its direction of travel; null on any other road. */
export function inLaneM(plan: SitePlan, truck: TruckState): number | null {
  const edge = edgeOf(plan, truck);
  return edge.laneAtM === null ? null : truck.s - edge.laneAtM;
}

export interface Motion extends LonLat {
  readonly speedMps: number;
  /** Clockwise from north. */
  readonly courseDeg: number;
}

/** Where a truck's front is and how it moves, without any error of measurement. */
export function motionOf(plan: SitePlan, truck: TruckState): Motion {
  const { line } = edgeOf(plan, truck);
  const point = along(line, truck.s);
  const backs = truck.speedMps < 0;
  return {
    ...plan.frame.toDegrees(point),
    speedMps: Math.abs(truck.speedMps),
    courseDeg: backs ? (point.courseDeg + 180) % 360 : point.courseDeg,
  };
}
