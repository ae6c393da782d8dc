import type { LanePass, OcrEvidence, TextEvidence, UplinkItem } from '#libs/lane';
import type { Observation, ReadingRef } from '#libs/telemetry';
import { derivedId, type EpochMs } from '#libs/kernel';
import type { SandboxScript } from '../api/schema.generated.js';
import { placeAt, YARD_WEST_M, type SandboxStage } from './sandbox-plan.js';

/** What a gateway would send, one list a batch; the later batch comes when the earlier is stored. */
type Batches = readonly (readonly Item[])[];
/** An item before it is numbered. */
type Item =
  | { readonly kind: 'observation'; readonly observation: Observation }
  | { readonly kind: 'pass'; readonly pass: LanePass };

interface Script {
  readonly trade: 'EXPORT' | 'IMPORT';
  readonly plays: string;
  readonly playsZh: string;
  /** What then can be seen, for whom. */
  readonly expects: readonly string[];
  readonly batches: (stage: SandboxStage) => Batches;
}

const S = 1_000;
const MIN = 60 * S;
/** An empty tractor with its chassis, and one with a laden box. */
export const TRACTOR_KG = 8_800;
export const CHASSIS_KG = 6_200;
const LADEN_KG = TRACTOR_KG + CHASSIS_KG + 22_000;

/** The table of scripts; an enum of the API has the same names. */
export const SANDBOX_SCRIPTS: Readonly<Record<SandboxScript, Script>> = {
  GATE_IN_EXPORT_FULL: {
    trade: 'EXPORT',
    plays: 'A truck brings a laden export box through the gate; cameras, scale and seal reader tell the same.',
    playsZh: '集卡送出口重箱进闸，摄像头、地磅与封志读取一致。',
    expects: [
      'company: ContainerGatedIn of the box with the truck’s plate, fullness LADEN; the shipment’s GTIN is reached',
      'gate operator: a pass CROSSED with the seal, no exceptions; an open truck visit that delivered the box',
    ],
    batches: (stage) => [passIn(stage, stage.now - MIN, stage.box)],
  },
  GATE_OUT_IMPORT: {
    trade: 'IMPORT',
    plays: 'A truck comes in empty and leaves with an import box.',
    playsZh: '集卡空车进闸，提进口箱出闸。',
    expects: [
      'company: ContainerGatedOut of the box with the truck’s plate; the shipment’s GTOT is reached',
      'gate operator: two passes CROSSED and one closed truck visit that received the box',
    ],
    batches: (stage) => [passIn(stage, stage.now - 30 * MIN, null), passOut(stage, stage.now - MIN)],
  },
  REFUSED_PASS: {
    trade: 'EXPORT',
    plays: 'The terminal turns the truck away: no appointment.',
    playsZh: '码头拒绝进闸：无预约。',
    expects: [
      'company: PassRefused of the box, without the reason; no ContainerGatedIn',
      'gate operator: a pass REFUSED, and PassRefused of the truck with the reason NO_APPOINTMENT',
    ],
    batches: (stage) => [passIn(stage, stage.now - MIN, stage.box, 'REFUSED')],
  },
  BAD_CHECK_DIGIT: {
    trade: 'EXPORT',
    plays: 'The camera reads the box’s number with a wrong check digit, and nothing else names the box.',
    playsZh: '摄像头读出的箱号校验码错误，且无其他证据。',
    expects: [
      'company: nothing, until a person names the box; then ContainerGatedIn, late',
      'gate operator: a pass with UNRESOLVED_NUMBER, an unresolved observation CHECK_DIGIT and an alert; resolveObservation names the box',
    ],
    batches: (stage) => [passIn(stage, stage.now - MIN, stage.wrongBox)],
  },
  LATE_EVENT: {
    trade: 'EXPORT',
    plays:
      'Behind the gate-in the truck’s receiver was out of reach: its fixes in the yard come when later ones are stored.',
    playsZh: '进闸后定位信号中断，堆场内的定位在较晚的定位之后才到达。',
    expects: [
      'company: ContainerGatedIn, then ZoneEntered of the yard with late: true at the time when it happened, behind events that occurred after it',
      'gate operator: the same, for truck and box, and ZoneExited of the truck',
    ],
    batches: (stage) => [
      passIn(stage, stage.now - 30 * MIN, stage.box),
      [outside(stage, -28 * MIN), outside(stage, -20 * MIN), outside(stage, -19 * MIN)],
      [inside(stage, -26 * MIN), inside(stage, -25 * MIN), inside(stage, -24 * MIN)],
    ],
  },
  WITHDRAWN_EVENT: {
    trade: 'EXPORT',
    plays: 'A fix that comes late shows that the truck was not in the yard long enough to have entered it.',
    playsZh: '迟到的定位表明集卡并未真正进入堆场，先前的事件被撤销。',
    expects: [
      'company: ContainerGatedIn, ZoneEntered of the yard, then EventWithdrawn that names it; lists leave the withdrawn one out unless includeWithdrawn is true',
      'gate operator: the same, for truck and box',
    ],
    batches: (stage) => [
      passIn(stage, stage.now - 30 * MIN, stage.box),
      [outside(stage, -28 * MIN), inside(stage, -27 * MIN), inside(stage, -27 * MIN + 40 * S)],
      [outside(stage, -27 * MIN + 20 * S)],
    ],
  },
};

