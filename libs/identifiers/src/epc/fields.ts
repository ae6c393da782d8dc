import type { BitReader, BitWriter } from './bits.js';
import { escapeGs1, escapeSixBit, isGs1UriComponent, sixBitCharacter, unescapeComponent } from './characters.js';
import { EpcFault } from './epc-fault.js';

/**
 * One segment of a TDS binary coding table (14.6): bits ↔ components of the tag URI. `components` says how many of the
 * URI's dotted parts it holds; decode gives that many, encode takes them. Both throw EpcFault.
 */
export interface Field {
  readonly components: 0 | 1 | 2;
  decode(bits: BitReader): readonly string[];
  encode(parts: readonly string[], out: BitWriter): void;
}

/** TDS 14.2: GS1 Company Prefix by partition value 0 to 6: 12 to 6 digits. Partition 7 is not defined. */
const PREFIX_BITS = [40, 37, 34, 30, 27, 24, 20] as const;
const prefixDigits = (partition: number) => 12 - partition;

function decodePartition(bits: BitReader): { readonly partition: number; readonly prefix: string } {
  const partition = bits.take(3);
  const width = PREFIX_BITS[partition];
  if (width === undefined) {
    throw new EpcFault('partition', `partition ${partition} is not defined, expected 0 to 6`);
  }
  return { partition, prefix: paddedDigits(bits.takeDecimal(width), prefixDigits(partition), 'company prefix') };
}

function encodePartition(prefix: string, out: BitWriter): number {
  const partition = 12 - prefix.length;
  const width = PREFIX_BITS[partition];
  if (width === undefined || !isDigits(prefix)) {
    throw new EpcFault('syntax', `company prefix ${JSON.stringify(prefix)}, expected 6 to 12 digits`);
  }
  out.put(partition, 3);
  out.put(Number(prefix), width);
  return partition;
}

function paddedDigits(decimal: string, digits: number, what: string): string {
  // A width of no digits can only hold zero and is the empty component (TDS 14.4.3).
  if (digits === 0 ? decimal !== '0' : decimal.length > digits) {
    throw new EpcFault('range', `${what} ${decimal} has more than ${digits} digits`);
  }
  return digits === 0 ? '' : decimal.padStart(digits, '0');
}

export function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

/** TDS 6.3, NumericComponent: no leading zero, but for zero itself. */
export function isPlainNumber(text: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(text);
}

function plainNumber(text: string, what: string): bigint {
  if (!isPlainNumber(text)) {
    throw new EpcFault('syntax', `${what} ${JSON.stringify(text)}, expected digits without leading zeros`);
  }
  return BigInt(text);
}

function part(parts: readonly string[], at: number): string {
  return parts[at] ?? '';
}

function at<T>(table: readonly T[], index: number): T {
  const found = table[index];
  if (found === undefined) {
    throw new EpcFault('partition', `partition ${index} is not defined`);
  }
  return found;
}

/** TDS 14.4.1. */
export function integer(width: number, what = 'number'): Field {
  return {
    components: 1,
    decode: (bits) => [bits.takeDecimal(width)],
    encode: (parts, out) => out.put(plainNumber(part(parts, 0), what), width),
  };
}

/** TDS 14.4.10: digits with their leading zeros in a fixed width. */
export function fixedDigits(digits: number, width: number): Field {
  return {
    components: 1,
    decode: (bits) => [paddedDigits(bits.takeDecimal(width), digits, 'number')],
    encode: (parts, out) => {
      const text = part(parts, 0);
      if (!isDigits(text) || text.length !== digits) {
        throw new EpcFault('syntax', `${JSON.stringify(text)}, expected ${digits} digits`);
      }
      out.put(Number(text), width);
    },
  };
}

/** The closing bits of SSCC-96, GSRN-96 and GSRNP-96, which are zero (TDS 14.6). */
export function reserved(width: number): Field {
  return {
    components: 0,
    decode: (bits) => {
      if (bits.take(width) !== 0) {
        throw new EpcFault('reserved', `the last ${width} bits are not zero`);
      }
      return [];
    },
    encode: (_parts, out) => out.put(0, width),
  };
}

