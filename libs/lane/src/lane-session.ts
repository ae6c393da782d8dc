import type { EpochMs } from '#libs/kernel';
import {
  stronger,
  type LaneDecision,
  type OcrRead,
  type Reading,
  type ReadingRef,
  type TagRead,
} from '#libs/telemetry';
import type { HeardAtSide, HeardBySides, Side } from './direction.js';
import type { OcrEvidence, PassDecision, TagEvidence, TextEvidence, WeightEvidence } from './gate-pass.js';
import type { LoopTrace } from './loops.js';

/** One reading's place in both clocks: `at` the gateway's pipeline clock, `time` what the evidence says. */
export interface Stamp {
  readonly at: EpochMs;
  readonly time: EpochMs;
  readonly ref: ReadingRef;
}

export function stampOf({ deviceId, boot, sequence, occurredAt }: Reading, at: EpochMs): Stamp {
  return { at, time: occurredAt, ref: { deviceId, boot, sequence } };
}

/** Another lane's claim on a tag. */
export interface Claim {
  readonly laneId: string;
  readonly peakRssiDbm: number | null;
}

/** `until` ends the doubt; null: only the side does. */
export interface Awaited {
  readonly side: Side;
  readonly until: EpochMs | null;
}

export interface SessionTag extends TagEvidence {
  /** Pipeline clock of the first and the last read here. */
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly sides: HeardBySides;
  /** The tag of a truck that turned back and may still stand there: counts here once the other side hears it too. */
  readonly awaits: Awaited | null;
  /** Another lane closed first and keeps the tag. */
  readonly keptBy: Claim | null;
  /** Another lane closed first and gave the tag to this one. */
  readonly awarded: boolean;
  /** All reads here fall into the tail of another lane's closed pass, which ends at `until`. */
  readonly tailOf: (Claim & { readonly until: EpochMs }) | null;
}

export interface LaneSession {
  readonly passId: string;
  readonly opened: Stamp;
  /** The last reading that says that somebody is there; weights do not, for a scale talks to itself. */
  readonly lastSign: Stamp;
  /** All loops are off since; null: one is on, or the lane has none. */
  readonly clearSince: Stamp | null;
  /** null: the lane has no loops on two sides, or one was stuck. */
  readonly loops: LoopTrace | null;
  readonly decision: PassDecision | null;
  readonly tags: readonly SessionTag[];
  readonly boxes: readonly OcrEvidence[];
  readonly plates: readonly OcrEvidence[];
  readonly scans: readonly TextEvidence[];
  readonly cards: readonly TextEvidence[];
  readonly seals: readonly TextEvidence[];
  readonly weights: readonly WeightEvidence[];
  /** Evidence that was one too many for this session. */
  readonly dropped: number;
}

/** Most tags, and most texts of each kind, of one session: a truck has a handful, a stack of boxes beside the lane has more. */
export const MAX_SESSION_TAGS = 128;
export const MAX_SESSION_TEXTS = 64;

export function openSession(passId: string, opened: Stamp, loops: LoopTrace | null): LaneSession {
  return {
    passId,
    opened,
    lastSign: opened,
    clearSince: null,
    loops,
    decision: null,
    tags: [],
    boxes: [],
    plates: [],
    scans: [],
    cards: [],
    seals: [],
    weights: [],
    dropped: 0,
  };
}

/** What is not in the tag's own read: where it was heard, and what stands against it. */
export interface TagContext {
  readonly side: Side | null;
  readonly awaits: Awaited | null;
  readonly tailOf: SessionTag['tailOf'];
}

export function takeTag(session: LaneSession, read: TagRead, stamp: Stamp, context: TagContext): LaneSession {
  const index = session.tags.findIndex((tag) => tag.epc === read.epc);
  const known = session.tags[index];
  if (known !== undefined)
    return { ...session, lastSign: stamp, tags: session.tags.with(index, heardAgain(known, read, stamp, context)) };
  if (session.tags.length >= MAX_SESSION_TAGS) return { ...session, lastSign: stamp, dropped: session.dropped + 1 };
  const fresh: SessionTag = {
    pc: read.pc,
    epc: read.epc,
    antennas: [read.antenna],
    count: 1,
    peakRssiDbm: read.rssiDbm,
    firstSeen: stamp.time,
    lastSeen: stamp.time,
    ref: stamp.ref,
    firstAt: stamp.at,
    lastAt: stamp.at,
    sides: heardAt({ LANDSIDE: null, TERMINALSIDE: null }, read, stamp, context.side),
    awaits: context.awaits,
    keptBy: null,
    awarded: false,
    tailOf: context.tailOf,
  };
  return { ...session, lastSign: stamp, tags: [...session.tags, fresh] };
}

function heardAgain(tag: SessionTag, read: TagRead, stamp: Stamp, { side }: TagContext): SessionTag {
  // Written out, as a read comes here more often than anywhere else: a literal costs half of a spread with as many fields.
  return {
    pc: tag.pc,
    epc: tag.epc,
    antennas: tag.antennas.includes(read.antenna)
      ? tag.antennas
      : [...tag.antennas, read.antenna].sort((a, b) => a - b),
    count: tag.count + 1,
    peakRssiDbm: stronger(tag.peakRssiDbm, read.rssiDbm),
    firstSeen: tag.firstSeen,
    lastSeen: Math.max(tag.lastSeen, stamp.time),
    ref: tag.ref,
    firstAt: tag.firstAt,
    lastAt: stamp.at,
    sides: heardAt(tag.sides, read, stamp, side),
    awaits: isAwaited(tag.awaits, side, stamp.at) ? null : tag.awaits,
    keptBy: tag.keptBy,
    awarded: tag.awarded,
    tailOf: tag.tailOf !== null && stamp.at > tag.tailOf.until ? null : tag.tailOf,
  };
}

