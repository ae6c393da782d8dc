import { EpcFault } from './epc-fault.js';

/** TDS annex A, table A-1: what stands in an alphanumeric serial and must be escaped in a URI. */
const GS1_ESCAPES: Readonly<Record<string, string>> = {
  '"': '%22',
  '%': '%25',
  '&': '%26',
  '/': '%2F',
  '<': '%3C',
  '>': '%3E',
  '?': '%3F',
};

/** TDS annex G, table G-1: of the 6-bit characters of ADI and CPI only these two are escaped. */
const SIX_BIT_ESCAPES: Readonly<Record<string, string>> = { '#': '%23', '/': '%2F' };

/** TDS annex A, table A-1 (GS1 General Specifications, character set 82). */
const GS1_CHARACTERS = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/;
/** As they stand in a URI, the escaped ones aside. */
const GS1_URI_COMPONENT = /^(?:[!'()*+,\-.0-9:;=A-Z_a-z]|%(?:22|25|26|2[Ff]|3[CcEeFf]))+$/;
const SIX_BIT_CHARACTERS = /^[#\-/0-9A-Z]*$/;

export function isGs1UriComponent(text: string): boolean {
  return GS1_URI_COMPONENT.test(text);
}

export function unescapeComponent(text: string): string {
  if (!text.includes('%')) {
    return text;
  }
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export function escapeGs1(text: string): string {
  if (!GS1_CHARACTERS.test(text)) {
    throw new EpcFault('characters', `${JSON.stringify(text)} has a character outside GS1 character set 82`);
  }
  return text.replace(/["%&/<>?]/g, (character) => GS1_ESCAPES[character] ?? character);
}

export function escapeSixBit(text: string): string {
  if (!SIX_BIT_CHARACTERS.test(text)) {
    throw new EpcFault('characters', `${JSON.stringify(text)} has a character outside TDS table G-1`);
  }
  return text.replace(/[#/]/g, (character) => SIX_BIT_ESCAPES[character] ?? character);
}

/** The low six bits of ASCII, as TDS table G-1 and ISO/IEC 15962 have them: 1 to 31 are A to _, 32 to 63 are themselves. */
export function sixBitCharacter(value: number): string {
  return String.fromCharCode(value < 32 ? value + 64 : value);
}

/** GS1 General Specifications 7.9.1: weights 3 and 1 from the right. */
export function gs1CheckDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    sum += (digits.charCodeAt(digits.length - 1 - i) - 48) * (i % 2 === 0 ? 3 : 1);
  }
  return String((10 - (sum % 10)) % 10);
}
