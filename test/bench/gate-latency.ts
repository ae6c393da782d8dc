import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { containerCheckDigit, encodeGiai96 } from '../../libs/identifiers/src/index.js';
import { DEFAULT_TIMINGS } from '../../libs/lane/src/index.js';
import type { BenchReport, BenchResult } from './contract.js';
import { HouseUnderLoad, type Cpu } from './gate-latency/house-under-load.js';
import { LaneOnWire, type LaneKind, type Truck, type Way } from './gate-latency/lane-on-wire.js';
import { machine } from './rounds.js';
import { seededRandom } from './seeded-random.js';

const SEED = 20261122;
/** Passes a second of a port city at its peak (43 M TEU a year), and three times as many. */
const LOADS = [
  { name: '1×', passesPerS: 3.3, aimMs: 50 },
  { name: '3×', passesPerS: 10, aimMs: 100 },
] as const;
const WARM_S = 10;
const MEASURED_S = 60;
/** A percentile's spread is told over this many equal parts of the time. */
const PARTS = 5;
/** Of all passes, those through lanes without loops. */
const TIMEOUT_SHARE = 0.1;
/** From one truck's entry to the next: 1.5 s of wire, then the closing rule and a gap. */
const CYCLE_S = { LOOPS: 2.2, TIMEOUT: 1.5 + DEFAULT_TIMINGS.idleMs / 1000 + 0.3 };
/** Arrivals come at random: so many lanes more than their mean needs. */
const SPARE_LANES = 1.6;
const LANE_POLL_MS = 20;
/** A truck that came in goes out no sooner: its tag's tail must have ended. */
const STAY_MS = DEFAULT_TIMINGS.tailMs + 5_000;

/** From the last sign on the wire: a truck that is seen to leave closes its pass in the instant in which the exit loop falls. */
const RULE_MS = { LOOPS: 0, TIMEOUT: DEFAULT_TIMINGS.idleMs };

/** A pass from the wire to the people. */
interface Told {
  readonly kind: LaneKind;
  /** When its closing rule fired, ms of `performance.now`. */
  readonly firedAt: number;
  /** The start of the transaction that stored it. */
  recordedAt: number | null;
  /** The gate operator's subscription had it. */
  passAt: number | null;
  /** The customs officer's subscription had its first gate event. */
  eventAt: number | null;
}

