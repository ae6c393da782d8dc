import { derivedId, type EpochMs } from '#libs/kernel';
import {
  isTagReading,
  type LaneDecision,
  type LanePresence,
  type LoopPosition,
  type Reading,
  type TagReading,
} from '#libs/telemetry';
import { heardTogether, ownerOf, type Contestant } from './cross-reads.js';
import {
  DIRECTION_FROM,
  directionByAntennas,
  ENTRY_OF,
  OTHER_SIDE,
  secondGroupHeard,
  sideOfAntenna,
  type Side,
} from './direction.js';
import type {
  CrossRead,
  Direction,
  DirectionSource,
  ExitWord,
  LanePass,
  PassClosedBy,
  TagEvidence,
} from './gate-pass.js';
import type { LaneConfig } from './lane-config.js';
import {
  openSession,
  takeDecision,
  takeEvidence,
  takeTag,
  type Awaited,
  type LaneSession,
  type SessionTag,
  type Stamp,
} from './lane-session.js';
import { fall, leftByExit, leftForGood, NO_LOOPS_SEEN, rise } from './loops.js';
import { outcomeOf } from './outcome.js';

/**
 * Everything that a gateway's lanes hear → passes. A session is opened by a reading and closed by a deadline, never by a
 * reading, so that its end does not depend on what else happens to be read:
 *
 * - lane with loops on both sides, when the truck was seen to leave: in the instant in which the exit side falls;
 * - lane with loops or beams otherwise: `bounceMs` after the last of them fell, unless one rose again;
 * - lane without: `idleMs` after the last sign of anybody;
 * - any lane: `maxSessionMs` after it opened.
 *
 * Pure: the state is plain JSON; `at` is the gateway's pipeline clock, which stands still while the gateway is down.
 */
export interface FusionTimings {
  /** A loop that is off, or on, for less has not fallen, or risen. Where the exit was not seen, closing waits for it. */
  readonly bounceMs: number;
  readonly idleMs: number;
  /** What was read up to this long before a session opened, while the lane was empty, belongs to it: cameras fire first. */
  readonly preSessionMs: number;
  /** A tag heard up to this long after its pass belongs to that pass. */
  readonly tailMs: number;
  readonly maxSessionMs: number;
  /** A lane that heard a tag stronger by this much owns it. */
  readonly crossReadMarginDb: number;
}

export const DEFAULT_TIMINGS: FusionTimings = {
  bounceMs: 300,
  idleMs: 5_000,
  preSessionMs: 3_000,
  tailMs: 15_000,
  maxSessionMs: 600_000,
  crossReadMarginDb: 3,
};

export interface FusionCounters {
  readonly passes: number;
  /** Sessions of lanes without loops that heard nothing but another lane's tags: no pass. */
  readonly phantomSessions: number;
  /** Reads that belong to a pass already closed. */
  readonly tailReads: number;
  /** Tags given to another lane. */
  readonly crossReads: number;
  /** Decisions while no truck stood in the lane. */
  readonly decisionsUnheard: number;
  /** Readings beyond a session's or the waiting list's bound. */
  readonly evidenceDropped: number;
}

export interface LanesState {
  readonly siteId: string;
  readonly timings: FusionTimings;
  /** By lane id. */
  readonly lanes: readonly LaneState[];
  readonly laneIndex: Readonly<Record<string, number>>;
  /** No lane's deadline lies before this. It may be too early, for a later reading moves a deadline on. */
  readonly quietUntil: EpochMs;
  readonly counters: FusionCounters;
}

export interface LaneState {
  readonly config: LaneConfig;
  /** Loops and beams that are on, by signal and position. */
  readonly presence: Readonly<Record<string, Presence>>;
  /** The side by which the last truck was seen to leave, as long as it may chatter. */
  readonly chatter: Chatter | null;
  readonly session: LaneSession | null;
  /** Read while the lane was empty, oldest first. */
  readonly waiting: readonly { readonly reading: Reading; readonly at: EpochMs }[];
  /** Passes whose tail may still be heard, oldest first. */
  readonly recent: readonly RecentPass[];
}

/**
 * - STUCK: on since before the last session ran out of time.
 * - CHATTER: on again so soon behind a truck that it belongs to that truck, or to the next: time will tell.
 */
