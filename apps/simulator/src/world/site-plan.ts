import { DomainError } from '#libs/kernel';
import type { Container, Lane, Port, Truck } from '../../../../fixtures/index.js';
import { along, lineThrough, localFrame, offsetRight, type Line, type LocalFrame, type Point } from './line.js';

/** A tag on a truck or box, as the air carries it. */
export interface Tag {
  readonly pc: string;
  readonly epc: string;
}

/**
 * One way that trucks drive in one direction, one behind the other:
 *
 *   park-out:n ─▶ trunk-in ─▶ in:lane ─▶ yard-in ─▶ slot-in:n
 *   park-in:n ◀─ trunk-out ◀─ out:lane ◀─ yard-out ◀─ slot-out:n
 *
 * and `back:…`, the way of a truck that was turned away: an incoming one to trunk-out, an outgoing one to yard-in.
 */
export interface Edge {
  readonly edgeId: string;
  readonly kind: EdgeKind;
  /** Driven by many; a place in the park or yard and a way back belong to one truck at a time. */
  readonly isShared: boolean;
  readonly line: Line;
  readonly limitMps: number;
  /** Of a lane's way: where on the line the lane's centre is. */
  readonly laneAtM: number | null;
}

export type EdgeKind =
  | 'park-out'
  | 'trunk-in'
  | 'in'
  | 'yard-in'
  | 'slot-in'
  | 'slot-out'
  | 'yard-out'
  | 'out'
  | 'trunk-out'
  | 'park-in'
  | 'back';

const SHARED: ReadonlySet<EdgeKind> = new Set(['trunk-in', 'in', 'yard-in', 'yard-out', 'out', 'trunk-out']);

export interface PlannedTruck {
  readonly truck: Truck;
  readonly tag: Tag | null;
}

export interface PlannedBox {
  readonly container: Container;
  readonly tag: Tag | null;
  /** Passes that its shipment still waits for here, in order; null: a box that nobody follows, and that goes round. */
  readonly moves: readonly { readonly direction: 'IN' | 'OUT'; readonly fullness: 'LADEN' | 'EMPTY' }[] | null;
  readonly organisationId: string | null;
  readonly shipmentId: string | null;
}

/** What of a port does not change while it lives. */
export interface SitePlan {
  readonly siteId: string;
  readonly frame: LocalFrame;
  readonly lanes: readonly Lane[];
  readonly edges: ReadonlyMap<string, Edge>;
  readonly slots: readonly { readonly inAtM: number; readonly outAtM: number }[];
  readonly trucks: ReadonlyMap<string, PlannedTruck>;
  readonly boxes: ReadonlyMap<string, PlannedBox>;
}

/** Half the width of a two-way road, in metres: each direction keeps to its right. */
const KEEP_RIGHT_M = 4;
/** A lane's way is straight this far on both sides of its centre. */
const STRAIGHT_M = 70;
const ROAD_LIMIT_MPS = 40 / 3.6;
const TERMINAL_LIMIT_MPS = 25 / 3.6;
const YARD_LIMIT_MPS = 10 / 3.6;
/** How far from the yard road a truck stands under the crane. */
const SLOT_DEPTHS_M = [60, 110, 160];

/**
 * The site's roads, lanes, trucks and boxes from the fixtures.
 * @throws DomainError INVALID_INPUT when the site is not drawn: no road of eight points through a gate
 */
