import { describe, expect, it } from '@jest/globals';
import { distanceM } from '#libs/geo';
import { encodeReading, jsonl } from '#hardware-adapters/jsonl';
import { laneConfig, port } from '../../../../fixtures/index.js';
import {
  advance,
  createWorld,
  edgeOf,
  inLaneM,
  motionOf,
  planSite,
  radioField,
  type Signal,
  type World,
} from './index.js';

const SITE = 'CNNBO-BLYUA';
const STEP_MS = 250;
const HOUR_MS = 3_600_000;
/** How often the places of all trucks and boxes are compared. */
const LOOK_MS = 5_000;
const OPTIONS = { seed: 20261122, speed: 1 };
const plan = planSite(port, SITE, 20);

/** Lets a world live and shows every step. */
function live(forMs: number, look: (world: World, signals: readonly Signal[]) => void, options = OPTIONS): World {
  const world = createWorld(plan, options);
  while (world.at < forMs) look(world, advance(plan, world, STEP_MS, options));
  return world;
}

/** Faults are counted and the first is kept: an expectation in every step of a day would cost more than the day. */
class Faults {
  readonly seen: string[] = [];

  unless(holds: boolean, fault: () => string): void {
    if (!holds && this.seen.length < 5) this.seen.push(fault());
  }
}