export type Presence = 'ON' | 'STUCK' | 'CHATTER';

/** A rise of this side before `until` opens nothing, unless it stays on for `bounceMs`. */
export interface Chatter {
  readonly side: Side;
  /** `bounceMs` after the side's last fall. */
  readonly until: EpochMs;
  /** The rise that is waited for; null: the side is off. */
  readonly risen: Stamp | null;
}

export interface RecentPass {
  readonly passId: string;
  readonly leftBy: Side | null;
  /** The session ran out of time: its tags stay with it until they fall silent for `tailMs`. */
  readonly parked: boolean;
  readonly textsUntil: EpochMs;
  readonly texts: readonly string[];
  readonly tags: readonly TailTag[];
}

export interface TailTag {
  readonly epc: string;
  readonly peakRssiDbm: number | null;
  readonly until: EpochMs;
  /** The later session that first heard it where its own truck had left. */
  readonly heldIn: string | null;
}

/** One session's end; `pass` is null when nobody had been there. */
export interface LaneClosing {
  readonly laneId: string;
  /** Pipeline clock of the deadline. */
  readonly firedAt: EpochMs;
  readonly pass: LanePass | null;
}

/** Later than every clock, and a number that JSON can write. */
const NEVER: EpochMs = Number.MAX_VALUE;

/** Most readings kept while a lane is empty, and most closed passes of a lane whose tail is watched. */
export const MAX_WAITING = 256;
export const MAX_RECENT_PASSES = 8;

export function createLanesState(
  siteId: string,
  lanes: readonly LaneConfig[],
  timings: FusionTimings = DEFAULT_TIMINGS,
): LanesState {
  const counters: FusionCounters = {
    passes: 0,
    phantomSessions: 0,
    tailReads: 0,
    crossReads: 0,
    decisionsUnheard: 0,
    evidenceDropped: 0,
  };
  return assembled(siteId, timings, lanes.map(emptyLane), counters);
}

function emptyLane(config: LaneConfig): LaneState {
  return { config, presence: {}, chatter: null, session: null, waiting: [], recent: [] };
}

function assembled(
  siteId: string,
  timings: FusionTimings,
  unsorted: readonly LaneState[],
  counters: FusionCounters,
): LanesState {
  const lanes = unsorted.toSorted((a, b) => (a.config.laneId < b.config.laneId ? -1 : 1));
  return {
    siteId,
    timings,
    lanes,
    laneIndex: Object.fromEntries(lanes.map(({ config }, index) => [config.laneId, index])),
    quietUntil: Math.min(NEVER, ...lanes.map((lane) => deadlineOf(lane, timings))),
    counters,
  };
}

function laneOf(state: LanesState, laneId: string): LaneState | undefined {
  const index = state.laneIndex[laneId];
  return index === undefined ? undefined : state.lanes[index];
}

/**
 * Goes on under another configuration: new timings, sides and antennas hold for what comes from here on, also in sessions
 * that are open. A session of a lane that is gone, or whose loops are others now, ends by what is known of it, in the order of
 * lane ids; such a lane begins empty, and its new loops are believed off until they say otherwise.
 */
export function reconfigureLanes(
  before: LanesState,
  siteId: string,
  configs: readonly LaneConfig[],
  timings: FusionTimings,
): { state: LanesState; closings: readonly LaneClosing[] } {
  const wanted = new Map(siteId === before.siteId ? configs.map((config) => [config.laneId, config] as const) : []);
  const goesOn = ({ config }: LaneState): boolean => hasSameLoops(config, wanted.get(config.laneId));
  let state = before;
  const closings: LaneClosing[] = [];
  for (const { config } of before.lanes) {
    const lane = laneOf(state, config.laneId);
    if (lane === undefined || lane.session === null || goesOn(lane)) continue;
    const closed = closeSession(state, lane, lane.session, breakOff(lane.session));
    closings.push(closed.closing);
    state = closed.state;
  }
  const lanes = configs.map((config): LaneState => {
    const known = wanted.has(config.laneId) ? laneOf(state, config.laneId) : undefined;
    if (known === undefined) return emptyLane(config);
    return goesOn(known) ? { ...known, config } : { ...emptyLane(config), recent: known.recent };
  });
  return { state: assembled(siteId, timings, lanes, state.counters), closings };
}