export function planSite(port: Port, siteId: string, truckCount: number): SitePlan {
  const terminal = port.terminals.find((candidate) => candidate.siteId === siteId);
  const road = port.zones.find((zone) => zone.siteId === siteId && zone.kind === 'ROAD');
  if (terminal === undefined || road?.kind !== 'ROAD' || road.geometry.coordinates.length !== 8) {
    throw new DomainError('INVALID_INPUT', {
      field: 'siteId',
      value: siteId,
      expected: 'a terminal with a drawn road',
    });
  }
  const frame = localFrame(terminal.position);
  const [park, trunkEnd, , , , yardStart, yardEnd] = road.geometry.coordinates.map((point) =>
    frame.toMetres(point),
  ) as [Point, Point, Point, Point, Point, Point, Point];
  const lanes = port.lanes.filter((lane) => lane.siteId === siteId);
  const edges = new Map<string, Edge>();
  const add = (
    kind: EdgeKind,
    of: string | number | null,
    points: readonly Point[],
    limitMps: number,
    laneAtM: number | null = null,
  ): void => {
    const edgeId = of === null ? kind : `${kind}:${of}`;
    edges.set(edgeId, { edgeId, kind, isShared: SHARED.has(kind), line: lineThrough(points), limitMps, laneAtM });
  };

  const trunkIn = offsetRight([park, trunkEnd], KEEP_RIGHT_M);
  const trunkOut = offsetRight([trunkEnd, park], KEEP_RIGHT_M);
  const yardIn = offsetRight([yardStart, yardEnd], KEEP_RIGHT_M);
  const yardOut = offsetRight([yardEnd, yardStart], KEEP_RIGHT_M);
  add('trunk-in', null, trunkIn, ROAD_LIMIT_MPS);
  add('trunk-out', null, trunkOut, ROAD_LIMIT_MPS);
  add('yard-in', null, yardIn, TERMINAL_LIMIT_MPS);
  add('yard-out', null, yardOut, TERMINAL_LIMIT_MPS);

  for (const lane of lanes) {
    const centre = frame.toMetres(lane.position);
    const heading = (lane.inboundHeadingDeg * Math.PI) / 180;
    const at = (metres: number): Point => ({
      x: centre.x + Math.sin(heading) * metres,
      y: centre.y + Math.cos(heading) * metres,
    });
    if (lane.direction !== 'OUT') {
      const points = [trunkIn[1] as Point, at(-STRAIGHT_M), at(STRAIGHT_M), yardIn[0] as Point];
      add('in', lane.laneId, points, TERMINAL_LIMIT_MPS, (lineThrough(points).at[1] as number) + STRAIGHT_M);
      add(
        'back',
        `in:${lane.laneId}`,
        [at(TURNED_BACK_AT_M), at(-STRAIGHT_M), trunkOut[0] as Point],
        TERMINAL_LIMIT_MPS,
      );
    }
    if (lane.direction !== 'IN') {
      const points = [yardOut[1] as Point, at(STRAIGHT_M), at(-STRAIGHT_M), trunkOut[0] as Point];
      add('out', lane.laneId, points, TERMINAL_LIMIT_MPS, (lineThrough(points).at[1] as number) + STRAIGHT_M);
      add(
        'back',
        `out:${lane.laneId}`,
        [at(-TURNED_BACK_AT_M), at(STRAIGHT_M), yardIn[0] as Point],
        TERMINAL_LIMIT_MPS,
      );
    }
  }
  const { lengthM } = edges.get('yard-in')?.line ?? lineThrough(yardIn);
  const slots = Array.from({ length: truckCount }, (_, n) => {
    // rows to both sides of the yard road, one truck in a place, none in the first or last 40 m of the road
    const inAtM = 40 + ((lengthM - 80) * (n + 0.5)) / truckCount;
    const outAtM = lengthM - inAtM;
    const side = n % 2 === 0 ? -1 : 1;
    const enter = along(edges.get('yard-in')?.line ?? lineThrough(yardIn), inAtM);
    const leave = along(edges.get('yard-out')?.line ?? lineThrough(yardOut), outAtM);
    const across = ((enter.courseDeg + 90) * Math.PI) / 180;
    const depth = (SLOT_DEPTHS_M[n % SLOT_DEPTHS_M.length] as number) * side;
    const place = { x: enter.x + Math.sin(across) * depth, y: enter.y + Math.cos(across) * depth };
    add('slot-in', n, [enter, place], YARD_LIMIT_MPS);
    add('slot-out', n, [place, leave], YARD_LIMIT_MPS);
    const spot = { x: park.x - 80 + (n % 10) * 17.8, y: park.y + (n < 10 ? -25 : 25) };
    add('park-out', n, [spot, trunkIn[0] as Point], YARD_LIMIT_MPS);
    add('park-in', n, [trunkOut[1] as Point, spot], YARD_LIMIT_MPS);
    return { inAtM, outAtM };
  });

  const tags = new Map(
    port.bindings.filter(({ validTo }) => validTo === null).map(({ tag, asset }) => [asset.id, tag]),
  );
  return {
    siteId,
    frame,
    lanes,
    edges,
    slots,
    trucks: new Map(
      port.trucks.slice(0, truckCount).map((truck) => [truck.truckId, { truck, tag: tags.get(truck.truckId) ?? null }]),
    ),
    boxes: planBoxes(port, siteId, tags),
  };
}

/** Where the front of a truck is when it has backed off the entry loop, in metres behind the lane's centre. */
export const TURNED_BACK_AT_M = -7;

/** Boxes of shipments that run now and pass this gate, in the order of their plans, then the boxes without a shipment. */
function planBoxes(port: Port, siteId: string, tags: ReadonlyMap<string, Tag>): ReadonlyMap<string, PlannedBox> {
  const boxes = new Map<string, PlannedBox>();
  const byNumber = new Map(port.containers.map((container) => [container.containerNumber, container]));
  const elsewhere = new Set<string>();
  for (const shipment of port.shipments) {
    for (const { containerNumber, to } of shipment.containers) {
      const container = byNumber.get(containerNumber);
      if (to !== null || container === undefined) continue;
      const moves = shipment.milestones.flatMap((milestone) =>
        milestone.containerNumber === containerNumber &&
        milestone.place.siteId === siteId &&
        !milestone.plannedAt.offset.startsWith('-') &&
        (milestone.code === 'GTIN' || milestone.code === 'GTOT')
          ? [
              {
                direction: milestone.code === 'GTIN' ? ('IN' as const) : ('OUT' as const),
                fullness: milestone.fullness,
              },
            ]
          : [],
      );
      if (moves.length === 0) {
        elsewhere.add(containerNumber);
        continue;
      }
      const { organisationId, shipmentId } = shipment;
      const tag = tags.get(containerNumber) ?? null;
      boxes.set(containerNumber, { container, tag, moves, organisationId, shipmentId });
    }
  }
  for (const container of port.containers) {
    const { containerNumber } = container;
    if (boxes.has(containerNumber) || elsewhere.has(containerNumber)) continue;
    const tag = tags.get(containerNumber) ?? null;
    boxes.set(containerNumber, { container, tag, moves: null, organisationId: null, shipmentId: null });
  }
  return boxes;
}
