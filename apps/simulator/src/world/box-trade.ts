import { drawBetween, happens } from './random.js';
import type { PlannedBox, SitePlan } from './site-plan.js';
import type { BoxState, TruckState, World } from './world.js';

const MINUTE_MS = 60_000;
/** A trailer takes two of 20 feet, or one of more. */
const IS_SHORT = /^2/;

export function initialBox(planned: PlannedBox, world: Pick<World, 'random'>, index: number): BoxState {
  const [next] = planned.moves ?? [];
  const fullness = next?.fullness ?? (happens(world.random, 0.5) ? 'LADEN' : 'EMPTY');
  return {
    place: next === undefined ? (index % 2 === 0 ? 'OUTSIDE' : 'YARD') : next.direction === 'IN' ? 'OUTSIDE' : 'YARD',
    fullness,
    cargoKg: cargoFor(planned, fullness, world),
    moved: 0,
    readyAt: 0,
  };
}

/** Puts the next boxes on an empty truck; its own company's shipments go first. Gives how many. */
export function load(plan: SitePlan, world: World, truck: TruckState, from: 'OUTSIDE' | 'YARD'): number {
  const organisationId = plan.trucks.get(truck.truckId)?.truck.organisationId;
  const offered = [...plan.boxes].filter(([number, planned]) => {
    const box = world.boxes[number];
    if (box === undefined || box.place !== from || box.readyAt > world.at) return false;
    if (planned.moves === null) return true;
    const direction = from === 'OUTSIDE' ? 'IN' : 'OUT';
    return planned.moves[box.moved]?.direction === direction && planned.organisationId === organisationId;
  });
  // the plan lists boxes of shipments first, in the order of their shipments
  const [first, ...others] = (offered[0]?.[1].moves ?? null) === null ? rotated(offered, world.passes) : offered;
  if (first === undefined) return 0;
  const [number, planned] = first;
  put(world, truck, number);
  if (IS_SHORT.test(planned.container.sizeType)) {
    const second = others.find(
      ([, other]) => IS_SHORT.test(other.container.sizeType) && other.shipmentId === planned.shipmentId,
    );
    if (second !== undefined && (planned.moves !== null || happens(world.random, 0.5))) put(world, truck, second[0]);
  }
  return truck.boxes.length;
}

/** Takes all boxes off; beyond the gate their goods change before they come again. */
export function unload(plan: SitePlan, world: World, truck: TruckState, to: 'OUTSIDE' | 'YARD'): void {
  for (const number of truck.boxes) {
    const box = world.boxes[number];
    const planned = plan.boxes.get(number);
    if (box === undefined || planned === undefined) continue;
    box.place = to;
    box.moved += 1;
    box.readyAt = world.at + drawBetween(world.random, 3, 8) * MINUTE_MS;
    const next = planned.moves?.[box.moved]?.fullness;
    if (to === 'OUTSIDE') {
      box.fullness = next ?? (happens(world.random, 0.5) ? 'LADEN' : 'EMPTY');
      box.cargoKg = cargoFor(planned, box.fullness, world);
    }
  }
  truck.boxes = [];
}

function put(world: World, truck: TruckState, number: string): void {
  const box = world.boxes[number];
  if (box === undefined) return;
  box.place = { on: truck.truckId };
  truck.boxes.push(number);
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = list.length === 0 ? 0 : (by * 7) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

function cargoFor({ container }: PlannedBox, fullness: BoxState['fullness'], world: Pick<World, 'random'>): number {
  if (fullness === 'EMPTY') return 0;
  const mostKg = Math.min(container.maxGrossKg - container.tareKg, 22_000);
  return Math.round(drawBetween(world.random, 7_000, mostKg));
}
