import { accept, type Parsed, quoted, refuse } from './parsed.js';

/** A unified social credit code (统一社会信用代码) in its parts, GB 32100-2015, 4. */
export interface CreditCode {
  /** As it came. */
  readonly received: string;
  /** 18 characters without blanks. */
  readonly code: string;
  /** Who registered the organisation: 9 is the market regulator (市场监管), 1 the establishment office, 5 civil affairs, … */
  readonly authority: string;
  /** What it was registered as, within its authority: 91 is an enterprise, 12 a public institution. */
  readonly category: string;
  /** GB/T 2260 division of the registering office: 330200 is Ningbo. */
  readonly region: string;
  /** GB 11714 organisation code, its own check character included. */
  readonly organisation: string;
}

export type CreditCodeFault = 'length' | 'character' | 'authority' | 'region' | 'check-character';

/** The standard's 31 characters in the order of their values: no I, O, S, V, Z. */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const MODULUS = CHARACTERS.length;
const LENGTH = 18;
/** Table 1 of the standard and its amendment: A is the military's office, N agriculture, Y whoever else. */
const AUTHORITIES = '123456789ANY';

/**
 * Character 18 over the 17 before it: each value times 3^(place − 1) mod 31, and what is missing to a multiple of 31.
 * @param body 17 of the standard's characters
 */
export function creditCodeCheckCharacter(body: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of body) {
    sum += CHARACTERS.indexOf(character) * weight;
    weight = (weight * 3) % MODULUS;
  }
  return CHARACTERS.charAt((MODULUS - (sum % MODULUS)) % MODULUS);
}

/**
 * Small letters and blanks between the groups are read too. Some codes of early trial regions end by another rule; they are refused,
 * because nothing tells them from a slip of the pen.
 */
export function parseCreditCode(received: string): Parsed<CreditCode, CreditCodeFault> {
  const code = received.replace(/\s/gu, '').toUpperCase();
  if (code.length !== LENGTH) {
    return refuse('length', `${quoted(received)} has ${code.length} characters, expected ${LENGTH}`);
  }
  const strange = [...code].find((character) => !CHARACTERS.includes(character));
  if (strange !== undefined) {
    return refuse(
      'character',
      `${quoted(received)} holds ${quoted(strange)}, expected 0-9 and A-Z without I, O, S, V, Z`,
    );
  }
  const [authority, category, region] = [code.charAt(0), code.charAt(1), code.slice(2, 8)];
  if (!AUTHORITIES.includes(authority)) {
    return refuse('authority', `${quoted(received)} begins with ${authority}, expected one of ${AUTHORITIES}`);
  }
  if (!/^\d{6}$/.test(region)) {
    return refuse(
      'region',
      `${quoted(received)} has ${quoted(region)} at places 3 to 8, expected six digits of GB/T 2260`,
    );
  }
  const expected = creditCodeCheckCharacter(code.slice(0, LENGTH - 1));
  if (code.charAt(LENGTH - 1) !== expected) {
    return refuse('check-character', `${quoted(received)} ends in ${code.charAt(LENGTH - 1)}, expected ${expected}`);
  }
  return accept({ received, code, authority, category, region, organisation: code.slice(8, LENGTH - 1) });
}
