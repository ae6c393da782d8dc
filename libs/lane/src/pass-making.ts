import type { ClosingRule } from './deadlines.js';
import {
  crossingByAntennas,
  DIRECTION_FROM,
  directionByAntennas,
  ENTRY_OF,
  OTHER_SIDE,
  secondGroupHeard,
  type Side,
} from './direction.js';
import type { Direction, DirectionSource, ExitWord, PassDoubt, TagEvidence } from './gate-pass.js';
import type { LaneConfig } from './lane-config.js';
import type { LaneSession, SessionTag, Stamp } from './lane-session.js';
import type { LaneState } from './lane-state.js';
import { leftByExit } from './loops.js';
import { outcomeOf } from './outcome.js';
import type { SettledTags } from './tag-settling.js';
import type { MadePass } from './tails.js';
import type { Trailing } from './trailing-session.js';

/* A session that ended → its pass: which way the truck went, how it left, and all that was read of it. */

/** Without a loop only a tag of its own, or somebody's number, shows that a truck was there. */
export function isPhantom(lane: LaneState, session: LaneSession, { kept }: SettledTags): boolean {
  if (lane.config.loops.length > 0 || kept.length > 0) return false;
  const { boxes, plates, scans, cards, seals } = session;
  return [boxes, plates, scans, cards, seals].every((list) => list.length === 0);
}

export function passOf(
  siteId: string,
  config: LaneConfig,
  session: LaneSession,
  rule: ClosingRule,
  { kept, crossReads }: SettledTags,
  trail: Trailing,
): MadePass {
  const { direction, directionSource, exit, leftBy, wentOnBy, doubts } = doubted(
    crossingOf(config, session, rule, kept),
    kept,
    trail,
  );
  const { opened: opening, decision } = session;
  const moment = config.loops.length > 0 ? null : secondGroupHeard(kept.map((tag) => tag.sides));
  const isSameReading = rule.overtime || rule.from === opening || sameRef(rule.from, opening);
  const outcome = doubts.length > 0 ? 'UNDECIDED' : outcomeOf(exit, direction, decision, config.acceptance);
  return {
    leftBy: exit === 'PRESUMED' && outcome !== 'CROSSED' ? null : leftBy,
    wentOnBy,
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
      doubts,
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

interface Crossing {
  readonly direction: Direction;
  readonly directionSource: DirectionSource;
  readonly exit: ExitWord;
  readonly leftBy: Side | null;
}

interface DoubtedCrossing extends Crossing, Pick<MadePass, 'wentOnBy'> {
  readonly doubts: readonly PassDoubt[];
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

/**
 * A truck that the loops saw come and go by one side. Where its antennas heard it go past both groups, or the loops were another
 * truck's too, nobody guesses how it left; its direction stands if the antennas say the same.
 */
function doubted(crossing: Crossing, kept: readonly SessionTag[], trail: Trailing): DoubtedCrossing {
  const wentOnBy = crossing.exit === 'SEEN' ? crossing.leftBy : null;
  if (crossing.exit !== 'NOT_REACHED') return { ...crossing, wentOnBy, doubts: [] };
  const way = crossingByAntennas(kept.map((tag) => tag.sides));
  const doubts: PassDoubt[] = [];
  if (way !== 'UNKNOWN') doubts.push('LOOP_ANTENNA_CONFLICT');
  if (trail === 'SEVERAL_TRUCKS') doubts.push('SEVERAL_TRUCKS');
  if (doubts.length === 0) return { ...crossing, wentOnBy, doubts };
  const isAgreed = way === crossing.direction;
  const entry = ENTRY_OF[way];
  return {
    direction: isAgreed ? crossing.direction : 'UNKNOWN',
    directionSource: isAgreed ? crossing.directionSource : 'NONE',
    exit: 'UNKNOWN',
    leftBy: crossing.leftBy,
    wentOnBy: entry === null ? null : OTHER_SIDE[entry],
    doubts,
  };
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

function sameRef(a: Stamp, b: Stamp): boolean {
  return a.ref.deviceId === b.ref.deviceId && a.ref.boot === b.ref.boot && a.ref.sequence === b.ref.sequence;
}
