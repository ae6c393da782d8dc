import { describe, expect, it } from '@jest/globals';
import {
  advance as advancePipeline,
  createPipelineState,
  onReading,
  PIPELINE_DEFAULTS,
  type LanePass,
  type PipelineStep,
} from '#libs/lane';
import type { ReadingBody } from '#libs/telemetry';
import { laneConfig, port } from '../../../../fixtures/index.js';
import { advance, answers, createWorld, planSite, radioField } from './index.js';

const SITE = 'CNNBO-BLYUA';
const OPTIONS = { seed: 20261122, speed: 1 };
/** A reader that takes turns between two antennas hears each about ten times a second. */
const ROUND_MS = 50;
const START = Date.UTC(2026, 10, 22, 6);

/** What a gateway's lane fusion makes of a port that lives for `forMs`: readers command without a pause, nothing but `lost` is lost. */
function passesOf(forMs: number, lost: (body: ReadingBody, deviceId: string) => boolean = () => false): LanePass[] {
  const plan = planSite(port, SITE, 20);
  const world = createWorld(plan, OPTIONS);
  let state = createPipelineState({
    ...PIPELINE_DEFAULTS,
    siteId: SITE,
    lanes: plan.lanes.map(laneConfig),
    laneOfDevice: Object.fromEntries(
      plan.lanes.flatMap(({ laneId, devices }) => Object.values(devices).map((deviceId) => [deviceId, laneId])),
    ),
  });
  const passes: LanePass[] = [];
  let sequence = 0;
  const take = ({ state: next, items }: PipelineStep): void => {
    state = next;
    passes.push(...items.flatMap((item) => (item.kind === 'pass' ? [item.pass] : [])));
  };
  const hear = (deviceId: string, body: ReadingBody): void => {
    sequence += 1;
    const at = START + world.at;
    take(onReading(state, { deviceId, boot: 'b', sequence, occurredAt: at, receivedAt: at, body }, at));
  };
  for (let round = 0; world.at < forMs; round += 1) {
    for (const { deviceId, body } of advance(plan, world, ROUND_MS, OPTIONS)) {
      if (!lost(body, deviceId)) hear(deviceId, body);
    }
    take(advancePipeline(state, START + world.at));
    for (const lane of plan.lanes) {
      for (const tag of radioField(plan, world, lane)) {
        if (tag.antenna !== (round % 2) + 1 || !answers(tag, START + world.at)) continue;
        hear(lane.devices.reader, { kind: 'TagRead', ...tag, frequencyKhz: null });
      }
    }
  }
  return passes;
}