function hasSameLoops(a: LaneConfig, b: LaneConfig | undefined): boolean {
  return (
    b !== undefined && a.loops.length === b.loops.length && a.loops.every((position) => b.loops.includes(position))
  );
}

/** When all loops are off, the truck is gone, and only the wait for a bounce is cut short. */
function breakOff({ clearSince, lastSign }: LaneSession): ClosingRule {
  const from = clearSince ?? lastSign;
  return { at: from.at, closedAt: from.time, closedBy: 'TIMEOUT', overtime: clearSince === null, from, leftBy: null };
}

/** Takes one reading of a lane's device; deadlines ≤ `at` must have been worked off. An unknown lane changes nothing. */
export function fuseReading(state: LanesState, laneId: string, reading: Reading, at: EpochMs): LanesState {
  const lane = laneOf(state, laneId);
  if (lane === undefined) return state;
  const stamp = stampOf(reading, at);
  if (isTagReading(reading)) return hearTag(state, lane, reading, stamp);
  const { body } = reading;
  if (body.kind === 'LaneSignal') {
    if (body.signal === 'BARRIER') return state;
    return body.signal === 'DECISION'
      ? hearDecision(state, lane, body, stamp)
      : hearLoop(state, lane, body, body.position, stamp);
  }
  if (lane.session !== null) return put(state, { ...lane, session: takeEvidence(lane.session, body, stamp) });
  const text = evidenceText(body);
  const isTail = text !== null && lane.recent.some((pass) => at <= pass.textsUntil && pass.texts.includes(text));
  return isTail ? count(state, { tailReads: 1 }) : wait(state, lane, reading, at);
}

/** The next deadline of any lane; null: no session is open, and no rise is waited for. */
export function nextLaneDeadline(state: LanesState): EpochMs | null {
  const { at } = nextDeadline(state);
  return at === NEVER ? null : at;
}

/** Works off every deadline ≤ `at`, in the order of the deadlines; equal ones by lane id. */
export function advanceLanes(before: LanesState, at: EpochMs): { state: LanesState; closings: readonly LaneClosing[] } {
  if (at < before.quietUntil) return { state: before, closings: NO_CLOSINGS };
  let state = before;
  const closings: LaneClosing[] = [];
  for (;;) {
    const next = nextDeadline(state);
    if (next.lane === null || next.at > at) return { state: { ...state, quietUntil: next.at }, closings };
    const { lane } = next;
    if (confirmationAt(lane, state.timings) === next.at) {
      state = put(state, confirmed(state, lane));
    } else if (lane.session !== null) {
      const closed = closeSession(state, lane, lane.session, closingRule(lane.config, lane.session, state.timings));
      closings.push(closed.closing);
      state = closed.state;
    }
  }
}

const NO_CLOSINGS: readonly LaneClosing[] = [];

function nextDeadline({ lanes, timings }: LanesState): { readonly at: EpochMs; readonly lane: LaneState | null } {
  let at = NEVER;
  let next: LaneState | null = null;
  for (const lane of lanes) {
    const deadline = deadlineOf(lane, timings);
    if (deadline >= at) continue;
    at = deadline;
    next = lane;
  }
  return { at, lane: next };
}

function deadlineOf(lane: LaneState, timings: FusionTimings): EpochMs {
  const confirmation = confirmationAt(lane, timings);
  return lane.session === null ? confirmation : Math.min(confirmation, closingAt(lane.config, lane.session, timings));
}

/** When a rise behind a truck that left is no chatter any more. */
function confirmationAt({ chatter }: LaneState, { bounceMs }: FusionTimings): EpochMs {
  return chatter === null || chatter.risen === null ? NEVER : chatter.risen.at + bounceMs;
}

// ---------------------------------------------------------------------------------------------------- hearing

function hearLoop(
  state: LanesState,
  lane: LaneState,
  { signal, on }: LanePresence,
  position: LoopPosition,
  stamp: Stamp,
): LanesState {
  if (!lane.config.loops.includes(position)) return state;
  const key = `${signal}:${position}`;
  const known = lane.presence[key];
  if (on === (known !== undefined)) return state;
  const side = position === 'ONLY' ? null : position;
  return put(state, on ? risen(state, lane, key, side, stamp) : fallen(state, lane, key, side, stamp));
}