/** TDS 14.4.3: company prefix and a reference padded to the digits that the prefix leaves of `total`. */
export function partition(referenceBits: readonly number[], total: number): Field {
  return {
    components: 2,
    decode: (bits) => {
      const { partition: p, prefix } = decodePartition(bits);
      return [prefix, paddedDigits(bits.takeDecimal(at(referenceBits, p)), total - prefixDigits(p), 'reference')];
    },
    encode: (parts, out) => {
      const p = encodePartition(part(parts, 0), out);
      const reference = part(parts, 1);
      const digits = total - prefixDigits(p);
      if (reference.length !== digits || (digits > 0 && !isDigits(reference))) {
        throw new EpcFault('syntax', `reference ${JSON.stringify(reference)}, expected ${digits} digits`);
      }
      out.put(BigInt(reference === '' ? '0' : reference), at(referenceBits, p));
    },
  };
}

/** TDS 14.4.4: company prefix and a number without leading zeros, of at most `mostDigits` digits. */
export function unpaddedPartition(referenceBits: readonly number[], mostDigits: readonly number[]): Field {
  const check = (decimal: string, p: number) => {
    if (decimal.length > at(mostDigits, p)) {
      throw new EpcFault('range', `reference ${decimal} has more than ${at(mostDigits, p)} digits`);
    }
    return decimal;
  };
  return {
    components: 2,
    decode: (bits) => {
      const { partition: p, prefix } = decodePartition(bits);
      return [prefix, check(bits.takeDecimal(at(referenceBits, p)), p)];
    },
    encode: (parts, out) => {
      const p = encodePartition(part(parts, 0), out);
      const reference = plainNumber(part(parts, 1), 'reference');
      check(part(parts, 1), p);
      out.put(reference, at(referenceBits, p));
    },
  };
}

function decodeSevenBit(bits: BitReader, width: number, most: number): string {
  let text = '';
  let ended = false;
  let left = width;
  for (; left >= 7; left -= 7) {
    const code = bits.take(7);
    if (code === 0) {
      ended = true;
    } else if (ended) {
      throw new EpcFault('characters', 'a character stands behind the closing zeros');
    } else {
      text += String.fromCharCode(code);
    }
  }
  if (bits.take(left) !== 0) {
    throw new EpcFault('reserved', 'the odd bits behind the last character are not zero');
  }
  if (text.length === 0 || text.length > most) {
    throw new EpcFault('length', `${text.length} characters, expected 1 to ${most}`);
  }
  return escapeGs1(text);
}

function encodeSevenBit(component: string, width: number, most: number, out: BitWriter): void {
  const text = unescapeComponent(component);
  if (!isGs1UriComponent(component) || text.length > most) {
    throw new EpcFault('syntax', `${JSON.stringify(component)}, expected 1 to ${most} characters of GS1 set 82`);
  }
  for (let i = 0; i < text.length; i += 1) {
    out.put(text.charCodeAt(i), 7);
  }
  out.put(0, width - 7 * text.length);
}

/** TDS 14.4.2: 7-bit characters closed with zeros. */
export function characters(width: number): Field {
  const most = Math.floor(width / 7);
  return {
    components: 1,
    decode: (bits) => [decodeSevenBit(bits, width, most)],
    encode: (parts, out) => encodeSevenBit(part(parts, 0), width, most, out),
  };
}

/** TDS 14.4.5: company prefix and 7-bit characters, 30 in all. */
export function characterPartition(referenceBits: readonly number[]): Field {
  return {
    components: 2,
    decode: (bits) => {
      const { partition: p, prefix } = decodePartition(bits);
      return [prefix, decodeSevenBit(bits, at(referenceBits, p), 30 - prefixDigits(p))];
    },
    encode: (parts, out) => {
      const p = encodePartition(part(parts, 0), out);
      encodeSevenBit(part(parts, 1), at(referenceBits, p), 30 - prefixDigits(p), out);
    },
  };
}