describe('a day of the port', () => {
  const faults = {
    speed: new Faults(),
    jump: new Faults(),
    boxes: new Faults(),
    loops: new Faults(),
    room: new Faults(),
  };
  const loopsOn = new Map<string, Set<string>>();
  const passages = new Map<string, string[]>();
  const orders = new Map<string, number>();
  const frames = { sent: 0, refused: [] as string[] };
  const seen = { decisions: 0, refusals: 0, ocr: 0, odd: 0, moved: new Set<string>(), inYard: 0 };
  const before = new Map<string, { longitude: number; latitude: number; edgeId: string }>();

  function checkLoop(laneId: string, position: string, on: boolean): void {
    const standing = loopsOn.get(laneId) ?? new Set();
    loopsOn.set(laneId, standing);
    faults.loops.unless(standing.has(position) !== on, () => `${laneId} ${position} said ${on} twice`);
    if (on) standing.add(position);
    else standing.delete(position);
    const story = passages.get(laneId) ?? [];
    story.push(`${position}${on ? '+' : '-'}`);
    passages.set(laneId, story);
    if (standing.size > 0) return;
    const told = story.join(' ');
    orders.set(told, (orders.get(told) ?? 0) + 1);
    passages.set(laneId, []);
  }

  const world = live(24 * HOUR_MS, (now, signals) => {
    for (const truck of now.trucks) {
      // 40 km/h on the road, 1.2 m/s backwards
      const isSlow = truck.speedMps <= 11.2 && truck.speedMps >= -1.2;
      faults.speed.unless(isSlow, () => `${truck.truckId} at ${truck.speedMps} m/s at ${now.at}`);
      if (now.at % LOOK_MS !== 0) continue;
      const motion = motionOf(plan, truck);
      const last = before.get(truck.truckId);
      if (last !== undefined) {
        const metres = distanceM(last, motion);
        faults.jump.unless(
          metres <= ((11.2 * LOOK_MS) / 1_000) * 1.01,
          () => `${truck.truckId} went ${metres} m in 5 s from ${last.edgeId} to ${truck.edgeId}`,
        );
      }
      before.set(truck.truckId, { ...motion, edgeId: truck.edgeId });
    }
    if (now.at % LOOK_MS === 0) {
      const places = new Map<string, string>();
      for (const truck of now.trucks) {
        for (const number of truck.boxes) {
          faults.boxes.unless(!places.has(number), () => `${number} on ${truck.truckId} and ${places.get(number)}`);
          places.set(number, truck.truckId);
        }
        faults.boxes.unless(truck.boxes.length <= 2, () => `${truck.truckId} carries ${truck.boxes.join(', ')}`);
      }
      for (const [number, box] of Object.entries(now.boxes)) {
        const on = typeof box.place === 'string' ? undefined : box.place.on;
        faults.boxes.unless(places.get(number) === on, () => `${number} says ${on}, and is on ${places.get(number)}`);
      }
      const shared = now.trucks.filter(({ edgeId }) => /^(in|out|trunk|yard)/.test(edgeId));
      for (const [i, a] of shared.entries()) {
        for (const b of shared.slice(i + 1)) {
          faults.room.unless(
            a.edgeId !== b.edgeId || Math.abs(a.s - b.s) > 16.5,
            () => `${a.truckId} and ${b.truckId} on ${a.edgeId} at ${a.s} and ${b.s}`,
          );
        }
      }
    }
    for (const { deviceId, body } of signals) {
      frames.sent += 1;
      const line = encodeReading(frames.sent, now.at, body);
      const decoded = jsonl.decode(line.subarray(0, -1));
      if (!decoded.ok) frames.refused.push(`${decoded.reason} ${decoded.detail}`);
      const laneId = deviceId.replace(/-(IO|CAM)$/, '');
      if (body.kind === 'OcrRead') {
        seen.ocr += 1;
        if (body.target === 'CONTAINER' && !(body.text in now.boxes)) seen.odd += 1;
      }
      if (body.kind !== 'LaneSignal') continue;
      if (body.signal === 'DECISION') {
        seen.decisions += 1;
        if (body.verdict === 'REFUSED') seen.refusals += 1;
      } else if (body.signal === 'LOOP') checkLoop(laneId, body.position, body.on);
    }
  });

  it('keeps every truck in one place, and moves it no faster than its road allows', () => {
    expect(faults.speed.seen).toEqual([]);
    expect(faults.jump.seen).toEqual([]);
  });

  it('keeps a truck length between trucks on the same road', () => {
    expect(faults.room.seen).toEqual([]);
  });

  it('keeps every box in one place, and no more than two on a truck', () => {
    expect(faults.boxes.seen).toEqual([]);
  });

  it('passes loops in the order in which a truck does: on, over, off, or back the way it came', () => {
    expect(faults.loops.seen).toEqual([]);
    expect([...orders.keys()].sort()).toEqual([
      'LANDSIDE+ LANDSIDE-',
      'LANDSIDE+ TERMINALSIDE+ LANDSIDE- TERMINALSIDE-',
      'ONLY+ ONLY-',
      'TERMINALSIDE+ LANDSIDE+ TERMINALSIDE- LANDSIDE-',
      'TERMINALSIDE+ TERMINALSIDE-',
    ]);
  });

  it('says nothing that the codec refuses', () => {
    expect(frames.refused).toEqual([]);
    expect(frames.sent).toBeGreaterThan(20_000);
  });

  it('never stands still: thousands of passes, a few percent of them refused, some numbers misread', () => {
    // 20 trucks on trips of about ten minutes to a quarter of an hour: two passes each
    expect(seen.decisions).toBeGreaterThan(2_500);
    expect(seen.refusals / seen.decisions).toBeGreaterThan(0.02);
    expect(seen.refusals / seen.decisions).toBeLessThan(0.07);
    expect(seen.odd / seen.ocr).toBeGreaterThan(0.01);
    expect(seen.odd / seen.ocr).toBeLessThan(0.1);
  });

  it('has moved the boxes of both companies as their shipments plan, and no further', () => {
    for (const [number, { moves }] of plan.boxes) {
      if (moves === null) continue;
      expect({ number, moved: world.boxes[number]?.moved }).toEqual({ number, moved: moves.length });
    }
  });

  it('goes on the same from what was written down', () => {
    const copy = JSON.parse(JSON.stringify(world)) as World;
    for (let i = 0; i < 1_000; i += 1) {
      expect(advance(plan, copy, STEP_MS, OPTIONS)).toEqual(advance(plan, world, STEP_MS, OPTIONS));
    }
    expect(copy).toEqual(world);
  });
});

