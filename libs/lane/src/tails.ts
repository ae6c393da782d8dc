import type { EpochMs } from '#libs/kernel';
import type { Reading } from '#libs/telemetry';
import type { ClosingRule } from './deadlines.js';
import { OTHER_SIDE, type Side } from './direction.js';
import type { LanePass } from './gate-pass.js';
import type { LanesState } from './gateway-lanes.js';
import type { Awaited, LaneSession, SessionTag } from './lane-session.js';
import { entrySide, MAX_RECENT_PASSES, type LaneState, type RecentPass, type TailTag } from './lane-state.js';

/* What a lane still hears of the trucks that left it, and whether that is a later truck's. */

/** A pass, and what its lane must know of it to tell its tail. */
export interface MadePass {
  readonly pass: LanePass;
  /** null: nobody knows. */
  readonly leftBy: Side | null;
  /** null: it turned back, or nobody knows. */
  readonly wentOnBy: Side | null;
}

export function remember(
  lane: LaneState,
  { pass, leftBy, wentOnBy }: MadePass,
  kept: readonly SessionTag[],
  rule: ClosingRule,
  until: EpochMs,
): readonly RecentPass[] {
  const fresh: RecentPass = {
    passId: pass.passId,
    leftBy,
    wentOnBy,
    parked: rule.overtime,
    textsUntil: until,
    texts: textsOf(pass),
    heardAt: null,
    tags: kept.map(({ epc, peakRssiDbm }) => ({ epc, peakRssiDbm, until, heldIn: null })),
  };
  const live = lane.recent.filter((old) => old.textsUntil >= rule.at || old.tags.some((tag) => tag.until >= rule.at));
  return [...live, fresh].slice(-MAX_RECENT_PASSES);
}

/** The last truck's rear left behind its pass: its tail lasts as long from there. */
export function prolong(lane: LaneState, until: EpochMs): LaneState {
  const last = lane.recent.at(-1);
  if (last === undefined) return lane;
  return inRecent(lane, last, { ...last, textsUntil: until, tags: last.tags.map((tag) => ({ ...tag, until })) });
}

export interface Tail {
  readonly pass: RecentPass;
  readonly tag: TailTag;
}

/** The newest closed pass of the lane that this tag still belongs to. */
export function tailOf(lane: LaneState, epc: string, at: EpochMs): Tail | null {
  for (let i = lane.recent.length - 1; i >= 0; i--) {
    const pass = lane.recent[i];
    const tag = pass?.tags.find((candidate) => candidate.epc === epc && at <= candidate.until);
    if (pass !== undefined && tag !== undefined) return { pass, tag };
  }
  return null;
}

export function tailElsewhere(state: LanesState, laneId: string, epc: string, at: EpochMs): SessionTag['tailOf'] {
  for (const other of state.lanes) {
    if (other.config.laneId === laneId) continue;
    const tail = tailOf(other, epc, at);
    if (tail === null) continue;
    return { laneId: other.config.laneId, peakRssiDbm: tail.tag.peakRssiDbm, until: tail.tag.until };
  }
  return null;
}

/** A later session takes a tag of a closed pass when it hears it first where its own truck comes from. */
export function isOfSession({ pass, tag }: Tail, lane: LaneState, session: LaneSession, side: Side | null): boolean {
  if (side === null || tag.heldIn === session.passId) return false;
  const entry = entrySide(lane.config, session);
  return entry === null ? pass.leftBy !== null && side !== pass.leftBy : side === entry;
}

/** A truck that turned back, or never left, may stand where the next one comes from. */
export function doubt({ pass, tag }: Tail, lane: LaneState, session: LaneSession): Awaited | null {
  const entry = entrySide(lane.config, session);
  if (entry === null || (pass.leftBy !== entry && !pass.parked)) return null;
  return { side: OTHER_SIDE[entry], until: pass.parked ? null : tag.until };
}

export function holdTail(
  lane: LaneState,
  { pass, tag }: Tail,
  session: LaneSession | null,
  at: EpochMs,
  tailMs: number,
): LaneState {
  const held: TailTag = {
    ...tag,
    until: pass.parked ? at + tailMs : tag.until,
    heldIn: session?.passId ?? tag.heldIn,
  };
  const tags = pass.tags.map((other) => (other === tag ? held : other));
  return inRecent(lane, pass, { ...pass, tags, heardAt: at });
}

/** Of a text that a closed pass has, read again in the empty lane; null: it belongs to no closed pass. */
export function holdText(lane: LaneState, body: Reading['body'], at: EpochMs): LaneState | null {
  const text = evidenceText(body);
  const pass =
    text === null ? undefined : lane.recent.findLast((old) => at <= old.textsUntil && old.texts.includes(text));
  return pass === undefined ? null : inRecent(lane, pass, { ...pass, heardAt: at });
}

function inRecent(lane: LaneState, before: RecentPass, after: RecentPass): LaneState {
  return { ...lane, recent: lane.recent.map((pass) => (pass === before ? after : pass)) };
}

/** All numbers that were read of a truck, spelt as `evidenceText` spells one. */
export function textsOf({ boxes, plates, scans, cards, seals }: Texts): string[] {
  return [
    ...boxes.map(({ text }) => `CONTAINER ${text}`),
    ...plates.map(({ text }) => `PLATE ${text}`),
    ...scans.map(({ text }) => `SCAN ${text}`),
    ...cards.map(({ text }) => `CARD ${text}`),
    ...seals.map(({ text }) => `SEAL ${text}`),
  ];
}

type Texts = Pick<LanePass, 'boxes' | 'plates' | 'scans' | 'cards' | 'seals'>;

function evidenceText(body: Reading['body']): string | null {
  switch (body.kind) {
    case 'OcrRead':
      return `${body.target} ${body.text}`;
    case 'BarcodeScan':
      return `SCAN ${body.text}`;
    case 'CardRead':
      return `CARD ${body.cardNumber}`;
    case 'SealStatus':
      return `SEAL ${body.sealNumber}`;
    case 'TagRead':
    case 'PositionFix':
    case 'LaneSignal':
    case 'WeightReading':
    case 'VesselReport':
      return null;
  }
}
