import type { EpochMs } from '#libs/kernel';
import type { BoxPosition, ReadingRef } from '#libs/telemetry';

/** Which way the truck went. Nobody guesses: a tie or a lone read is UNKNOWN and becomes an exception. */
export type Direction = 'IN' | 'OUT' | 'UNKNOWN';

/** What the direction rests on. */
export type DirectionSource = 'LOOPS' | 'ANTENNAS' | 'LANE' | 'MANUAL' | 'NONE';

/**
 * How a crossing ended.
 * - CROSSED: accepted, and the truck left by the lane's exit. Only this makes gate events.
 * - REFUSED: turned away.
 * - TURNED_BACK: left by the side that it came from without a refusal.
 * - UNDECIDED: left by the exit, and nobody accepted it, or nobody knows how it left: an exception for a person.
 */
export type PassOutcome = 'CROSSED' | 'REFUSED' | 'TURNED_BACK' | 'UNDECIDED';

/**
 * What is known of the truck's leaving, whatever was decided about it:
 * - SEEN: both sides have loops, and the exit side fell last.
 * - PRESUMED: the lane cannot tell its sides apart, and the truck is gone.
 * - NOT_REACHED: both sides have loops, and the entry side fell last.
 * - UNKNOWN: the session ran out of time, nobody knows which side is the exit, or the evidence contradicts itself.
 */
export type ExitWord = 'SEEN' | 'PRESUMED' | 'NOT_REACHED' | 'UNKNOWN';

/**
 * Why the evidence cannot be believed as it is; such a pass is UNDECIDED, and a person looks at it.
 * - LOOP_ANTENNA_CONFLICT: the loops say that the truck left by the side that it came from, the antennas that it went past both
 *   groups. A loop is dead, or lost the truck.
 * - SEVERAL_TRUCKS: the loops rose under the rear of a truck whose pass was told, and under another truck, in one session.
 */
export type PassDoubt = 'LOOP_ANTENNA_CONFLICT' | 'SEVERAL_TRUCKS';

/** What ended the lane's session. */
export type PassClosedBy = 'LOOP' | 'TIMEOUT' | 'MANUAL';

/** A tag as the lane heard it, over all of the lane's antennas. */
export interface TagEvidence {
  readonly pc: string;
  readonly epc: string;
  readonly antennas: readonly number[];
  readonly count: number;
  readonly peakRssiDbm: number | null;
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
  /** The first read of the tag in this session. */
  readonly ref: ReadingRef;
}

/** A camera's word, kept as it was spelt. */
export interface OcrEvidence {
  readonly text: string;
  readonly confidence: number;
  readonly pictureUrl: string | null;
  readonly position: BoxPosition | null;
  readonly at: EpochMs;
  readonly ref: ReadingRef;
}

export interface TextEvidence {
  readonly text: string;
  readonly at: EpochMs;
  readonly ref: ReadingRef;
}

export interface WeightEvidence {
  readonly grossKg: number;
  readonly stable: boolean;
  readonly at: EpochMs;
  readonly ref: ReadingRef;
}

/** A tag that was heard here and given to another lane, with the figures that decided. */
export interface CrossRead {
  readonly epc: string;
  readonly givenToLane: string;
  readonly peakRssiDbmHere: number | null;
  readonly peakRssiDbmThere: number | null;
}

export interface PassDecision {
  readonly verdict: 'ACCEPTED' | 'REFUSED';
  readonly by: string;
  readonly reason: string | null;
  readonly at: EpochMs;
}

/**
 * One crossing of one lane, with all that the readers, cameras and scales said: what libs/lane makes at the gate.
 * Which box and truck that is, is resolved where the bindings are (libs/tracking).
 */
export interface LanePass {
  /** UUIDv5 of site, lane and the reading that opened the session. */
  readonly passId: string;
  readonly siteId: string;
  readonly laneId: string;
  readonly occurredAt: EpochMs;
  readonly closedAt: EpochMs;
  readonly direction: Direction;
  readonly directionSource: DirectionSource;
  readonly outcome: PassOutcome;
  readonly exit: ExitWord;
  readonly closedBy: PassClosedBy;
  readonly doubts: readonly PassDoubt[];
  readonly decision: PassDecision | null;
  readonly tags: readonly TagEvidence[];
  readonly boxes: readonly OcrEvidence[];
  readonly plates: readonly OcrEvidence[];
  readonly scans: readonly TextEvidence[];
  readonly cards: readonly TextEvidence[];
  readonly seals: readonly TextEvidence[];
  readonly weights: readonly WeightEvidence[];
  readonly crossReads: readonly CrossRead[];
  /** The readings that opened and closed the session. */
  readonly causes: readonly ReadingRef[];
}
