import { DomainError } from '#libs/kernel';
import { accept, type Parsed, quoted, refuse } from './parsed.js';

/** ISO 6346, 3.2: U all freight containers, J detachable equipment, Z trailers and chassis. */
export type EquipmentCategory = 'U' | 'J' | 'Z';

export interface ContainerNumber {
  /** All eleven characters. */
  readonly number: string;
  /** Three letters, registered with the BIC. */
  readonly owner: string;
  readonly category: EquipmentCategory;
  /** Six digits. */
  readonly serial: string;
  readonly checkDigit: number;
  /** The weighted sum left 10, which ISO 6346, A.3 writes as 0 and asks owners not to issue. Such boxes exist: accepted, and flagged. */
  readonly remainderTen: boolean;
}

export type ContainerNumberFault = 'length' | 'format' | 'category' | 'check_digit';

const CATEGORIES = 'UJZ';

/** ISO 6346, annex A, table A.1: A = 10 upwards, leaving out 11, 22 and 33, the multiples of the modulus. */
const LETTER_VALUES = [
  10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38,
];

function characterValue(code: number): number {
  if (code >= 48 && code <= 57) {
    return code - 48;
  }
  return LETTER_VALUES[code - 65] ?? Number.NaN;
}

/** ISO 6346, A.3: the sum of value × 2^position over ten characters, modulo 11. NaN when a character has no value. */
function remainderOf(text: string): number {
  let sum = 0;
  for (let i = 0; i < 10; i += 1) {
    sum += characterValue(text.charCodeAt(i)) * (1 << i);
  }
  return sum % 11;
}

/**
 * The check digit of the first ten characters (capital letters and digits, in any order); more than ten are ignored.
 * @throws DomainError INVALID_CONTAINER_NUMBER when there are fewer than ten or one has no value in ISO 6346
 */
export function containerCheckDigit(firstTen: string): number {
  const remainder = remainderOf(firstTen);
  if (Number.isNaN(remainder)) {
    throw new DomainError('INVALID_CONTAINER_NUMBER', {
      value: firstTen.slice(0, 20),
      expected: 'ten capital letters or digits',
    });
  }
  return remainder % 10;
}

/** Strict: eleven capital letters and digits, nothing around them. For what people and cameras write, normalise first. */
export function parseContainerNumber(text: string): Parsed<ContainerNumber, ContainerNumberFault> {
  if (text.length !== 11) {
    return refuse('length', `${quoted(text)} has ${text.length} characters, expected 11`);
  }
  if (!/^[A-Z]{4}[0-9]{7}$/.test(text)) {
    return refuse('format', `${quoted(text)}, expected four capital letters and seven digits`);
  }
  const category = text.charAt(3);
  if (!isCategory(category)) {
    return refuse('category', `${quoted(text)} has category ${category}, expected U, J or Z`);
  }
  const remainder = remainderOf(text);
  const checkDigit = text.charCodeAt(10) - 48;
  if (remainder % 10 !== checkDigit) {
    return refuse('check_digit', `${quoted(text)} ends in ${checkDigit}, its check digit is ${remainder % 10}`);
  }
  return accept({
    number: text,
    owner: text.slice(0, 3),
    category,
    serial: text.slice(4, 10),
    checkDigit,
    remainderTen: remainder === 10,
  });
}

function isCategory(letter: string): letter is EquipmentCategory {
  return CATEGORIES.includes(letter);
}

/**
 * How papers, doors and cameras spell a number, brought to one spelling: capital letters, no blanks, dashes or dots,
 * no box or bracket round the check digit, full-width and circled forms as plain ones. Letters and digits are never guessed.
 */
export function normaliseContainerNumber(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}\p{Me}_./\\·•,:[\](){}|□▢☐⬜]/gu, '');
}
