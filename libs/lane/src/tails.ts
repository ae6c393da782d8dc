import type { EpochMs } from '#libs/kernel';
import type { Reading } from '#libs/telemetry';
import type { ClosingRule } from './deadlines.js';
import { OTHER_SIDE, type Side } from './direction.js';
import type { LanePass } from './gate-pass.js';
import type { LanesState } from './gateway-lanes.js';
import type { Awaited, LaneSession, SessionTag } from './lane-session.js';
import { entrySide, MAX_RECENT_PASSES, type LaneState, type RecentPass, type TailTag } from './lane-state.js';

/* What a lane still hears of the trucks that left it, and whether that is a later truck's. */

export function remember(
  lane: LaneState,
  { pass, leftBy }: { pass: LanePass; leftBy: Side | null },
  kept: readonly SessionTag[],
  rule: ClosingRule,
  tailMs: number,
): readonly RecentPass[] {
  const until = rule.at + tailMs;
  const fresh: RecentPass = {
    passId: pass.passId,
    leftBy,
    parked: rule.overtime,
    textsUntil: until,
    texts: [
      ...pass.boxes.map(({ text }) => `CONTAINER ${text}`),
      ...pass.plates.map(({ text }) => `PLATE ${text}`),
      ...pass.scans.map(({ text }) => `SCAN ${text}`),
      ...pass.cards.map(({ text }) => `CARD ${text}`),
      ...pass.seals.map(({ text }) => `SEAL ${text}`),
    ],
    tags: kept.map(({ epc, peakRssiDbm }) => ({ epc, peakRssiDbm, until, heldIn: null })),
  };
  const live = lane.recent.filter((old) => old.textsUntil >= rule.at || old.tags.some((tag) => tag.until >= rule.at));
  return [...live, fresh].slice(-MAX_RECENT_PASSES);
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
  return { ...lane, recent: lane.recent.map((other) => (other === pass ? { ...pass, tags } : other)) };
}

export function evidenceText(body: Reading['body']): string | null {
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