describe('the first pass', () => {
  it('is over within 20 s: truck 1 with the two tagged boxes, in by lane 3, accepted', () => {
    const lines: string[] = [];
    live(20_000, (world, signals) => {
      for (const { deviceId, body } of signals) {
        if (!deviceId.startsWith('CNNBO-BLYUA/G1-L3') || world.at > 20_000) continue;
        if (body.kind === 'OcrRead') lines.push(body.text);
        if (body.kind === 'LaneSignal' && body.signal === 'LOOP') lines.push(`${body.position} ${body.on}`);
        if (body.kind === 'LaneSignal' && body.signal === 'DECISION') lines.push(body.verdict);
      }
    });
    expect(lines).toEqual([
      'LANDSIDE true',
      '浙BA1007',
      'COSU6311696',
      'OOLU9878205',
      'ACCEPTED',
      'TERMINALSIDE true',
      'LANDSIDE false',
      'TERMINALSIDE false',
    ]);
  });

  it('is heard by antenna 1 first and by antenna 2 louder at the end, tag by tag', () => {
    const lane = plan.lanes[2];
    if (lane === undefined) throw new Error('lane 3 is missing');
    expect(laneConfig(lane).antennaGroups.landside).toEqual([{ deviceId: lane.devices.reader, antenna: 1 }]);
    const firstAt = new Map<string, number>();
    const peaks = new Map<string, number>();
    live(20_000, (world) => {
      for (const { epc, antenna, rssiDbm } of radioField(plan, world, lane)) {
        const key = `${epc.slice(0, 2)}…${epc.slice(-4)}/${antenna}`;
        if (!firstAt.has(key)) firstAt.set(key, world.at);
        peaks.set(key, Math.max(peaks.get(key) ?? -200, rssiDbm));
      }
    });
    const tags = ['34…03E9', '33…4F10', '33…BABD'];
    for (const tag of tags) {
      expect(firstAt.get(`${tag}/1`)).toBeLessThan(firstAt.get(`${tag}/2`) ?? 0);
      // a tag some 3 m below an antenna answers with −35 to −50 dBm
      for (const antenna of [1, 2]) {
        expect(peaks.get(`${tag}/${antenna}`)).toBeGreaterThan(-50);
        expect(peaks.get(`${tag}/${antenna}`)).toBeLessThan(-30);
      }
    }
    expect(firstAt.size).toBe(6);
  });
});

describe('a lane', () => {
  it('holds one truck at a time between its hold line and its exit', () => {
    const crowded: string[] = [];
    live(HOUR_MS, (world) => {
      const inside = new Map<string, string>();
      for (const truck of world.trucks) {
        const p = inLaneM(plan, truck);
        if (p === null || p < -29 || p > 24.5) continue;
        const other = inside.get(truck.laneId ?? '');
        if (other !== undefined) crowded.push(`${truck.truckId} and ${other} in ${edgeOf(plan, truck).edgeId}`);
        inside.set(truck.laneId ?? '', truck.truckId);
      }
    });
    expect(crowded).toEqual([]);
  });
});

describe('the first minutes', () => {
  it('show six trucks in within two, the first out within five, and none out that did not come in', () => {
    const ins: number[] = [];
    const outs: number[] = [];
    const inside = new Set<string>();
    live(300_000, (world, signals) => {
      for (const { deviceId, body } of signals) {
        if (body.kind !== 'OcrRead' || body.target !== 'PLATE') continue;
        const lane = plan.lanes.find(({ devices }) => devices.camera === deviceId);
        const truck = world.trucks.find(({ laneId, pass }) => laneId === lane?.laneId && pass?.plateRead);
        if (truck?.pass?.direction === 'IN') {
          ins.push(world.at);
          inside.add(body.text);
        } else {
          outs.push(world.at);
          expect(inside).toContain(body.text);
        }
      }
    });
    expect(ins[5]).toBeLessThan(120_000);
    expect(outs.length).toBeGreaterThan(0);
  });
});