function risen(state: LanesState, lane: LaneState, key: string, side: Side | null, stamp: Stamp): LaneState {
  const { chatter } = lane;
  if (chatter !== null && side === chatter.side && (chatter.risen !== null || stamp.at < chatter.until)) {
    const presence = { ...lane.presence, [key]: 'CHATTER' as const };
    return { ...lane, presence, chatter: { ...chatter, risen: chatter.risen ?? stamp } };
  }
  const present = occupied(state, lane, side !== null && !isOn(lane, side) ? side : null, stamp);
  return { ...present, presence: { ...lane.presence, [key]: 'ON' } };
}

/** What looked like chatter has stayed on: somebody stands there since it rose, in a session of his own if none is open. */
function confirmed(state: LanesState, lane: LaneState): LaneState {
  const { chatter } = lane;
  if (chatter === null || chatter.risen === null) return lane;
  const present = occupied(state, lane, chatter.side, chatter.risen);
  return { ...present, presence: reworded(lane.presence, 'CHATTER', 'ON'), chatter: null };
}

/** `rising`: the side that was off until now. */
function occupied(state: LanesState, lane: LaneState, rising: Side | null, stamp: Stamp): LaneState {
  const session = lane.session ?? opened(state, lane, stamp);
  const { bounceMs } = state.timings;
  const loops =
    session.loops !== null && rising !== null ? rise(session.loops, rising, stamp.at, bounceMs) : session.loops;
  const lastSign = later(session.lastSign, stamp);
  return { ...lane, waiting: [], session: { ...session, lastSign, clearSince: null, loops } };
}

function fallen(state: LanesState, lane: LaneState, key: string, side: Side | null, stamp: Stamp): LaneState {
  const { bounceMs } = state.timings;
  const presence = Object.fromEntries(Object.entries(lane.presence).filter(([other]) => other !== key));
  const left: LaneState = { ...lane, presence };
  const word = lane.presence[key];
  if (word === 'CHATTER' && lane.chatter !== null) {
    const isStill = Object.values(presence).includes('CHATTER');
    return isStill ? left : { ...left, chatter: { ...lane.chatter, until: stamp.at + bounceMs, risen: null } };
  }
  const { session } = lane;
  if (word === 'STUCK' || session === null) return left;
  const falls = side !== null && !isOn(left, side);
  const loops = session.loops !== null && falls ? fall(session.loops, side, stamp.at, bounceMs) : session.loops;
  const clearSince = Object.values(presence).includes('ON') ? null : stamp;
  return { ...left, session: { ...session, lastSign: stamp, loops, clearSince } };
}

function hearDecision(state: LanesState, lane: LaneState, word: LaneDecision, stamp: Stamp): LanesState {
  if (lane.session === null) return count(state, { decisionsUnheard: 1 });
  return put(state, { ...lane, session: takeDecision(lane.session, word, stamp) });
}

function hearTag(state: LanesState, lane: LaneState, reading: TagReading, stamp: Stamp): LanesState {
  const { epc, antenna } = reading.body;
  const side = sideOfAntenna(lane.config, reading.deviceId, antenna);
  const { session } = lane;
  const inSession = session?.tags.some((tag) => tag.epc === epc) ?? false;
  const tail = inSession ? null : tailOf(lane, epc, stamp.at);
  if (tail === null) {
    if (session !== null) return put(state, withTag(state, lane, session, reading, stamp, null));
    if (lane.config.loops.length > 0) return wait(state, lane, reading, stamp.at);
    const fresh = { ...lane, waiting: [] };
    return put(state, withTag(state, fresh, opened(state, lane, stamp), reading, stamp, null));
  }
  if (session !== null && isOfSession(tail, lane, session, side)) {
    return put(state, withTag(state, lane, session, reading, stamp, doubt(tail, lane, session)));
  }
  return count(put(state, holdTail(lane, tail, session, stamp.at, state.timings.tailMs)), { tailReads: 1 });
}