/** The script as a gateway sends it: numbered items of one batch after the other, in JSON's form. */
export function scriptedBatches(script: SandboxScript, stage: SandboxStage): readonly (readonly unknown[])[] {
  return SANDBOX_SCRIPTS[script]
    .batches(stage)
    .map((items) => items.map((item, index) => ({ sequence: index + 1, ...item }) satisfies UplinkItem));
}

/** Each reading of a device has its time as its number: none is told twice. */
const refOf = ({ boot, gateId }: SandboxStage, device: string, at: EpochMs): ReadingRef => ({
  deviceId: `${gateId}-${device}`,
  boot,
  sequence: at,
});

function passIn(
  stage: SandboxStage,
  at: EpochMs,
  box: string | null,
  verdict: 'ACCEPTED' | 'REFUSED' = 'ACCEPTED',
): readonly Item[] {
  return passOf(stage, { laneId: stage.laneIn, direction: 'IN', at, box, verdict });
}

function passOut(stage: SandboxStage, at: EpochMs): readonly Item[] {
  return passOf(stage, { laneId: stage.laneOut, direction: 'OUT', at, box: stage.box, verdict: 'ACCEPTED' });
}

interface Crossing {
  readonly laneId: string;
  readonly direction: 'IN' | 'OUT';
  readonly at: EpochMs;
  readonly box: string | null;
  readonly verdict: 'ACCEPTED' | 'REFUSED';
}

/** What the lane's devices say of one truck, and the pass that its gateway makes of it. */
function passOf(stage: SandboxStage, { laneId, direction, at, box, verdict }: Crossing): readonly Item[] {
  const plate: OcrEvidence = { ...read(stage, 'PLATE', at + S), text: stage.truck };
  const boxes: readonly OcrEvidence[] = box === null ? [] : [{ ...read(stage, 'CAM', at + 2 * S), text: box }];
  const seals: readonly TextEvidence[] =
    box === null ? [] : [{ text: stage.seal, at: at + 3 * S, ref: refOf(stage, 'SEAL', at + 3 * S) }];
  const weighed = at + 4 * S;
  const weights =
    box === null ? [] : [{ grossKg: LADEN_KG, stable: true, at: weighed, ref: refOf(stage, 'SCALE', weighed) }];
  const accepted = verdict === 'ACCEPTED';
  const pass: LanePass = {
    passId: derivedId('sandbox pass', stage.siteId, stage.boot, laneId, at),
    siteId: stage.siteId,
    laneId,
    occurredAt: at,
    closedAt: at + 20 * S,
    direction,
    directionSource: 'LOOPS',
    outcome: accepted ? 'CROSSED' : 'REFUSED',
    exit: accepted ? 'SEEN' : 'NOT_REACHED',
    closedBy: 'LOOP',
    doubts: [],
    decision: { verdict, by: 'TOS', reason: accepted ? null : 'NO_APPOINTMENT', at: at + 10 * S },
    tags: [],
    boxes,
    plates: [plate],
    scans: [],
    cards: [],
    seals,
    weights,
    crossReads: [],
    causes: [refOf(stage, 'IO', at), refOf(stage, 'IO', at + 20 * S)],
  };
  const told = (evidence: TextEvidence, body: Observation['body']): Item => ({
    kind: 'observation',
    observation: { ...evidence.ref, occurredAt: evidence.at, receivedAt: evidence.at, laneId, body },
  });
  const seen = (evidence: OcrEvidence, target: 'CONTAINER' | 'PLATE'): Item => {
    const { text, confidence, pictureUrl, position } = evidence;
    return told(evidence, { kind: 'OcrRead', target, text, confidence, pictureUrl, position });
  };
  return [
    seen(plate, 'PLATE'),
    ...boxes.map((evidence) => seen(evidence, 'CONTAINER')),
    ...seals.map((evidence) => told(evidence, { kind: 'SealStatus', sealNumber: evidence.text, state: 'LOCKED' })),
    { kind: 'pass', pass },
  ];
}

const read = (stage: SandboxStage, device: string, at: EpochMs): Omit<OcrEvidence, 'text'> => ({
  confidence: 0.97,
  pictureUrl: null,
  position: null,
  at,
  ref: refOf(stage, device, at),
});

/** 150 m before the yard's edge, and as much behind it: farther than its buffer. */
const outside = (stage: SandboxStage, sinceNow: number): Item => fixAt(stage, sinceNow, YARD_WEST_M - 150);
const inside = (stage: SandboxStage, sinceNow: number): Item => fixAt(stage, sinceNow, YARD_WEST_M + 150);

function fixAt({ origin, receiver, boot, now }: SandboxStage, sinceNow: number, eastM: number): Item {
  const at = now + sinceNow;
  return {
    kind: 'observation',
    observation: {
      deviceId: receiver,
      boot,
      sequence: at,
      occurredAt: at,
      receivedAt: at,
      laneId: null,
      body: {
        kind: 'PositionFix',
        ...placeAt(origin, eastM, 0),
        speedMps: null,
        courseDeg: null,
        altitudeM: null,
        hdop: 0.9,
        satellites: 14,
        accuracyM: 3,
        system: 'BEIDOU',
      },
    },
  };
}