export async function run(): Promise<BenchReport> {
  const random = seededRandom(SEED);
  const peak = Math.max(...LOADS.map((load) => load.passesPerS));
  const lanes = await openLanes(peak);
  const trucks = makeTrucks(LOADS.reduce((sum, load) => sum + load.passesPerS, 0) * (WARM_S + MEASURED_S), random);
  const results: BenchResult[] = [];
  const notes: string[] = [
    `seed ${SEED}; ${MEASURED_S} s at each load after ${WARM_S} s of the same; ${lanes.length} lanes with reader, camera and controller on TCP, one gateway, one service, PostgreSQL with fsync`,
    `from the closing rule: the falling line of the exit loop was written to the wire, or ${RULE_MS.TIMEOUT} ms (idleMs) went by after the last tag answer; to a graphql-ws subscriber on passRecorded having it`,
    `spreads are those of the percentile over ${PARTS} equal parts of the ${MEASURED_S} s; trucks, readers and subscribers share this machine's cores`,
  ];
  const ratios: Record<string, number | 'missing'> = {};
  let house: HouseUnderLoad | null = null;
  try {
    house = await HouseUnderLoad.open(lanes, trucks);
    const port = new PortUnderLoad(house, lanes, trucks, random);
    await port.listen();
    for (const load of LOADS) {
      const measured = await port.under(load.passesPerS);
      results.push(...rowsOf(load.name, measured));
      notes.push(...storyOf(load.name, load.passesPerS, measured));
      const p99 = percentile(
        latencies(measured.passes, 'LOOPS', (told) => told.passAt),
        0.99,
      );
      ratios[`aim ${load.aimMs} ms : p99 at ${load.name}`] = load.aimMs / p99;
    }
    if (house.complaints !== '') notes.push(`the processes said: ${house.complaints.slice(-600)}`);
  } finally {
    await house?.close();
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  return { bench: 'gate-latency', machine: machine(), rounds: PARTS, results, ratios, notes };
}

async function openLanes(passesPerS: number): Promise<LaneOnWire[]> {
  const count = (kind: LaneKind, share: number): number => Math.ceil(passesPerS * share * CYCLE_S[kind] * SPARE_LANES);
  const kinds: LaneKind[] = [
    ...Array<LaneKind>(count('LOOPS', 1 - TIMEOUT_SHARE)).fill('LOOPS'),
    ...Array<LaneKind>(count('TIMEOUT', TIMEOUT_SHARE)).fill('TIMEOUT'),
  ];
  return Promise.all(
    kinds.map((kind, n) => LaneOnWire.open(`BENCH-L${n + 1}`, kind, kind === 'LOOPS' && n % 2 === 1 ? 'OUT' : 'IN')),
  );
}

/** Plates of Ningbo, GIAI-96 tags, one or two boxes of an owner that does not exist. */
function makeTrucks(count: number, random: () => number): Truck[] {
  let box = 0;
  const nextBox = (): string => {
    const head = `BXTU${String(++box).padStart(6, '0')}`;
    return `${head}${containerCheckDigit(head)}`;
  };
  return Array.from({ length: Math.ceil(count * 1.5) }, (_, n) => {
    const { pc, hex } = encodeGiai96('0614141', String(900_000 + n));
    return {
      plate: `浙B${String(10_000 + n)}`,
      tag: { pc, hex },
      boxes: Array.from({ length: random() < 0.6 ? 1 : 2 }, nextBox),
    };
  });
}

interface Measured {
  readonly passes: readonly Told[];
  readonly beganAt: number;
  readonly lost: number;
  /** Passes that had to wait for a lane. */
  readonly queued: number;
  readonly cpu: Cpu;
  /** Of the service taking one batch: all stages and the commit. */
  readonly batchMs: number;
}

/** Trucks that come at random, take a free lane, stay, and leave again. */
class PortUnderLoad {
  private readonly awaited = new Map<string, Told>();
  private readonly free: Record<LaneKind, Record<Way, LaneOnWire[]>>;
  private readonly inside: { readonly truck: Truck; readonly since: number }[] = [];
  private nextTruck = 0;

  constructor(
    private readonly house: HouseUnderLoad,
    lanes: readonly LaneOnWire[],
    private readonly trucks: readonly Truck[],
    private readonly random: () => number,
  ) {
    const of = (kind: LaneKind, way: Way): LaneOnWire[] =>
      lanes.filter((lane) => lane.kind === kind && lane.way === way);
    this.free = {
      LOOPS: { IN: of('LOOPS', 'IN'), OUT: of('LOOPS', 'OUT') },
      TIMEOUT: { IN: of('TIMEOUT', 'IN'), OUT: [] },
    };
  }

  async listen(): Promise<void> {
    this.house.subscribe(
      'GATE_OPERATOR',
      'subscription { passRecorded { truckPlate direction outcome recordedAt } }',
      (data, at) => {
        const pass = data['passRecorded'] as {
          truckPlate: string;
          direction: string;
          outcome: string;
          recordedAt: string;
        };
        const told = this.awaited.get(`${pass.truckPlate}/${pass.direction}`);
        if (told === undefined || pass.outcome !== 'CROSSED') return;
        told.passAt = at;
        told.recordedAt = Date.parse(pass.recordedAt) - performance.timeOrigin;
      },
    );
    this.house.subscribe(
      'CUSTOMS_OFFICER',
      'subscription { eventRecorded(filter: { kinds: [ContainerGatedIn, ContainerGatedOut] }) { kind truckPlate } }',
      (data, at) => {
        const event = data['eventRecorded'] as { kind: string; truckPlate: string };
        const told = this.awaited.get(`${event.truckPlate}/${event.kind === 'ContainerGatedIn' ? 'IN' : 'OUT'}`);
        if (told !== undefined) told.eventAt ??= at;
      },
    );
    // no word says that a subscription stands; the first passes are a warm-up anyway
    await pause(1_000);
  }

  async under(passesPerS: number): Promise<Measured> {
    const started = performance.now();
    const beganAt = started + WARM_S * 1000;
    const endsAt = beganAt + MEASURED_S * 1000;
    const under: Promise<{ readonly hadToWait: boolean }>[] = [];
    const all: Told[] = [];
    let cpuBefore: Cpu | null = null;
    let batchesBefore = await this.house.batches();
    for (let due = started; due < endsAt; due += (-Math.log(1 - this.random()) / passesPerS) * 1000) {
      const wait = due - performance.now();
      if (wait > 0) await pause(wait);
      if (cpuBefore === null && due >= beganAt) {
        cpuBefore = this.house.cpu();
        batchesBefore = await this.house.batches();
      }
      const kind: LaneKind = this.random() < TIMEOUT_SHARE ? 'TIMEOUT' : 'LOOPS';
      const leaves = kind === 'LOOPS' && this.random() < 0.5 && this.oldestMayLeave();
      const truck = leaves ? this.leaving() : this.coming();
      under.push(this.arrive(kind, leaves ? 'OUT' : 'IN', truck, (told) => all.push(told)));
    }
    const cpu = difference(this.house.cpu(), cpuBefore ?? this.house.cpu());
    const batches = await this.house.batches();
    const batchMs = ((batches.seconds - batchesBefore.seconds) / (batches.count - batchesBefore.count)) * 1000;
    const queued = (await Promise.all(under)).filter(({ hadToWait }) => hadToWait).length;
    const passes = all.filter((told) => told.firedAt >= beganAt && told.firedAt < endsAt);
    const isTold = (told: Told): boolean => told.passAt !== null && told.eventAt !== null;
    // a late one still counts with its lateness; one that does not come within this wait is lost
    for (let waited = 0; waited < 15_000 && !passes.every(isTold); waited += 100) await pause(100);
    this.awaited.clear();
    return { passes, beganAt, queued, cpu, batchMs, lost: passes.filter((told) => !isTold(told)).length };
  }

  /** Takes the next lane that is free. A truck that has to wait for one holds nobody back who finds another. */
  private async arrive(
    kind: LaneKind,
    way: Way,
    truck: Truck,
    keep: (told: Told) => void,
  ): Promise<{ readonly hadToWait: boolean }> {
    let lane = this.free[kind][way].pop();
    const hadToWait = lane === undefined;
    while (lane === undefined) {
      await pause(LANE_POLL_MS);
      lane = this.free[kind][way].pop();
    }
    await this.drive(lane, truck, keep);
    return { hadToWait };
  }

  private async drive(lane: LaneOnWire, truck: Truck, keep: (told: Told) => void): Promise<void> {
    const countsFrom = await lane.pass(truck);
    const told: Told = {
      kind: lane.kind,
      firedAt: countsFrom + RULE_MS[lane.kind],
      recordedAt: null,
      passAt: null,
      eventAt: null,
    };
    this.awaited.set(`${truck.plate}/${lane.way}`, told);
    keep(told);
    if (lane.way === 'IN') this.inside.push({ truck, since: performance.now() });
    const restMs = lane.kind === 'LOOPS' ? 700 : RULE_MS.TIMEOUT + 300;
    await pause(restMs);
    this.free[lane.kind][lane.way].unshift(lane);
  }

  private oldestMayLeave(): boolean {
    const [oldest] = this.inside;
    return oldest !== undefined && performance.now() - oldest.since > STAY_MS;
  }

  private leaving(): Truck {
    const oldest = this.inside.shift();
    if (oldest === undefined) throw new Error('Nobody is inside.');
    return oldest.truck;
  }

  private coming(): Truck {
    const truck = this.trucks[this.nextTruck++];
    if (truck === undefined) throw new Error('There are no more trucks.');
    return truck;
  }
}

function latencies(passes: readonly Told[], kind: LaneKind, toldAt: (told: Told) => number | null): number[] {
  return passes.flatMap((told) => {
    const at = told.kind === kind ? toldAt(told) : null;
    return at === null ? [] : [at - told.firedAt];
  });
}

function rowsOf(load: string, { passes, beganAt }: Measured): BenchResult[] {
  const row = (who: string, share: number, kind: LaneKind, toldAt: (told: Told) => number | null) => {
    const parts = Array.from({ length: PARTS }, (_, n) =>
      passes.filter(({ firedAt }) => Math.floor(((firedAt - beganAt) / (MEASURED_S * 1000)) * PARTS) === n),
    )
      .map((part) => percentile(latencies(part, kind, toldAt), share))
      .filter((value) => !Number.isNaN(value));
    return {
      who: `${load} ${who}`,
      value: percentile(latencies(passes, kind, toldAt), share),
      unit: 'ms',
      min: Math.min(...parts),
      max: Math.max(...parts),
    };
  };
  const toPass = (told: Told): number | null => told.passAt;
  const toEvent = (told: Told): number | null => told.eventAt;
  return [
    row('p50', 0.5, 'LOOPS', toPass),
    row('p95', 0.95, 'LOOPS', toPass),
    row('p99', 0.99, 'LOOPS', toPass),
    row('max', 1, 'LOOPS', toPass),
    row('p99, gate event to customs', 0.99, 'LOOPS', toEvent),
    row('p50, time-out lanes', 0.5, 'TIMEOUT', toPass),
    row('p99, time-out lanes', 0.99, 'TIMEOUT', toPass),
    row('max, time-out lanes', 1, 'TIMEOUT', toPass),
  ];
}

function storyOf(load: string, passesPerS: number, { passes, lost, queued, cpu, batchMs }: Measured): string[] {
  const toStore = passes.flatMap(({ recordedAt, firedAt }) => (recordedAt === null ? [] : [recordedAt - firedAt]));
  const toTell = passes.flatMap(({ recordedAt, passAt }) =>
    recordedAt === null || passAt === null ? [] : [passAt - recordedAt],
  );
  const ms = (values: readonly number[], share: number): string => percentile(values, share).toFixed(0);
  const share = (seconds: number): string => `${((seconds / MEASURED_S) * 100).toFixed(0)} %`;
  const loops = passes.filter(({ kind }) => kind === 'LOOPS').length;
  return [
    `${load}: ${passesPerS} passes/s; ${loops} through loop lanes, ${passes.length - loops} through time-out lanes, ${lost} not told, ${queued} waited for a lane`,
    `${load}: rule to the start of the storing transaction p50 ${ms(toStore, 0.5)} ms, p99 ${ms(toStore, 0.99)} ms; from there to the subscriber p50 ${ms(toTell, 0.5)} ms, p99 ${ms(toTell, 0.99)} ms; a batch takes the service ${batchMs.toFixed(1)} ms on average`,
    `${load}: of one core: server ${share(cpu.server)}, gateway ${share(cpu.gateway)}, PostgreSQL ${share(cpu.postgres)}, trucks and subscribers ${share(cpu.bench)}`,
  ];
}

/** Nearest rank; NaN of nothing. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

function difference(now: Cpu, before: Cpu): Cpu {
  return {
    server: now.server - before.server,
    gateway: now.gateway - before.gateway,
    postgres: now.postgres - before.postgres,
    bench: now.bench - before.bench,
  };
}
