import { gs1CheckDigit, isGs1UriComponent, unescapeComponent } from './characters.js';
import { EpcFault } from './epc-fault.js';
import { CAGE_OR_DODAAC, isDigits, isPlainNumber } from './fields.js';

export type IdentityType =
  | 'sgtin'
  | 'sscc'
  | 'sgln'
  | 'grai'
  | 'giai'
  | 'gsrn'
  | 'gsrnp'
  | 'gdti'
  | 'cpi'
  | 'sgcn'
  | 'ginc'
  | 'gsin'
  | 'itip'
  | 'upui'
  | 'pgln'
  | 'gid'
  | 'usdod'
  | 'adi'
  | 'bic'
  | 'imovn'
  | 'lgtin';

/** An application identifier with its value, in the order of the element string. */
export type Element = readonly [ai: string, value: string];

export interface Gs1Form {
  /** The key as GS1 General Specifications, section 3, has it; null where the element string is not led by a key. */
  readonly key: string | null;
  readonly elements: readonly Element[];
}

/** The syntax of one kind of pure identity (TDS 6.3), and how GS1 writes it elsewhere (TDS 7). */
export interface IdentityRule {
  /** `class` for a lot (TDS 6.4), else `id`. */
  readonly namespace: 'id' | 'class';
  readonly components: readonly Check[];
  /** Company prefix and next component together: exactly so many digits, or at most 30 characters. */
  readonly together: number | 'at most 30' | null;
  readonly gs1: ((parts: readonly string[]) => Gs1Form) | null;
}

/** What a component must be, or null when it is. */
type Check = (text: string) => string | null;

const must =
  (expected: string, holds: (text: string) => boolean): Check =>
  (text) =>
    holds(text) ? null : expected;

const prefix = must('a company prefix of 6 to 12 digits', (text) => /^[0-9]{6,12}$/.test(text));
const padded = must('digits', isDigits);
const paddedOrEmpty = must('digits or nothing', (text) => /^[0-9]*$/.test(text));
const twoDigits = must('two digits', (text) => /^[0-9]{2}$/.test(text));
const upTo = (most: number) =>
  must(
    `1 to ${most} characters of GS1 set 82, escaped as in TDS annex A`,
    (text) => isGs1UriComponent(text) && unescapeComponent(text).length <= most,
  );
const number = (most: bigint) =>
  must(`a number up to ${most} without leading zeros`, (text) => isPlainNumber(text) && BigInt(text) <= most);
const bits = (width: number) => number(2n ** BigInt(width) - 1n);
const digitsUpTo = (most: number) => must(`1 to ${most} digits`, (text) => isDigits(text) && text.length <= most);
const cage = must('a CAGE code or DoDAAC', (text) => CAGE_OR_DODAAC.test(text));
const partReference = must('capital letters, digits, -, %23 and %2F', (text) =>
  /^(?:[-0-9A-Z]|%23|%2[Ff])+$/.test(text),
);
const adi = (pattern: RegExp, most: number) =>
  must(
    `at most ${most} capital letters, digits, - and %2F`,
    (text) => pattern.test(text) && unescapeComponent(text).length <= most,
  );
const shape = (expected: string, pattern: RegExp) => must(expected, (text) => pattern.test(text));

const plain = (text: string | undefined) => unescapeComponent(text ?? '');
const checked = (digits: string) => digits + gs1CheckDigit(digits);

/** TDS 7, SGTIN: the indicator digit leads the reference in the URI and the whole number in the GTIN. */
function gtin14(parts: readonly string[]): string {
  const [companyPrefix = '', reference = ''] = parts;
  return checked(reference.charAt(0) + companyPrefix + reference.slice(1));
}

/** TDS 7, SSCC: as the GTIN's, the extension digit stands in front. */
const sscc18 = gtin14;
const joined = (parts: readonly string[]) => `${parts[0] ?? ''}${parts[1] ?? ''}`;
const withGtin =
  (ai: string) =>
  (parts: readonly string[]): Gs1Form => {
    const gtin = gtin14(parts);
    return {
      key: gtin,
      elements: [
        ['01', gtin],
        [ai, plain(parts[2])],
      ],
    };
  };
const keyOnly = (ai: string, key: string): Gs1Form => ({ key, elements: [[ai, key]] });

const rule = (
  together: IdentityRule['together'],
  components: readonly Check[],
  gs1: IdentityRule['gs1'],
  namespace: IdentityRule['namespace'] = 'id',
): IdentityRule => ({ namespace, components, together, gs1 });

