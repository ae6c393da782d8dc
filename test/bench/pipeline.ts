import {
  advance,
  createPipelineState,
  onReading,
  PIPELINE_DEFAULTS,
  type LaneConfig,
  type PipelineConfig,
  type PipelineItem,
} from '../../libs/lane/src/index.js';
import type { Reading, ReadingBody } from '../../libs/telemetry/src/index.js';
import type { BenchReport } from './contract.js';
import { alternate, machine, type Contender } from './rounds.js';
import { seededRandom } from './seeded-random.js';

const ROUNDS = 7;
const SEED = 20261122;
const T0 = Date.UTC(2026, 10, 22);
const LANES = 14;
const TRUCKS_PER_LANE = 20;
/** A truck's three tags are each heard so often by each antenna that it is before. */
const READ_EVERY_MS = 25;
const YARD_TAGS = 3_000;
const YARD_READS = 30_000;

interface Scene {
  readonly config: PipelineConfig;
  /** In order of time. */
  readonly readings: readonly Reading[];
  /** Crossings that the items must hold; the bench stops when they do not. */
  readonly trucks: number;
}

/** Fourteen lanes with a truck every 9 to 11 s, six of them in the lane; one tag read in twenty is heard next door too. */
function busyGate(): Scene {
  const random = seededRandom(SEED);
  const told: { at: number; deviceId: string; body: ReadingBody }[] = [];
  for (let lane = 0; lane < LANES; lane++) {
    let begin = Math.floor(random() * 10_000);
    for (let truck = 0; truck < TRUCKS_PER_LANE; truck++) {
      const io = (at: number, body: ReadingBody) => told.push({ at: begin + at, deviceId: `G1-L${lane}-IO`, body });
      const loop = (at: number, position: 'LANDSIDE' | 'TERMINALSIDE', on: boolean) =>
        io(at, { kind: 'LaneSignal', signal: 'LOOP', position, on });
      loop(0, 'LANDSIDE', true);
      loop(3_000, 'TERMINALSIDE', true);
      loop(4_000, 'LANDSIDE', false);
      loop(6_000, 'TERMINALSIDE', false);
      io(2_000, { kind: 'LaneSignal', signal: 'DECISION', verdict: 'ACCEPTED', by: 'TOS', reason: null });
      io(1_900, { kind: 'WeightReading', grossKg: 40_000 + truck, stable: true });
      for (const at of [900, 1_400]) {
        const text = `BOXU${String(lane * 1_000 + truck).padStart(7, '0')}`;
        const target = at === 900 ? 'PLATE' : 'CONTAINER';
        const body: ReadingBody = { kind: 'OcrRead', target, text, confidence: 0.9, pictureUrl: null, position: null };
        told.push({ at: begin + at, deviceId: `G1-L${lane}-CAM`, body });
      }
      for (let at = 300; at < 7_000; at += READ_EVERY_MS) {
        for (let tag = 0; tag < 3; tag++) {
          const antenna = at < 2_500 ? 1 : at > 4_000 ? 2 : 1 + Math.floor(random() * 2);
          const rssiDbm = -62 + Math.floor(12 * random());
          const epc = `E2801160600002${String(lane).padStart(2, '0')}${String(truck).padStart(4, '0')}${String(tag).padStart(4, '0')}`;
          const body: ReadingBody = { kind: 'TagRead', antenna, pc: '3000', epc, rssiDbm, frequencyKhz: 922_125 };
          told.push({ at: begin + at + tag, deviceId: `G1-L${lane}-UHF`, body });
          if (random() < 0.05) {
            const next = `G1-L${(lane + 1) % LANES}-UHF`;
            told.push({ at: begin + at + tag + 1, deviceId: next, body: { ...body, rssiDbm: rssiDbm - 20 } });
          }
        }
      }
      begin += 9_000 + Math.floor(2_000 * random());
    }
  }
  return { config: gateOf(LANES), readings: numbered(told), trucks: LANES * TRUCKS_PER_LANE };
}

/** One reader in no lane, in whose field 3,000 tags stand and are heard in no order. */
function crowdedYard(): Scene {
  const random = seededRandom(SEED + 1);
  const told = Array.from({ length: YARD_READS }, (_, n) => {
    const epc = `E28011606000FFFF${String(Math.floor(random() * YARD_TAGS)).padStart(8, '0')}`;
    const body: ReadingBody = {
      kind: 'TagRead',
      antenna: 1 + (n % 4),
      pc: '3000',
      epc,
      rssiDbm: -60,
      frequencyKhz: null,
    };
    return { at: Math.floor(n / 4), deviceId: 'YARD-UHF', body };
  });
  return { config: gateOf(LANES), readings: numbered(told), trucks: 0 };
}

function gateOf(lanes: number): PipelineConfig {
  const names = Array.from({ length: lanes }, (_, lane) => `G1-L${lane}`);
  const laneOf = (laneId: string): LaneConfig => ({
    laneId,
    direction: 'IN',
    loops: ['LANDSIDE', 'TERMINALSIDE'],
    acceptance: 'DECISION',
    antennaGroups: {
      landside: [{ deviceId: `${laneId}-UHF`, antenna: 1 }],
      terminalside: [{ deviceId: `${laneId}-UHF`, antenna: 2 }],
    },
  });
  const devices = names.flatMap((laneId) => ['UHF', 'CAM', 'IO'].map((end) => [`${laneId}-${end}`, laneId] as const));
  return {
    ...PIPELINE_DEFAULTS,
    siteId: 'CNNBO-BLYUA',
    lanes: names.map(laneOf),
    laneOfDevice: { ...Object.fromEntries(devices), 'YARD-UHF': null },
  };
}

function numbered(told: readonly { at: number; deviceId: string; body: ReadingBody }[]): Reading[] {
  return told
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, deviceId, body }, index) => ({
      deviceId,
      boot: 'b0',
      sequence: index + 1,
      occurredAt: T0 + at,
      receivedAt: T0 + at,
      body,
    }));
}

function contender(who: string, { config, readings, trucks }: Scene): Contender {
  return {
    who,
    work: () => {
      let state = createPipelineState(config);
      let crossed = 0;
      const take = (items: readonly PipelineItem[]): void => {
        for (const item of items) if (item.kind === 'pass' && item.pass.outcome === 'CROSSED') crossed++;
      };
      for (const reading of readings) {
        const step = onReading(state, reading, reading.receivedAt);
        state = step.state;
        take(step.items);
      }
      take(advance(state, (readings.at(-1)?.receivedAt ?? T0) + 3_600_000).items);
      if (crossed !== trucks) throw new Error(`${who} made ${crossed} crossings of ${trucks} trucks`);
      return readings.length;
    },
  };
}

/** Smoothing and lane fusion in one process, a reading at a time, as the gateway folds its spool; nothing to compare with. */
export async function run(): Promise<BenchReport> {
  const gate = busyGate();
  const yard = crowdedYard();
  const results = await alternate(ROUNDS, 'readings/s', [
    contender('boxtrail', gate),
    contender('boxtrail-yard', yard),
  ]);
  return {
    bench: 'pipeline',
    machine: machine(),
    rounds: ROUNDS,
    results,
    ratios: {},
    notes: [
      `boxtrail: ${LANES} lanes, ${gate.trucks} trucks, ${gate.readings.length} readings; each truck makes one crossing (checked)`,
      `boxtrail-yard: ${YARD_TAGS} tags before the four antennas of one reader, ${yard.readings.length} reads; more than the visits that may be open, so most reads evict one`,
    ],
  };
}
