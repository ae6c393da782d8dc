import { accept, type Parsed, quoted, refuse } from './parsed.js';

export interface SizeType {
  readonly code: string;
  readonly lengthFt: number;
  /** Twenty-foot equivalents: 20 ft 1, 40 ft 2, 45 ft 2.25; null for lengths that ports do not count by a common factor. */
  readonly teu: number | null;
  /** 9 ft 6 in or more. */
  readonly highCube: boolean;
  /** Of the edition before 1995, or `00`: the last two places are digits and no group is read from them. */
  readonly legacy: boolean;
  /** First letter of the type: G general purpose, R thermal, …; null in a legacy code. */
  readonly group: SizeTypeGroup | null;
}

export type SizeTypeGroup = 'G' | 'V' | 'R' | 'H' | 'U' | 'B' | 'T' | 'K' | 'N' | 'P' | 'S' | 'A';
export type SizeTypeFault = 'length' | 'format' | 'size' | 'type';

/** ISO 6346, annex D, first place. The lengths in millimetres (A, D, E, F, K, P) are not read. */
const LENGTHS_FT: Readonly<Record<string, number>> = {
  '1': 10,
  '2': 20,
  '3': 30,
  '4': 40,
  B: 24,
  C: 24.5,
  G: 41,
  H: 43,
  L: 45,
  M: 48,
  N: 49,
};

const TEU: Readonly<Record<number, number>> = { 10: 0.5, 20: 1, 30: 1.5, 40: 2, 45: 2.25 };

/** ISO 6346, annex D, second place: the digits for 8 ft of width, C to F up to 2,500 mm, L to P beyond. */
const HEIGHTS = '0245689CDEFLMNP';
const HIGH_CUBES = '56EFNP';

/** ISO 6346, annex E. K and N stand beside T and B since the edition of 2022. */
const GROUPS = 'GVRHUBTKNPSA';

/** A size-type code of four places, `22G1` or with the group `22GP`. Whether the detailed type is listed is not checked. */
export function parseSizeType(text: string): Parsed<SizeType, SizeTypeFault> {
  if (text.length !== 4) {
    return refuse('length', `${quoted(text)} has ${text.length} characters, expected 4`);
  }
  if (!/^[0-9A-Z]{2}(?:[A-Z][0-9A-Z]|[0-9]{2})$/.test(text)) {
    return refuse('format', `${quoted(text)}, expected capital letters and digits such as 22G1`);
  }
  const lengthFt = LENGTHS_FT[text.charAt(0)];
  const height = text.charAt(1);
  const legacy = /[0-9]{2}$/.test(text);
  // Before 1995 the second place also had 1, 3 and 7.
  if (lengthFt === undefined || !(HEIGHTS.includes(height) || (legacy && '137'.includes(height)))) {
    return refuse('size', `${quoted(text)} begins with ${text.slice(0, 2)}, which is no size of ISO 6346`);
  }
  const letter = text.charAt(2);
  const group = isGroup(letter) ? letter : null;
  if (group === null && !legacy) {
    return refuse('type', `${quoted(text)} has type ${letter}, expected one of ${GROUPS}`);
  }
  return accept({
    code: text,
    lengthFt,
    teu: TEU[lengthFt] ?? null,
    highCube: HIGH_CUBES.includes(height),
    legacy,
    group,
  });
}

function isGroup(letter: string): letter is SizeTypeGroup {
  return GROUPS.includes(letter);
}