function withTag(
  state: LanesState,
  lane: LaneState,
  session: LaneSession,
  { deviceId, body }: TagReading,
  stamp: Stamp,
  awaits: Awaited | null,
): LaneState {
  const isKnown = session.tags.some((tag) => tag.epc === body.epc);
  const context = {
    side: sideOfAntenna(lane.config, deviceId, body.antenna),
    awaits,
    // Asked at a tag's first read only: the search over all lanes' tails costs more than the rest of a read.
    tailOf: isKnown ? null : tailElsewhere(state, lane.config.laneId, body.epc, stamp.at),
  };
  return { ...lane, session: takeTag(session, body, stamp, context) };
}

function opened(state: LanesState, lane: LaneState, stamp: Stamp): LaneSession {
  const { config } = lane;
  const { deviceId, boot, sequence } = stamp.ref;
  const passId = derivedId('pass', state.siteId, config.laneId, deviceId, boot, sequence);
  const tellsSides = hasTwoSides(config) && !Object.values(lane.presence).includes('STUCK');
  let session = openSession(passId, stamp, tellsSides ? NO_LOOPS_SEEN : null);
  for (const { reading, at } of lane.waiting) {
    if (at < stamp.at - state.timings.preSessionMs) continue;
    const early = stampOf(reading, at);
    session = isTagReading(reading)
      ? (withTag(state, lane, session, reading, early, null).session ?? session)
      : takeEvidence(session, reading.body, early);
  }
  return { ...session, lastSign: stamp };
}

function wait(state: LanesState, lane: LaneState, reading: Reading, at: EpochMs): LanesState {
  const stale = lane.waiting.findIndex((waiting) => waiting.at >= at - state.timings.preSessionMs);
  const fresh = stale === -1 ? [] : lane.waiting.slice(stale);
  const dropped = Math.max(0, fresh.length + 1 - MAX_WAITING);
  const next = put(state, { ...lane, waiting: [...fresh.slice(dropped), { reading, at }] });
  return dropped === 0 ? next : count(next, { evidenceDropped: dropped });
}

// ---------------------------------------------------------------------------------------------------- tails

interface Tail {
  readonly pass: RecentPass;
  readonly tag: TailTag;
}

/** The newest closed pass of the lane that this tag still belongs to. */
function tailOf(lane: LaneState, epc: string, at: EpochMs): Tail | null {
  for (let i = lane.recent.length - 1; i >= 0; i--) {
    const pass = lane.recent[i];
    const tag = pass?.tags.find((candidate) => candidate.epc === epc && at <= candidate.until);
    if (pass !== undefined && tag !== undefined) return { pass, tag };
  }
  return null;
}

function tailElsewhere(state: LanesState, laneId: string, epc: string, at: EpochMs): SessionTag['tailOf'] {
  for (const other of state.lanes) {
    if (other.config.laneId === laneId) continue;
    const tail = tailOf(other, epc, at);
    if (tail === null) continue;
    return { laneId: other.config.laneId, peakRssiDbm: tail.tag.peakRssiDbm, until: tail.tag.until };
  }
  return null;
}

/** A later session takes a tag of a closed pass when it hears it first where its own truck comes from. */
function isOfSession({ pass, tag }: Tail, lane: LaneState, session: LaneSession, side: Side | null): boolean {
  if (side === null || tag.heldIn === session.passId) return false;
  const entry = entrySide(lane.config, session);
  return entry === null ? pass.leftBy !== null && side !== pass.leftBy : side === entry;
}

/** A truck that turned back, or never left, may stand where the next one comes from. */
function doubt({ pass, tag }: Tail, lane: LaneState, session: LaneSession): Awaited | null {
  const entry = entrySide(lane.config, session);
  if (entry === null || (pass.leftBy !== entry && !pass.parked)) return null;
  return { side: OTHER_SIDE[entry], until: pass.parked ? null : tag.until };
}

