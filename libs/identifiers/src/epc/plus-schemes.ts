import type { BitReader } from './bits.js';
import { escapeGs1 } from './characters.js';
import { EpcFault } from './epc-fault.js';
import type { Element, IdentityType } from './identity-types.js';

/** How one application identifier's value stands in the bits (TDS table F). */
type ElementField = (bits: BitReader) => string;

/**
 * A "+" scheme of TDS 2.x: header, AIDC data toggle, three filter bits, then whole GS1 elements. The company prefix is not
 * marked in it, so it has no tag URI and no pure identity URI without a table of prefixes.
 */
export interface PlusScheme {
  readonly header: number;
  readonly name: string;
  readonly identity: IdentityType;
  /** DSGTIN+ puts a date type and a date in front of its elements. */
  readonly dated: boolean;
  readonly elements: readonly { readonly ai: string; readonly name: string; readonly field: ElementField }[];
}

/** TDS 14.5.4: four bits a digit. */
const digits =
  (count: number): ElementField =>
  (bits) => {
    let text = '';
    for (let i = 0; i < count; i += 1) {
      const digit = bits.take(4);
      if (digit > 9) {
        throw new EpcFault('range', `digit ${i + 1} of ${count} is ${digit}`);
      }
      text += digit;
    }
    return text;
  };

/** TDS table B: how many bits hold an integer of so many digits. */
const bitsOfDigits = (count: number) => Math.ceil(count * Math.log2(10));

function integerDigits(bits: BitReader, count: number): string {
  const decimal = bits.takeDecimal(bitsOfDigits(count));
  if (decimal.length > count) {
    throw new EpcFault('range', `${decimal} has more than ${count} digits`);
  }
  return decimal.padStart(count, '0');
}

const BASE_64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** TDS 14.5.6.5: value 0 fills the last triple up. */
const CODE_40 = '\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789';

function each(count: number, next: () => string): string {
  let text = '';
  for (let i = 0; i < count; i += 1) {
    text += next();
  }
  return text;
}

function code40(bits: BitReader, count: number): string {
  const text = each(Math.ceil(count / 3), () => {
    const triple = bits.take(16) - 1;
    const values = [Math.floor(triple / 1600), Math.floor(triple / 40) % 40, triple % 40];
    return values.map((value) => CODE_40[value] ?? '\0').join('');
  });
  if (text.slice(0, count).includes('\0') || /[^\0]/.test(text.slice(count))) {
    throw new EpcFault('characters', 'URN Code 40 with a fill character inside the text');
  }
  return text.slice(0, count);
}

/** TDS table E: the encoding indicator's methods. */
const ENCODINGS: readonly ((bits: BitReader, count: number) => string)[] = [
  integerDigits,
  (bits, count) => each(count, () => bits.take(4).toString(16).toUpperCase()),
  (bits, count) => each(count, () => bits.take(4).toString(16)),
  (bits, count) => each(count, () => BASE_64.charAt(bits.take(6))),
  (bits, count) => each(count, () => String.fromCharCode(bits.take(7))),
  code40,
];

/** TDS 14.5.6: encoding indicator (3 bits), length (5 bits), characters. */
const alphanumeric =
  (most: number): ElementField =>
  (bits) => {
    const indicator = bits.take(3);
    const count = bits.take(5);
    const read = ENCODINGS[indicator];
    if (read === undefined) {
      throw new EpcFault('characters', `encoding indicator ${indicator} is not defined, expected 0 to 5`);
    }
    if (count === 0 || count > most) {
      throw new EpcFault('length', `${count} characters, expected 1 to ${most}`);
    }
    const text = read(bits, count);
    escapeGs1(text);
    return text;
  };

/** TDS 14.5.13: length (4 bits), then an integer of so many digits. */
const numeric =
  (most: number): ElementField =>
  (bits) => {
    const count = bits.take(4);
    if (count === 0 || count > most) {
      throw new EpcFault('length', `${count} digits, expected 1 to ${most}`);
    }
    return integerDigits(bits, count);
  };

const TERMINATOR = 0xf;
const DELIMITER = 0xe;

/** TDS 14.5.5: leading digits of four bits each, closed by F; or by E, and then alphanumeric. `#` is CPI's, from table G-1. */
const digitsThenAlphanumeric =
  (most: number): ElementField =>
  (bits) => {
    let text = '';
    for (;;) {
      const nibble = bits.take(4);
      if (nibble === DELIMITER) {
        text += delimitedTail(bits);
        break;
      }
      if (nibble === TERMINATOR) {
        break;
      }
      if (nibble > 9) {
        throw new EpcFault('range', `digit ${text.length + 1} is ${nibble}`);
      }
      text += nibble;
      if (text.length > most) {
        break;
      }
    }
    if (text.length === 0 || text.length > most) {
      throw new EpcFault('length', `${text.length} characters, expected 1 to ${most}`);
    }
    return text;
  };

function delimitedTail(bits: BitReader): string {
  const indicator = bits.take(3);
  const count = bits.take(5);
  const read = ENCODINGS[indicator];
  if (read === undefined || count === 0) {
    throw new EpcFault('characters', `encoding indicator ${indicator} with ${count} characters`);
  }
  const text = read(bits, count);
  escapeGs1(text.replaceAll('#', ''));
  return text;
}

