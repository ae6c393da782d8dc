import type { OcrRead, Reading, ReadingBody } from '#libs/telemetry';
import type { LanePass } from './gate-pass.js';
import type { LaneConfig } from './lane-config.js';
import {
  advance,
  createPipelineState,
  numberItems,
  onReading,
  PIPELINE_DEFAULTS,
  type PipelineConfig,
  type PipelineState,
} from './pipeline.js';
import type { UplinkItem } from './uplink.js';

/*
 * For specs: what happens to a truck in a lane, told in its order, and the readings that follow from it.
 * Lane X has the devices X-UHF (antenna 1 landside, 2 terminalside), X-CAM and X-IO.
 */

/** Midnight UTC of 22 November 2026, in ms. */
export const T0 = 1_795_305_600_000;

export class LaneStory {
  private now = 0;
  private lane: string;
  private readonly told: { readonly at: number; readonly deviceId: string; readonly body: ReadingBody }[] = [];

  constructor(lane: string) {
    this.lane = lane;
  }

  /** What follows happens this many ms after T0. */
  at(ms: number): this {
    this.now = ms;
    return this;
  }

  in(lane: string): this {
    this.lane = lane;
    return this;
  }

  drivesOnto(position: 'LANDSIDE' | 'TERMINALSIDE' | 'ONLY', signal: 'LOOP' | 'BEAM' = 'LOOP'): this {
    return this.tell('IO', { kind: 'LaneSignal', signal, position, on: true });
  }

  leaves(position: 'LANDSIDE' | 'TERMINALSIDE' | 'ONLY', signal: 'LOOP' | 'BEAM' = 'LOOP'): this {
    return this.tell('IO', { kind: 'LaneSignal', signal, position, on: false });
  }

  barrier(on: boolean): this {
    return this.tell('IO', { kind: 'LaneSignal', signal: 'BARRIER', position: 'ONLY', on });
  }

  isAccepted(by = 'TOS'): this {
    return this.tell('IO', { kind: 'LaneSignal', signal: 'DECISION', verdict: 'ACCEPTED', by, reason: null });
  }

  isRefused(reason = 'NO_APPOINTMENT'): this {
    return this.tell('IO', { kind: 'LaneSignal', signal: 'DECISION', verdict: 'REFUSED', by: 'TOS', reason });
  }

  tagHeard(epc: string, antenna: 1 | 2, rssiDbm: number | null = -60): this {
    return this.tell('UHF', { kind: 'TagRead', antenna, pc: '3000', epc, rssiDbm, frequencyKhz: 922_125 });
  }

  boxSeen(text: string, confidence = 0.9, seen: Partial<Pick<OcrRead, 'pictureUrl' | 'position'>> = {}): this {
    return this.camera('CONTAINER', text, confidence, seen);
  }

  plateSeen(text: string, confidence = 0.9): this {
    return this.camera('PLATE', text, confidence, {});
  }

  weighs(grossKg: number, stable = true): this {
    return this.tell('IO', { kind: 'WeightReading', grossKg, stable });
  }

  cardRead(cardNumber: string): this {
    return this.tell('IO', { kind: 'CardRead', cardNumber });
  }

  scanned(text: string): this {
    return this.tell('IO', { kind: 'BarcodeScan', symbology: null, text });
  }

  sealRead(sealNumber: string): this {
    return this.tell('IO', { kind: 'SealStatus', sealNumber, state: 'LOCKED' });
  }

  /** The readings in the order of their times; within one ms in the order of telling. Sequences count from 1 per device. */
  readings(): Reading[] {
    const sequences = new Map<string, number>();
    return this.told
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, deviceId, body }) => {
        const sequence = (sequences.get(deviceId) ?? 0) + 1;
        sequences.set(deviceId, sequence);
        return { deviceId, boot: 'b0', sequence, occurredAt: T0 + at, receivedAt: T0 + at, body };
      });
  }

  private camera(target: OcrRead['target'], text: string, confidence: number, seen: Partial<OcrRead>): this {
    return this.tell('CAM', { kind: 'OcrRead', target, text, confidence, pictureUrl: null, position: null, ...seen });
  }

  private tell(device: 'UHF' | 'CAM' | 'IO', body: ReadingBody): this {
    this.told.push({ at: this.now, deviceId: `${this.lane}-${device}`, body });
    return this;
  }
}

export function lane(laneId: string, traits: Partial<Omit<LaneConfig, 'laneId' | 'antennaGroups'>> = {}): LaneConfig {
  return {
    laneId,
    direction: 'IN',
    loops: ['LANDSIDE', 'TERMINALSIDE'],
    acceptance: 'DECISION',
    ...traits,
    antennaGroups: {
      landside: [{ deviceId: `${laneId}-UHF`, antenna: 1 }],
      terminalside: [{ deviceId: `${laneId}-UHF`, antenna: 2 }],
    },
  };
}

export function gateway(lanes: readonly LaneConfig[]): PipelineConfig {
  const devices = lanes.flatMap(({ laneId }) => ['UHF', 'CAM', 'IO'].map((end) => [`${laneId}-${end}`, laneId]));
  return {
    ...PIPELINE_DEFAULTS,
    siteId: 'CNNBO-BLYUA',
    lanes,
    laneOfDevice: { ...(Object.fromEntries(devices) as Record<string, string>), 'TRK-001-GNSS': null },
  };
}

export interface Played {
  readonly items: readonly UplinkItem[];
  readonly passes: readonly LanePass[];
  readonly state: PipelineState;
}

/** Runs the readings through the pipeline, with the clock of their receipt, and waits an hour at the end. */
export function play(config: PipelineConfig, readings: readonly Reading[]): Played {
  let state = createPipelineState(config);
  const items: UplinkItem[] = [];
  const take = (step: ReturnType<typeof advance>): void => {
    items.push(...numberItems(state, step.items));
    state = step.state;
  };
  for (const reading of readings) take(onReading(state, reading, reading.receivedAt));
  take(advance(state, (readings.at(-1)?.receivedAt ?? T0) + 3_600_000));
  return { items, passes: items.flatMap((item) => (item.kind === 'pass' ? [item.pass] : [])), state };
}