function holdTail(
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

// ---------------------------------------------------------------------------------------------------- closing

interface ClosingRule {
  readonly at: EpochMs;
  /** The evidence's time: that of the last fall where there are loops. */
  readonly closedAt: EpochMs;
  readonly closedBy: PassClosedBy;
  readonly overtime: boolean;
  /** The reading from which the time ran. */
  readonly from: Stamp;
  /** The exit side that fell for good; its chatter belongs to this session. */
  readonly leftBy: Side | null;
}

function closingAt(config: LaneConfig, session: LaneSession, timings: FusionTimings): EpochMs {
  const { clearSince, lastSign, opened: opening } = session;
  const limit = opening.at + timings.maxSessionMs;
  if (config.loops.length === 0) return Math.min(limit, lastSign.at + timings.idleMs);
  if (clearSince === null) return limit;
  const isSeen = seenToLeave(session, clearSince, timings) !== null;
  return Math.min(limit, isSeen ? clearSince.at : clearSince.at + timings.bounceMs);
}

function closingRule(config: LaneConfig, session: LaneSession, timings: FusionTimings): ClosingRule {
  const { clearSince, lastSign, opened: opening } = session;
  const at = closingAt(config, session, timings);
  if (config.loops.length === 0 && at === lastSign.at + timings.idleMs) {
    const closedAt = lastSign.time + timings.idleMs;
    return { at, closedAt, closedBy: 'TIMEOUT', overtime: false, from: lastSign, leftBy: null };
  }
  const leftBy = clearSince === null ? null : seenToLeave(session, clearSince, timings);
  if (clearSince !== null && (leftBy !== null || at === clearSince.at + timings.bounceMs)) {
    return { at, closedAt: clearSince.time, closedBy: 'LOOP', overtime: false, from: clearSince, leftBy };
  }
  const closedAt = opening.time + timings.maxSessionMs;
  return { at, closedAt, closedBy: 'TIMEOUT', overtime: true, from: opening, leftBy: null };
}

function seenToLeave({ loops }: LaneSession, clearSince: Stamp, { bounceMs }: FusionTimings): Side | null {
  return loops === null ? null : leftForGood(loops, clearSince.at, bounceMs);
}

function closeSession(
  before: LanesState,
  lane: LaneState,
  session: LaneSession,
  rule: ClosingRule,
): { state: LanesState; closing: LaneClosing } {
  const { laneId } = lane.config;
  const settled = settleTags(before, laneId, session);
  const pass = isPhantom(lane, session, settled) ? null : passOf(before.siteId, lane.config, session, rule, settled);
  const chatter = { side: rule.leftBy, until: rule.at + before.timings.bounceMs, risen: null };
  const emptied: LaneState = {
    ...lane,
    session: null,
    waiting: [],
    presence: reworded(lane.presence, 'ON', 'STUCK'),
    chatter: chatter.side === null ? lane.chatter : { ...chatter, side: chatter.side },
    recent: pass === null ? lane.recent : remember(lane, pass, settled.kept, rule, before.timings.tailMs),
  };
  const state = count(put(settled.state, emptied), {
    passes: pass === null ? 0 : 1,
    phantomSessions: pass === null ? 1 : 0,
    crossReads: settled.crossReads.length,
    evidenceDropped: session.dropped,
  });
  return { state, closing: { laneId, firedAt: rule.at, pass: pass?.pass ?? null } };
}

interface SettledTags {
  readonly kept: readonly SessionTag[];
  readonly crossReads: readonly CrossRead[];
  /** With the other lanes' sessions told who owns what. */
  readonly state: LanesState;
}

/** Which of the session's tags are its own; whoever closes first decides with what is known then, and it stays decided. */
function settleTags(before: LanesState, laneId: string, session: LaneSession): SettledTags {
  const { crossReadMarginDb, tailMs } = before.timings;
  const kept: SessionTag[] = [];
  const crossReads: CrossRead[] = [];
  let state = before;
  for (const tag of session.tags) {
    if (tag.awaits !== null) continue;
    const decided = tag.keptBy ?? (isTailRead(tag, crossReadMarginDb) ? tag.tailOf : null);
    if (decided !== null) {
      crossReads.push(crossRead(tag, decided.laneId, decided.peakRssiDbm));
      continue;
    }
    const rivals = rivalsFor(state, laneId, tag, tailMs);
    const self: Contestant = { laneId, tag };
    const awarded = [{ laneId, tag }, ...rivals].find((heard) => heard.tag.awarded);
    const owner = awarded ?? ownerOf([self, ...rivals], crossReadMarginDb);
    if (owner.laneId === laneId) kept.push(tag);
    else crossReads.push(crossRead(tag, owner.laneId, owner.tag.peakRssiDbm));
    const claim = { laneId: owner.laneId, peakRssiDbm: owner.tag.peakRssiDbm };
    for (const rival of rivals) {
      const ruling = rival.laneId === owner.laneId ? { awarded: true } : { keptBy: claim };
      state = ruleOn(state, rival.laneId, tag.epc, ruling);
    }
  }
  return { kept, crossReads, state };
}

/** What was heard in another pass's tail is that pass's, unless it was as strong here: then the truck drove through both. */
function isTailRead({ tailOf, peakRssiDbm }: SessionTag, marginDb: number): boolean {
  if (tailOf === null) return false;
  if (peakRssiDbm === null || tailOf.peakRssiDbm === null) return true;
  return peakRssiDbm <= tailOf.peakRssiDbm - marginDb;
}

function rivalsFor(
  state: LanesState,
  laneId: string,
  tag: SessionTag,
  slackMs: number,
): { laneId: string; tag: SessionTag }[] {
  const rivals: { laneId: string; tag: SessionTag }[] = [];
  for (const other of state.lanes) {
    if (other.config.laneId === laneId) continue;
    const theirs = other.session?.tags.find((candidate) => candidate.epc === tag.epc);
    if (theirs === undefined || theirs.awaits !== null || theirs.keptBy !== null) continue;
    if (heardTogether(tag, theirs, slackMs)) rivals.push({ laneId: other.config.laneId, tag: theirs });
  }
  return rivals;
}

function ruleOn(
  state: LanesState,
  laneId: string,
  epc: string,
  ruling: Partial<Pick<SessionTag, 'awarded' | 'keptBy'>>,
): LanesState {
  const lane = laneOf(state, laneId);
  if (lane === undefined || lane.session === null) return state;
  const tags = lane.session.tags.map((tag) => (tag.epc === epc ? { ...tag, ...ruling } : tag));
  return put(state, { ...lane, session: { ...lane.session, tags } });
}

function crossRead(tag: SessionTag, givenToLane: string, peakRssiDbmThere: number | null): CrossRead {
  return { epc: tag.epc, givenToLane, peakRssiDbmHere: tag.peakRssiDbm, peakRssiDbmThere };
}

/** Without a loop only a tag of its own, or somebody's number, shows that a truck was there. */
function isPhantom(lane: LaneState, session: LaneSession, { kept }: SettledTags): boolean {
  if (lane.config.loops.length > 0 || kept.length > 0) return false;
  const { boxes, plates, scans, cards, seals } = session;
  return [boxes, plates, scans, cards, seals].every((list) => list.length === 0);
}

interface Crossing {
  readonly direction: Direction;
  readonly directionSource: DirectionSource;
  readonly exit: ExitWord;
  readonly leftBy: Side | null;
}

function passOf(
  siteId: string,
  config: LaneConfig,
  session: LaneSession,
  rule: ClosingRule,
  { kept, crossReads }: SettledTags,
): { pass: LanePass; leftBy: Side | null } {
  const { direction, directionSource, exit, leftBy } = crossingOf(config, session, rule, kept);
  const { opened: opening, decision } = session;
  const moment = config.loops.length > 0 ? null : secondGroupHeard(kept.map((tag) => tag.sides));
  const isSameReading = rule.overtime || rule.from === opening || sameRef(rule.from, opening);
  const outcome = outcomeOf(exit, direction, decision, config.acceptance);
  return {
    leftBy: exit === 'PRESUMED' && outcome !== 'CROSSED' ? null : leftBy,
    pass: {
      passId: session.passId,
      siteId,
      laneId: config.laneId,
      occurredAt: moment?.firstSeen ?? opening.time,
      closedAt: rule.closedAt,
      direction,
      directionSource,
      outcome,
      exit,
      closedBy: rule.closedBy,
      decision,
      tags: kept.map(asEvidence),
      boxes: session.boxes,
      plates: session.plates,
      scans: session.scans,
      cards: session.cards,
      seals: session.seals,
      weights: session.weights,
      crossReads,
      causes: isSameReading ? [opening.ref] : [opening.ref, rule.from.ref],
    },
  };
}

function crossingOf(
  config: LaneConfig,
  session: LaneSession,
  rule: ClosingRule,
  kept: readonly SessionTag[],
): Crossing {
  const { loops } = session;
  if (loops !== null && loops.entry !== null) {
    const { entry } = loops;
    const exitSide = OTHER_SIDE[entry];
    const left = leftByExit(loops.sides[entry], loops.sides[exitSide]);
    const exit = left ? 'SEEN' : rule.overtime ? 'UNKNOWN' : 'NOT_REACHED';
    const leftBy = exit === 'UNKNOWN' ? null : exit === 'SEEN' ? exitSide : entry;
    return { direction: DIRECTION_FROM[entry], directionSource: 'LOOPS', exit, leftBy };
  }
  const byLane = config.loops.length > 0 && config.direction !== 'REVERSIBLE' ? config.direction : null;
  const direction = byLane ?? directionByAntennas(kept.map((tag) => tag.sides));
  const directionSource = byLane !== null ? 'LANE' : direction === 'UNKNOWN' ? 'NONE' : 'ANTENNAS';
  const entry = ENTRY_OF[direction];
  if (rule.overtime || entry === null) return { direction, directionSource, exit: 'UNKNOWN', leftBy: null };
  const exitSide = OTHER_SIDE[entry];
  if (loops === null) return { direction, directionSource, exit: 'PRESUMED', leftBy: exitSide };
  const left = leftByExit(loops.sides[entry], loops.sides[exitSide]);
  return { direction, directionSource, exit: left ? 'SEEN' : 'NOT_REACHED', leftBy: left ? exitSide : entry };
}

function remember(
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

// ---------------------------------------------------------------------------------------------------- small parts

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

function asEvidence({
  pc,
  epc,
  antennas,
  count: reads,
  peakRssiDbm,
  firstSeen,
  lastSeen,
  ref,
}: SessionTag): TagEvidence {
  return { pc, epc, antennas, count: reads, peakRssiDbm, firstSeen, lastSeen, ref };
}

function stampOf({ deviceId, boot, sequence, occurredAt }: Reading, at: EpochMs): Stamp {
  return { at, time: occurredAt, ref: { deviceId, boot, sequence } };
}

function sameRef(a: Stamp, b: Stamp): boolean {
  return a.ref.deviceId === b.ref.deviceId && a.ref.boot === b.ref.boot && a.ref.sequence === b.ref.sequence;
}

function hasTwoSides(config: LaneConfig): boolean {
  return config.loops.includes('LANDSIDE') && config.loops.includes('TERMINALSIDE');
}

/** The side that the session's truck comes from, as far as it is known before the end. */
function entrySide(config: LaneConfig, session: LaneSession): Side | null {
  return session.loops?.entry ?? (config.direction === 'REVERSIBLE' ? null : ENTRY_OF[config.direction]);
}

function isOn(lane: LaneState, side: Side): boolean {
  return Object.entries(lane.presence).some(([key, word]) => word === 'ON' && key.endsWith(`:${side}`));
}

function reworded(presence: LaneState['presence'], from: Presence, to: Presence): LaneState['presence'] {
  return Object.fromEntries(Object.entries(presence).map(([key, word]) => [key, word === from ? to : word]));
}

function later(a: Stamp, b: Stamp): Stamp {
  return b.at >= a.at ? b : a;
}

/** Copies one lane and the list's pointers; every other lane is shared with the state before. */
function put(state: LanesState, lane: LaneState): LanesState {
  const index = state.laneIndex[lane.config.laneId];
  if (index === undefined) return state;
  return {
    siteId: state.siteId,
    timings: state.timings,
    lanes: state.lanes.with(index, lane),
    laneIndex: state.laneIndex,
    quietUntil: Math.min(state.quietUntil, deadlineOf(lane, state.timings)),
    counters: state.counters,
  };
}

function count(state: LanesState, more: Partial<FusionCounters>): LanesState {
  const counters: FusionCounters = {
    passes: state.counters.passes + (more.passes ?? 0),
    phantomSessions: state.counters.phantomSessions + (more.phantomSessions ?? 0),
    tailReads: state.counters.tailReads + (more.tailReads ?? 0),
    crossReads: state.counters.crossReads + (more.crossReads ?? 0),
    decisionsUnheard: state.counters.decisionsUnheard + (more.decisionsUnheard ?? 0),
    evidenceDropped: state.counters.evidenceDropped + (more.evidenceDropped ?? 0),
  };
  return { ...state, counters };
}
