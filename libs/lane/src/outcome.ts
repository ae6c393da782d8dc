import type { Direction, ExitWord, PassDecision, PassOutcome } from './gate-pass.js';
import type { LaneConfig } from './lane-config.js';

type Word = 'ACCEPTED' | 'NONE' | 'REFUSED';

/** A refused truck that was seen to leave by the exit was not turned away: a person must look at it. */
const OUTCOMES: Readonly<Record<ExitWord, Readonly<Record<Word, PassOutcome>>>> = {
  SEEN: { ACCEPTED: 'CROSSED', NONE: 'UNDECIDED', REFUSED: 'UNDECIDED' },
  PRESUMED: { ACCEPTED: 'CROSSED', NONE: 'UNDECIDED', REFUSED: 'REFUSED' },
  NOT_REACHED: { ACCEPTED: 'TURNED_BACK', NONE: 'TURNED_BACK', REFUSED: 'REFUSED' },
  UNKNOWN: { ACCEPTED: 'UNDECIDED', NONE: 'UNDECIDED', REFUSED: 'REFUSED' },
};

/** CROSSED is never said of an unknown direction: without it nobody knows which side the exit is. */
export function outcomeOf(
  exit: ExitWord,
  direction: Direction,
  decision: PassDecision | null,
  acceptance: LaneConfig['acceptance'],
): PassOutcome {
  const word: Word = decision?.verdict ?? (acceptance === 'EXIT' ? 'ACCEPTED' : 'NONE');
  return OUTCOMES[direction === 'UNKNOWN' ? 'UNKNOWN' : exit][word];
}
