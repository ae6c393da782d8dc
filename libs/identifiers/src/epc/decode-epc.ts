import { accept, type Parsed, quoted, refuse } from '../parsed.js';
import { type BinaryScheme, SCHEME_BY_HEADER } from './binary-schemes.js';
import { BitReader } from './bits.js';
import { EpcFault, type EpcFaultReason } from './epc-fault.js';
import { checkComponents, type Element, IDENTITY_TYPES } from './identity-types.js';
import { inferIsoUii, type IsoUii, readIsoUii } from './iso-uii.js';
import { PLUS_SCHEMES, type PlusScheme, readPlus } from './plus-schemes.js';

/** An EPC of a scheme with a tag URI (TDS table 14-1, headers 2C to 41). */
export interface ClassicEpc {
  readonly kind: 'epc';
  /** `giai-96`. */
  readonly scheme: string;
  /** Null for GID, which has none. */
  readonly filter: number | null;
  readonly tagUri: string;
  readonly pureIdentityUri: string;
  /** GTIN, SSCC, GLN, …; null when the scheme has no GS1 key. */
  readonly gs1Key: string | null;
  /** `(01)…(21)…`; null when GS1 has no element string for it. */
  readonly gs1ElementString: string | null;
}

/** An EPC of a "+" scheme (TDS 2.x, headers F0 to FB). */
export interface PlusEpc {
  readonly kind: 'epc-plus';
  /** `GIAI+`. */
  readonly scheme: string;
  readonly filter: number;
  readonly aidcDataFollows: boolean;
  readonly bareIdentifier: string;
  readonly digitalLink: string;
  readonly gs1ElementString: string;
}

export type TagIdentity = ClassicEpc | PlusEpc | IsoUii;

/** ISO/IEC 18000-63: a length field of five bits counts at most 31 words. */
const LONGEST_HEX = 31 * 4;

/**
 * What a tag's UII bank says (TDS 14.4, ISO 17363).
 * @param hex the bytes without PC and CRC; a nibble may be missing at the end, bits behind the EPC are ignored
 * @param pc the protocol-control word, four hex digits. Its toggle bit tells an EPC from an ISO UII: without it only the
 *   bits are there to tell. Its length must agree with the bytes.
 */
export function decodeEpc(hex: string, pc?: string): Parsed<TagIdentity, EpcFaultReason> {
  try {
    return accept(read(hex.toUpperCase(), pc));
  } catch (error) {
    if (error instanceof EpcFault) {
      return refuse(error.reason, `${quoted(hex)}: ${error.message}`);
    }
    throw error;
  }
}

function read(hex: string, pc: string | undefined): TagIdentity {
  const bits = new BitReader(hex);
  if (hex.length > LONGEST_HEX) {
    throw new EpcFault('length', `${hex.length} hex digits, expected at most ${LONGEST_HEX}`);
  }
  if (pc !== undefined) {
    if (!/^[0-9A-Fa-f]{4}$/.test(pc)) {
      throw new EpcFault('pc', `PC ${quoted(pc)}, expected four hex digits`);
    }
    const word = Number.parseInt(pc, 16);
    if (word >> 11 !== Math.ceil(hex.length / 4)) {
      throw new EpcFault('length', `PC ${pc} says ${word >> 11} words, ${hex.length} hex digits came`);
    }
    if ((word & 0x0100) !== 0) {
      return readIsoUii(hex, (word & 0xff).toString(16).toUpperCase().padStart(2, '0'), false);
    }
  }
  const header = bits.take(8);
  const classic = SCHEME_BY_HEADER.get(header);
  if (classic !== undefined) {
    return readClassic(classic, bits);
  }
  const plus = PLUS_SCHEMES.get(header);
  if (plus !== undefined) {
    return readPlusEpc(plus, bits);
  }
  const iso = pc === undefined ? inferIsoUii(hex) : null;
  if (iso !== null) {
    return iso;
  }
  throw new EpcFault('unknown_header', `header ${hex.slice(0, 2)} has no scheme`);
}

function readClassic(scheme: BinaryScheme, bits: BitReader): ClassicEpc {
  const all: string[] = [];
  for (const field of scheme.fields) {
    all.push(...field.decode(bits));
  }
  const components = scheme.filtered ? all.slice(1) : all;
  if (scheme.wider) {
    checkComponents(scheme.identity, components);
  }
  const { gs1 } = IDENTITY_TYPES[scheme.identity];
  const form = gs1 === null ? null : gs1(components);
  return {
    kind: 'epc',
    scheme: scheme.name,
    filter: scheme.filtered ? Number(all[0]) : null,
    tagUri: `urn:epc:tag:${scheme.name}:${all.join('.')}`,
    pureIdentityUri: `urn:epc:id:${scheme.identity}:${components.join('.')}`,
    gs1Key: form?.key ?? null,
    gs1ElementString: form === null ? null : elementString(form.elements),
  };
}

function readPlusEpc(scheme: PlusScheme, bits: BitReader): PlusEpc {
  const { filter, aidcDataFollows, bareIdentifier, digitalLink, elements } = readPlus(scheme, bits);
  return {
    kind: 'epc-plus',
    scheme: scheme.name,
    filter,
    aidcDataFollows,
    bareIdentifier,
    digitalLink,
    gs1ElementString: elementString(elements),
  };
}

export function elementString(elements: readonly Element[]): string {
  let text = '';
  for (const [ai, value] of elements) {
    text += `(${ai})${value}`;
  }
  return text;
}
