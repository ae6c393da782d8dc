import { DomainError } from '#libs/kernel';
import { containerCheckDigit } from '../iso6346.js';
import { BitReader, BitWriter } from './bits.js';
import { sixBitCharacter } from './characters.js';
import { EpcFault } from './epc-fault.js';

/**
 * A UII of the ISO 1736x family: the PC word's toggle bit is 1 and its low byte is an AFI.
 *
 *     PC  LLLL L U X 1 AAAA AAAA   L length in words, U user memory, X extended PC, A AFI
 *     UII 6-bit characters, a data identifier (ANS MH10.8.2) and its data, then 100000… to the end of the word
 */
export interface IsoUii {
  readonly kind: 'iso-uii';
  /** `iso17363` for a freight container; null for an AFI outside the family. */
  readonly scheme: string | null;
  readonly afi: string;
  /** What the AFI says is tagged, or null. */
  readonly afiMeaning: string | null;
  readonly toggle: 1;
  readonly lengthWords: number;
  readonly dataIdentifier: string | null;
  /** The characters with their data identifier. */
  readonly uii: string;
  /** Eleven characters behind 7B, or null when the tag is not on a container. Whether the number is sound is told apart. */
  readonly container: string | null;
  readonly checkDigitOk: boolean | null;
  /** No PC word was given, and the data identifier told what this is. */
  readonly inferred: boolean;
}

/** ISO/IEC 15961-2 register of application family identifiers. */
const AFI_MEANINGS: Readonly<Record<string, readonly [scheme: string, meaning: string]>> = {
  A1: ['iso17367', 'ISO 17367 product'],
  A2: ['iso17365', 'ISO 17365 transport unit'],
  A3: ['iso17364', 'ISO 17364 returnable transport item'],
  A4: ['iso17367', 'ISO 17367 product, hazardous'],
  A5: ['iso17366', 'ISO 17366 product package'],
  A6: ['iso17366', 'ISO 17366 product package, hazardous'],
  A7: ['iso17365', 'ISO 17365 transport unit, hazardous'],
  A8: ['iso17364', 'ISO 17364 returnable transport item, hazardous'],
  A9: ['iso17363', 'ISO 17363 freight container'],
  AA: ['iso17363', 'ISO 17363 freight container, hazardous'],
};

/** ANS MH10.8.2: 7B container number of ISO 6346, 25S party and its serial number. */
const AFI_BY_DATA_IDENTIFIER: Readonly<Record<string, string>> = { '7B': 'A9', '25S': 'A2' };

const CONTAINER_DATA_IDENTIFIER = '7B';
const EOT = '!';

function readCharacters(hex: string): string {
  const bits = new BitReader(hex);
  let text = '';
  while (bits.left >= 6) {
    text += sixBitCharacter(bits.take(6));
  }
  // ISO/IEC 15962: 100001 ends the message, 100000 fills the word.
  const [body = ''] = text.split(EOT);
  return body.replace(/ +$/, '');
}

/** @throws EpcFault */
export function readIsoUii(hex: string, afi: string, inferred: boolean): IsoUii {
  const uii = readCharacters(hex);
  const [scheme, afiMeaning] = AFI_MEANINGS[afi] ?? [null, null];
  const dataIdentifier = /^[0-9]{0,3}[A-Z]/.exec(uii)?.[0] ?? null;
  const common = {
    kind: 'iso-uii',
    scheme,
    afi,
    afiMeaning,
    toggle: 1,
    lengthWords: Math.ceil(hex.length / 4),
    dataIdentifier,
    uii,
    inferred,
  } as const;
  if (scheme !== 'iso17363') {
    return { ...common, container: null, checkDigitOk: null };
  }
  if (dataIdentifier !== CONTAINER_DATA_IDENTIFIER) {
    throw new EpcFault('data_identifier', `${JSON.stringify(uii)} under AFI ${afi}, expected data identifier 7B`);
  }
  const container = uii.slice(CONTAINER_DATA_IDENTIFIER.length);
  if (container.length !== 11) {
    throw new EpcFault('length', `${JSON.stringify(container)} behind 7B, expected eleven characters`);
  }
  return { ...common, container, checkDigitOk: digitHolds(container) };
}

/** Whether the ISO 6346 digit holds, whatever the category letter says. */
export function digitHolds(container: string): boolean {
  return /^[A-Z]{4}[0-9]{7}$/.test(container) && containerCheckDigit(container) === Number(container.charAt(10));
}

/**
 * What the bits alone say when a reader gave no PC: 7B and 25S in 6-bit characters begin with DC and CB, which no EPC
 * header does (TDS table 14-1). Null when they say nothing.
 */
export function inferIsoUii(hex: string): IsoUii | null {
  const text = readCharacters(hex);
  const identifier = Object.keys(AFI_BY_DATA_IDENTIFIER).find((di) => text.startsWith(di));
  const afi = identifier === undefined ? undefined : AFI_BY_DATA_IDENTIFIER[identifier];
  return afi === undefined ? null : readIsoUii(hex, afi, true);
}

export interface TagBank {
  /** Protocol-control word, four hex digits. */
  readonly pc: string;
  /** EPC or UII, whole 16-bit words, upper-case hex. */
  readonly hex: string;
}

/**
 * The licence plate of a freight container as ISO 17363 puts it on a UHF tag. The check digit is not looked at: a tag can
 * carry a wrong number, and a simulator must be able to say so.
 * @throws DomainError INVALID_CONTAINER_NUMBER unless it is four capital letters and seven digits
 */
export function encodeIso17363(containerNumber: string): TagBank {
  if (!/^[A-Z]{4}[0-9]{7}$/.test(containerNumber)) {
    throw new DomainError('INVALID_CONTAINER_NUMBER', {
      value: containerNumber.slice(0, 20),
      expected: 'four capital letters and seven digits',
    });
  }
  const out = new BitWriter();
  for (const character of CONTAINER_DATA_IDENTIFIER + containerNumber) {
    out.put(character.charCodeAt(0) & 0x3f, 6);
  }
  // 13 characters are 78 bits; the fill 100000 is cut at the word, after its first two bits.
  out.put(0b10, 2);
  return { pc: pcWord(out.words, 0x01a9), hex: out.toHex() };
}

/** ISO/IEC 18000-63: length in the five high bits, toggle and AFI or attributes in the low nine. */
export function pcWord(words: number, low: number): string {
  return ((words << 11) | low).toString(16).toUpperCase().padStart(4, '0');
}
