import type { EpochMs } from '#libs/kernel';
import type {
  Direction,
  DirectionSource,
  ExitWord,
  OcrEvidence,
  PassClosedBy,
  PassDecision,
  PassOutcome,
} from '#libs/lane';

/** What speaks for a box on a truck. TAG_CONTENT: the tag's own ISO 17363 number, which nobody has bound. */
export type BoxEvidence = 'TAG' | 'TAG_CONTENT' | 'OCR' | 'HAND';

export interface ResolvedBox {
  readonly containerNumber: string;
  readonly fullness: 'LADEN' | 'EMPTY' | null;
  readonly position: OcrEvidence['position'];
  readonly evidence: readonly BoxEvidence[];
}

/** What a person should look at. */
export type PassException =
  /** The pass's terminal has no such lane: the pass places nothing. */
  | 'UNKNOWN_LANE'
  | 'DIRECTION_UNKNOWN'
  | 'UNDECIDED'
  /** It left the terminal, and nobody had accepted that: an alarm. */
  | 'GATED_OUT_UNACCEPTED'
  /** By its loops it turned back, by its antennas it went on through the lane: a loop may be dead. */
  | 'LOOP_ANTENNA_CONFLICT'
  /** More than one truck in one session of the lane: only a person can tell who carried what. */
  | 'SEVERAL_TRUCKS'
  | 'NO_TRUCK'
  | 'TRUCK_MISMATCH'
  | 'TAG_OCR_MISMATCH'
  | 'TOO_MANY_BOXES'
  | 'UNRESOLVED_TAG'
  | 'UNRESOLVED_NUMBER'
  | 'MISSED_OUT'
  | 'MISSED_IN'
  | 'VISIT_ALREADY_CLOSED';

/** A lane's pass with its truck and boxes named: what the gate decides on. */
export interface ResolvedPass {
  readonly id: string;
  readonly siteId: string;
  readonly gateId: string | null;
  readonly laneId: string;
  /** The zone that a pass inwards places truck and boxes in. */
  readonly zoneId: string | null;
  readonly occurredAt: EpochMs;
  /** The lane's exit: when its facts became true. */
  readonly closedAt: EpochMs;
  readonly receivedAt: EpochMs;
  readonly direction: Direction;
  readonly directionSource: DirectionSource;
  readonly outcome: PassOutcome;
  /** What was seen of the truck's leaving by the exit, whatever was decided. */
  readonly exit: ExitWord;
  readonly closedBy: PassClosedBy;
  readonly source: 'READERS' | 'HAND';
  readonly truckPlate: string | null;
  readonly chassisPlate: string | null;
  readonly driverId: string | null;
  readonly boxes: readonly ResolvedBox[];
  /** As `normaliseSealNumber` spells them, each once. */
  readonly sealNumbers: readonly string[];
  readonly decision: PassDecision | null;
  readonly exceptions: readonly PassException[];
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly reportedBy: string | null;
  readonly reason: string | null;
}