describe('what lane fusion makes of the simulated port', () => {
  const passes = passesOf(30 * 60_000);

  it('is first one crossing in by lane 3, with the tags of the truck and its two boxes, and all numbers', () => {
    const [first] = passes;
    expect(first).toMatchObject({
      laneId: 'CNNBO-BLYUA/G1-L3',
      direction: 'IN',
      directionSource: 'LOOPS',
      outcome: 'CROSSED',
      closedBy: 'LOOP',
      decision: { verdict: 'ACCEPTED', by: 'TOS', reason: null },
      plates: [{ text: '浙BA1007' }],
      boxes: [
        { text: 'COSU6311696', position: 'FRONT' },
        { text: 'OOLU9878205', position: 'REAR' },
      ],
      crossReads: [],
    });
    expect(first?.tags.map(({ epc, antennas }) => ({ epc, antennas }))).toEqual(
      expect.arrayContaining([
        { epc: '3414257BF4000000000003E9', antennas: [1, 2] },
        { epc: '3314257BF400050000604F10', antennas: [1, 2] },
        { epc: '3314257BF40005000096BABD', antennas: [1, 2] },
      ]),
    );
    expect(first?.closedAt).toBeLessThan(START + 20_000);
    // three tags, each read about once a second by each of two antennas over some 15 s
    const reads = first?.tags.reduce((sum, { count }) => sum + count, 0) ?? 0;
    expect(reads).toBeGreaterThan(30);
    expect(reads).toBeLessThan(120);
  });

  it('weighs what the truck and its boxes weigh', () => {
    const truck = port.trucks.find(({ truckId }) => truckId === 'TRK-001');
    const grossKg = passes[0]?.weights[0]?.grossKg ?? 0;
    // two laden boxes of 2230 kg tare with 7 to 22 t in each
    const boxesKg = grossKg - (truck?.tractorKg ?? 0) - (truck?.chassisKg ?? 0);
    expect(boxesKg).toBeGreaterThan(2 * (2_230 + 7_000) - 50);
    expect(boxesKg).toBeLessThan(2 * (2_230 + 22_000) + 50);
  });

  it('never lacks a truck: each pass has the tag of exactly one, and knows its direction', () => {
    const trucks = new Map(port.bindings.map(({ tag, asset }) => [tag.epc, asset]));
    for (const pass of passes) {
      expect(pass.tags.filter(({ epc }) => trucks.get(epc)?.kind === 'TRUCK')).toHaveLength(1);
      expect(pass.direction).not.toBe('UNKNOWN');
      expect(['CROSSED', 'REFUSED']).toContain(pass.outcome);
    }
    expect(passes.length).toBeGreaterThan(60);
  });

  it('has passes of each kind of lane: two loops, one loop, none', () => {
    const lanes = new Set(passes.map(({ laneId }) => laneId.slice(-2)));
    expect([...lanes].sort()).toEqual(['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7', 'L8']);
    const directions = new Set(passes.map(({ direction, directionSource }) => `${direction} ${directionSource}`));
    expect(directions).toEqual(
      new Set(['IN LOOPS', 'OUT LOOPS', 'IN LANE', 'OUT LANE', 'IN ANTENNAS', 'OUT ANTENNAS']),
    );
  });

  it('overhears a neighbour now and then, and the lanes agree whose tag it was', () => {
    const overheard = passes.flatMap(({ crossReads }) => crossReads);
    expect(overheard.length).toBeGreaterThan(0);
    for (const { peakRssiDbmHere, peakRssiDbmThere } of overheard) {
      expect(peakRssiDbmHere).toBeLessThan(peakRssiDbmThere ?? 0);
    }
  });
});

describe('what lane fusion makes of a port whose exit loops are all dead', () => {
  const lanes = new Map(
    port.lanes.filter(({ loops }) => loops.length === 2).map((lane) => [lane.devices.controller, lane]),
  );
  const passes = passesOf(60 * 60_000, (body, deviceId) => {
    const exit = lanes.get(deviceId)?.direction === 'OUT' ? 'LANDSIDE' : 'TERMINALSIDE';
    return lanes.has(deviceId) && body.kind === 'LaneSignal' && body.signal === 'LOOP' && body.position === exit;
  }).filter(({ laneId }) => [...lanes.values()].some((lane) => lane.laneId === laneId));
  const decided = (verdict: 'ACCEPTED' | 'REFUSED') => passes.filter(({ decision }) => decision?.verdict === verdict);

  it('is an exception of nearly each truck that went through: its antennas heard it go on', () => {
    const through = decided('ACCEPTED');
    const doubted = through.filter(({ doubts }) => doubts.includes('LOOP_ANTENNA_CONFLICT'));
    expect(through.length).toBeGreaterThan(75);
    expect(doubted.length / through.length).toBeGreaterThan(0.98);
    for (const { outcome, exit } of doubted) expect([outcome, exit]).toEqual(['UNDECIDED', 'UNKNOWN']);
  });

  it('is a refusal of each truck that was refused and backed out', () => {
    const refused = decided('REFUSED');
    expect(refused.length).toBeGreaterThan(0);
    for (const { outcome, doubts } of refused) expect([outcome, doubts]).toEqual(['REFUSED', []]);
  });
});