function decodeSixBit(bits: BitReader, most: number): string {
  let text = '';
  for (let value = bits.take(6); value !== 0; value = bits.take(6)) {
    text += sixBitCharacter(value);
    if (text.length > most) {
      throw new EpcFault('length', `more than ${most} characters before the closing zeros`);
    }
  }
  return escapeSixBit(text);
}

function encodeSixBit(component: string, most: number, out: BitWriter): void {
  const text = unescapeComponent(component);
  if (escapeSixBit(text) !== component.replace(/%2f/g, '%2F') || text.length > most) {
    throw new EpcFault('syntax', `${JSON.stringify(component)}, expected at most ${most} characters of TDS table G-1`);
  }
  for (let i = 0; i < text.length; i += 1) {
    out.put(text.charCodeAt(i) & 0x3f, 6);
  }
  out.put(0, 6);
}

/** TDS 14.4.8: 6-bit characters closed with six zeros. */
export function sixBitCharacters(least: number, most: number): Field {
  const check = (text: string) => {
    if (text.length < least) {
      throw new EpcFault('length', `no character, expected ${least} to ${most}`);
    }
    return text;
  };
  return {
    components: 1,
    decode: (bits) => [check(decodeSixBit(bits, most))],
    encode: (parts, out) => encodeSixBit(check(part(parts, 0)), most, out),
  };
}

/** TDS 14.4.9: company prefix and closed 6-bit characters, 30 in all. */
export const sixBitPartition: Field = {
  components: 2,
  decode: (bits) => {
    const { partition: p, prefix } = decodePartition(bits);
    const reference = decodeSixBit(bits, 30 - prefixDigits(p));
    if (reference === '') {
      throw new EpcFault('length', 'the part reference is empty');
    }
    return [prefix, reference];
  },
  encode: (parts, out) => {
    const p = encodePartition(part(parts, 0), out);
    if (part(parts, 1) === '') {
      throw new EpcFault('syntax', 'the part reference is empty');
    }
    encodeSixBit(part(parts, 1), 30 - prefixDigits(p), out);
  },
};

/** TDS 14.4.6: digits with their leading zeros, kept by a 1 in front of them. */
export function numericString(width: number, most: number): Field {
  return {
    components: 1,
    decode: (bits) => {
      const decimal = bits.takeDecimal(width);
      if (!/^1[0-9]+$/.test(decimal) || decimal.length > most + 1) {
        throw new EpcFault('range', `serial ${decimal}, expected 1 and then 1 to ${most} digits`);
      }
      return [decimal.slice(1)];
    },
    encode: (parts, out) => {
      const text = part(parts, 0);
      if (!isDigits(text) || text.length > most) {
        throw new EpcFault('syntax', `serial ${JSON.stringify(text)}, expected 1 to ${most} digits`);
      }
      out.put(BigInt(`1${text}`), width);
    },
  };
}

/** TDS 6.3: five places of a CAGE code or six of a DoDAAC, without I and O. */
export const CAGE_OR_DODAAC = /^[0-9A-HJ-NP-Z]{5,6}$/;

/** TDS 14.4.7 (6-bit, ADI) and USDOD-96 (8-bit ASCII): six places; a CAGE code has a blank in front of it. */
export function cageOrDodaac(charBits: 6 | 8): Field {
  return {
    components: 1,
    decode: (bits) => {
      let text = '';
      for (let i = 0; i < 6; i += 1) {
        const value = bits.take(charBits);
        text += charBits === 6 ? sixBitCharacter(value) : String.fromCharCode(value);
      }
      const code = text.replace(/^ /, '');
      if (!CAGE_OR_DODAAC.test(code)) {
        throw new EpcFault('characters', `${JSON.stringify(text)} is not a CAGE code or DoDAAC`);
      }
      return [code];
    },
    encode: (parts, out) => {
      const code = part(parts, 0);
      if (!CAGE_OR_DODAAC.test(code)) {
        throw new EpcFault('syntax', `${JSON.stringify(code)} is not a CAGE code or DoDAAC`);
      }
      for (const character of code.padStart(6, ' ')) {
        out.put(character.charCodeAt(0) & (charBits === 6 ? 0x3f : 0xff), charBits);
      }
    },
  };
}