function isAwaited(awaits: Awaited | null, side: Side | null, at: EpochMs): boolean {
  return awaits !== null && (side === awaits.side || (awaits.until !== null && at > awaits.until));
}

function heardAt(sides: HeardBySides, read: TagRead, stamp: Stamp, side: Side | null): HeardBySides {
  if (side === null) return sides;
  const heard = heardHere(sides[side], read.rssiDbm, stamp);
  return side === 'LANDSIDE'
    ? { LANDSIDE: heard, TERMINALSIDE: sides.TERMINALSIDE }
    : { LANDSIDE: sides.LANDSIDE, TERMINALSIDE: heard };
}

function heardHere(known: HeardAtSide | null, rssiDbm: number | null, { at, time }: Stamp): HeardAtSide {
  const isPeak = known === null || (rssiDbm !== null && (known.peakRssiDbm === null || rssiDbm > known.peakRssiDbm));
  return {
    firstAt: known === null ? at : known.firstAt,
    firstSeen: known === null ? time : known.firstSeen,
    peakAt: isPeak ? at : known.peakAt,
    peakRssiDbm: isPeak ? rssiDbm : known.peakRssiDbm,
    lastAt: at,
    lastRssiDbm: rssiDbm,
  };
}

/** The last word before closing counts. */
export function takeDecision(session: LaneSession, word: LaneDecision, stamp: Stamp): LaneSession {
  const { verdict, by, reason } = word;
  return { ...session, lastSign: stamp, decision: { verdict, by, reason, at: stamp.time } };
}

/** Takes what cameras, scanners, card readers, seals and scales say; other bodies are no evidence of a pass. */
export function takeEvidence(session: LaneSession, body: Reading['body'], stamp: Stamp): LaneSession {
  switch (body.kind) {
    case 'OcrRead': {
      const list = body.target === 'CONTAINER' ? 'boxes' : 'plates';
      return withList({ ...session, lastSign: stamp }, list, takeOcr(session[list], body, stamp));
    }
    case 'BarcodeScan':
      return withList({ ...session, lastSign: stamp }, 'scans', takeText(session.scans, body.text, stamp));
    case 'CardRead':
      return withList({ ...session, lastSign: stamp }, 'cards', takeText(session.cards, body.cardNumber, stamp));
    case 'SealStatus':
      return withList({ ...session, lastSign: stamp }, 'seals', takeText(session.seals, body.sealNumber, stamp));
    case 'WeightReading': {
      const { grossKg, stable } = body;
      return {
        ...session,
        weights: takeWeight(session.weights, { grossKg, stable, at: stamp.time, ref: stamp.ref }),
      };
    }
    case 'TagRead':
    case 'PositionFix':
    case 'LaneSignal':
    case 'VesselReport':
      return session;
  }
}

type TextList = 'boxes' | 'plates' | 'scans' | 'cards' | 'seals';

function withList<L extends TextList>(session: LaneSession, list: L, taken: LaneSession[L] | null): LaneSession {
  if (taken === null) return { ...session, dropped: session.dropped + 1 };
  return { ...session, [list]: taken };
}

/** One number read many times is one evidence: the surest reading, with a picture and a place from another if it has none. */
function takeOcr(list: readonly OcrEvidence[], read: OcrRead, stamp: Stamp): readonly OcrEvidence[] | null {
  const { text, confidence, pictureUrl, position } = read;
  const fresh: OcrEvidence = { text, confidence, pictureUrl, position, at: stamp.time, ref: stamp.ref };
  const index = list.findIndex((known) => known.text === text);
  const known = list[index];
  if (known === undefined) return list.length >= MAX_SESSION_TEXTS ? null : [...list, fresh];
  const [best, other] = fresh.confidence > known.confidence ? [fresh, known] : [known, fresh];
  return list.with(index, {
    ...best,
    pictureUrl: best.pictureUrl ?? other.pictureUrl,
    position: best.position ?? other.position,
  });
}

function takeText(list: readonly TextEvidence[], text: string, stamp: Stamp): readonly TextEvidence[] | null {
  if (list.some((known) => known.text === text)) return list;
  if (list.length >= MAX_SESSION_TEXTS) return null;
  return [...list, { text, at: stamp.time, ref: stamp.ref }];
}

/** A reading that was still moving gives way to the next; the same stable one is kept once; the last place is the latest's. */
function takeWeight(list: readonly WeightEvidence[], fresh: WeightEvidence): readonly WeightEvidence[] {
  const last = list.at(-1);
  if (last === undefined) return [fresh];
  if (last.stable && fresh.stable && last.grossKg === fresh.grossKg) return list;
  if (last.stable && !fresh.stable) return list;
  return !last.stable || list.length >= MAX_SESSION_TEXTS ? list.with(-1, fresh) : [...list, fresh];
}