/** TDS 6.3, and 6.4 for LGTIN. */
export const IDENTITY_TYPES: Readonly<Record<IdentityType, IdentityRule>> = {
  sgtin: rule(13, [prefix, padded, upTo(20)], withGtin('21')),
  sscc: rule(17, [prefix, padded], (p) => keyOnly('00', sscc18(p))),
  sgln: rule(12, [prefix, paddedOrEmpty, upTo(20)], (p) => {
    const gln = checked(joined(p));
    // TDS 7, SGLN: an extension of 0 means that there is none.
    return {
      key: gln,
      elements:
        p[2] === '0'
          ? [['414', gln]]
          : [
              ['414', gln],
              ['254', plain(p[2])],
            ],
    };
  }),
  grai: rule(12, [prefix, paddedOrEmpty, upTo(16)], (p) => {
    const key = checked(joined(p)) + plain(p[2]);
    return { key, elements: [['8003', `0${key}`]] };
  }),
  giai: rule('at most 30', [prefix, upTo(24)], (p) => keyOnly('8004', plain(joined(p)))),
  gsrn: rule(17, [prefix, padded], (p) => keyOnly('8018', checked(joined(p)))),
  gsrnp: rule(17, [prefix, padded], (p) => keyOnly('8017', checked(joined(p)))),
  gdti: rule(12, [prefix, paddedOrEmpty, upTo(17)], (p) => keyOnly('253', checked(joined(p)) + plain(p[2]))),
  cpi: rule('at most 30', [prefix, partReference, number(999_999_999_999n)], (p) => ({
    key: plain(joined(p)),
    elements: [
      ['8010', plain(joined(p))],
      ['8011', p[2] ?? ''],
    ],
  })),
  sgcn: rule(12, [prefix, paddedOrEmpty, digitsUpTo(12)], (p) => keyOnly('255', checked(joined(p)) + (p[2] ?? ''))),
  ginc: rule('at most 30', [prefix, upTo(24)], (p) => keyOnly('401', plain(joined(p)))),
  gsin: rule(16, [prefix, padded], (p) => keyOnly('402', checked(joined(p)))),
  itip: rule(13, [prefix, padded, twoDigits, twoDigits, upTo(20)], (p) => ({
    key: null,
    elements: [
      ['8006', `${gtin14(p)}${p[2] ?? ''}${p[3] ?? ''}`],
      ['21', plain(p[4])],
    ],
  })),
  upui: rule(13, [prefix, padded, upTo(28)], withGtin('235')),
  pgln: rule(12, [prefix, paddedOrEmpty], (p) => keyOnly('417', checked(joined(p)))),
  gid: rule(null, [bits(28), bits(24), bits(36)], null),
  usdod: rule(null, [cage, bits(36)], null),
  adi: rule(null, [cage, adi(/^(?:[-0-9A-Z]|%2[Ff])*$/, 32), adi(/^(?:%23)?(?:[-0-9A-Z]|%2[Ff])+$/, 30)], null),
  bic: rule(null, [shape('three letters, J, U or Z, and seven digits', /^[A-Z]{3}[JUZ][0-9]{7}$/)], null),
  imovn: rule(null, [shape('seven digits', /^[0-9]{7}$/)], null),
  lgtin: rule(13, [prefix, padded, upTo(20)], withGtin('10'), 'class'),
};

export function isIdentityType(text: string): text is IdentityType {
  return Object.hasOwn(IDENTITY_TYPES, text);
}

/**
 * The dotted components of a body; the last takes the dots that are its own characters.
 * @throws EpcFault syntax
 */
export function splitComponents(body: string, count: number): string[] {
  const parts = body.split('.');
  if (parts.length < count) {
    throw new EpcFault('syntax', `${parts.length} components, expected ${count}`);
  }
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join('.')];
}

/** @throws EpcFault syntax, naming the component */
export function checkComponents(type: IdentityType, parts: readonly string[]): void {
  const { components, together } = IDENTITY_TYPES[type];
  components.forEach((check, i) => {
    const expected = check(parts[i] ?? '');
    if (expected !== null) {
      throw new EpcFault('syntax', `component ${i + 1} is ${JSON.stringify(parts[i])}, expected ${expected}`);
    }
  });
  if (together === null) {
    return;
  }
  const length = plain(joined(parts)).length;
  if (typeof together === 'number' ? length !== together : length > 30) {
    throw new EpcFault('syntax', `prefix and reference have ${length} characters together, expected ${together}`);
  }
}
