import type { EpochMs } from '#libs/kernel';
import { OTHER_SIDE, type Side } from './direction.js';

/**
 * What one session saw of its two sides. A fall counts from the last time that the side stayed on for longer than a bounce;
 * edges are numbered in the order of the stream, so that two in one millisecond still have an order.
 */
export interface LoopTrace {
  /** The side that went on first; null: both in the same millisecond. */
  readonly entry: Side | null;
  readonly sides: Readonly<Record<Side, SideTrace | null>>;
  readonly edges: number;
}

export interface SideTrace {
  readonly firstRiseAt: EpochMs;
  readonly riseAt: EpochMs;
  /** null: on. */
  readonly fallAt: EpochMs | null;
  readonly fallEdge: number | null;
  /** The fall before the present phase. */
  readonly priorFallEdge: number | null;
}

export const NO_LOOPS_SEEN: LoopTrace = { entry: null, sides: { LANDSIDE: null, TERMINALSIDE: null }, edges: 0 };

export function rise(trace: LoopTrace, side: Side, at: EpochMs, bounceMs: number): LoopTrace {
  const known = trace.sides[side];
  if (known === null) {
    const others = Object.values(trace.sides).filter((other) => other !== null);
    const entry = others.length === 0 ? side : others.some((other) => other.firstRiseAt === at) ? null : trace.entry;
    const fresh: SideTrace = { firstRiseAt: at, riseAt: at, fallAt: null, fallEdge: null, priorFallEdge: null };
    return { ...trace, entry, sides: { ...trace.sides, [side]: fresh } };
  }
  const bounced = known.fallAt !== null && at - known.fallAt < bounceMs;
  const risen: SideTrace = bounced
    ? { ...known, fallAt: null }
    : { ...known, riseAt: at, fallAt: null, priorFallEdge: known.fallEdge };
  return { ...trace, sides: { ...trace.sides, [side]: risen } };
}

export function fall(trace: LoopTrace, side: Side, at: EpochMs, bounceMs: number): LoopTrace {
  const known = trace.sides[side];
  if (known === null) return trace;
  const edges = trace.edges + 1;
  const blip = known.priorFallEdge !== null && at - known.riseAt < bounceMs;
  const fallen: SideTrace = { ...known, fallAt: at, fallEdge: blip ? known.priorFallEdge : edges };
  return { ...trace, edges, sides: { ...trace.sides, [side]: fallen } };
}

/** The exit side went on, and was left after the entry side. */
export function leftByExit(entry: SideTrace | null, exit: SideTrace | null): boolean {
  if (entry === null || exit === null || entry.fallAt === null || entry.fallEdge === null) return false;
  return exit.fallAt === null || (exit.fallEdge ?? 0) > entry.fallEdge;
}

/**
 * The truck was seen to leave: the exit side fell for good `bounceMs` or more after the entry side, and had been on for as
 * long. Then nothing is left to wait for; in every other case the next edge may still change who left by which side.
 */
export function leftForGood({ entry, sides }: LoopTrace, clearAt: EpochMs, bounceMs: number): Side | null {
  if (entry === null) return null;
  const exitSide = OTHER_SIDE[entry];
  const [entered, exited] = [sides[entry], sides[exitSide]];
  if (entered === null || exited === null || exited.fallAt !== clearAt || !leftByExit(entered, exited)) return null;
  const isClear = entered.fallAt !== null && clearAt - entered.fallAt >= bounceMs;
  return isClear && clearAt - exited.riseAt >= bounceMs ? exitSide : null;
}