const serial = { ai: '21', name: 'serial', field: alphanumeric(20) };
const gtin = { ai: '01', name: 'gtin', field: digits(14) };

/** TDS table 14-1, headers F0 to FB, with the elements of table F. */
export const PLUS_SCHEMES: ReadonlyMap<number, PlusScheme> = new Map(
  (
    [
      [
        0xf0,
        'CPI+',
        'cpi',
        [
          { ai: '8010', name: 'cpi', field: digitsThenAlphanumeric(30) },
          { ai: '8011', name: 'serial', field: numeric(12) },
        ],
      ],
      [0xf1, 'GRAI+', 'grai', [{ ai: '8003', name: 'grai', field: joined(digits(14), alphanumeric(16)) }]],
      [
        0xf2,
        'SGLN+',
        'sgln',
        [
          { ai: '414', name: 'gln', field: digits(13) },
          { ai: '254', name: 'serial', field: alphanumeric(20) },
        ],
      ],
      [0xf3, 'ITIP+', 'itip', [{ ai: '8006', name: 'itip', field: digits(18) }, serial]],
      [0xf4, 'GSRN+', 'gsrn', [{ ai: '8018', name: 'gsrn', field: digits(18) }]],
      [0xf5, 'GSRNP+', 'gsrnp', [{ ai: '8017', name: 'gsrnp', field: digits(18) }]],
      [0xf6, 'GDTI+', 'gdti', [{ ai: '253', name: 'gdti', field: joined(digits(13), alphanumeric(17)) }]],
      [0xf7, 'SGTIN+', 'sgtin', [gtin, serial]],
      [0xf8, 'SGCN+', 'sgcn', [{ ai: '255', name: 'gcn', field: joined(digits(13), numeric(12)) }]],
      [0xf9, 'SSCC+', 'sscc', [{ ai: '00', name: 'sscc', field: digits(18) }]],
      [0xfa, 'GIAI+', 'giai', [{ ai: '8004', name: 'giai', field: digitsThenAlphanumeric(30) }]],
      [0xfb, 'DSGTIN+', 'sgtin', [gtin, serial]],
    ] as const
  ).map(([header, name, identity, elements]) => [header, { header, name, identity, dated: header === 0xfb, elements }]),
);

function joined(first: ElementField, second: ElementField): ElementField {
  return (bits) => first(bits) + second(bits);
}

/** TDS 2.x, DSGTIN+: date type → application identifier and the name in a bare identifier. */
const DATE_TYPES = [
  ['11', 'prodDate'],
  ['13', 'packDate'],
  ['15', 'bestBeforeDate'],
  ['16', 'sellByDate'],
  ['17', 'expDate'],
  ['7006', 'firstFreezeDate'],
  ['7007', 'harvestDate'],
] as const;

/** TDS 14.5.8: year (7 bits), month (4), day (5); day 0 stands for the whole month. */
function takeDate(bits: BitReader): string {
  const [year, month, day] = [bits.take(7), bits.take(4), bits.take(5)];
  if (year > 99 || month < 1 || month > 12) {
    throw new EpcFault('range', `date with year ${year}, month ${month}`);
  }
  return [year, month, day].map((n) => String(n).padStart(2, '0')).join('');
}

export interface PlusReading {
  readonly filter: number;
  /** Whether further GS1 elements follow the identifier; they are not read. */
  readonly aidcDataFollows: boolean;
  /** `grai=…`, `gtin=…;serial=…`: the bare identifier of TDT 2.x. */
  readonly bareIdentifier: string;
  /** On GS1's own resolver, the canonical form of GS1 Digital Link 1.x. */
  readonly digitalLink: string;
  readonly elements: readonly Element[];
}

/** @throws EpcFault */
export function readPlus(scheme: PlusScheme, bits: BitReader): PlusReading {
  const aidcDataFollows = bits.take(1) === 1;
  const filter = bits.take(3);
  let date: { readonly ai: string; readonly name: string; readonly value: string } | null = null;
  if (scheme.dated) {
    const type = bits.take(4);
    const found = DATE_TYPES[type];
    if (found === undefined) {
      throw new EpcFault('range', `date type ${type} is not defined, expected 0 to 6`);
    }
    date = { ai: found[0], name: found[1], value: takeDate(bits) };
  }
  const read = scheme.elements.map(({ ai, name, field }) => ({ ai, name, value: field(bits) }));
  const all = date === null ? read : [...read, date];
  const path = read.map(({ ai, value }) => `/${ai}/${percentEncoded(value)}`).join('');
  return {
    filter,
    aidcDataFollows,
    bareIdentifier: all.map(({ name, value }) => `${name}=${value}`).join(';'),
    digitalLink: `https://id.gs1.org${path}${date === null ? '' : `?${date.ai}=${date.value}`}`,
    elements: all.map(({ ai, value }) => [ai, value]),
  };
}

/** RFC 3986: everything but unreserved characters. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
