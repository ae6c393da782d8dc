import { DomainError } from '#libs/kernel';
import { accept, type Parsed, refuse } from '../parsed.js';
import { BINARY_SCHEMES, type BinaryScheme, SCHEME_BY_NAME } from './binary-schemes.js';
import { BitWriter } from './bits.js';
import { EpcFault, type EpcFaultReason } from './epc-fault.js';
import { checkComponents, IDENTITY_TYPES, type IdentityType, splitComponents } from './identity-types.js';
import { pcWord, type TagBank } from './iso-uii.js';
import { PLUS_SCHEMES } from './plus-schemes.js';

/** @throws EpcFault when the scheme cannot carry the components */
export function writeComponents(scheme: BinaryScheme, components: readonly string[]): BitWriter {
  const out = new BitWriter();
  out.put(scheme.header, 8);
  let from = 0;
  for (const field of scheme.fields) {
    field.encode(components.slice(from, from + field.components), out);
    from += field.components;
  }
  return out;
}

/**
 * The binary schemes that can carry a pure identity, smallest first, `sgtin-96` like those with a tag URI and `SGTIN+` like
 * those of TDS 2.x. Empty for identities without a binary encoding, such as bic and imovn.
 */
export function encodingsOf(type: IdentityType, components: readonly string[]): string[] {
  const carries = (scheme: BinaryScheme) => {
    try {
      writeComponents(scheme, scheme.filtered ? ['0', ...components] : components);
      return true;
    } catch (error) {
      if (error instanceof EpcFault) {
        return false;
      }
      throw error;
    }
  };
  const classic = BINARY_SCHEMES.filter((scheme) => scheme.identity === type && carries(scheme));
  const plus = [...PLUS_SCHEMES.values()].filter((scheme) => scheme.identity === type && !scheme.dated);
  return [...classic, ...plus].map((scheme) => scheme.name);
}

/**
 * A tag URI's scheme and components, checked against the pure identity's syntax and the scheme's widths.
 * @throws EpcFault
 */
export function readTagBody(
  name: string,
  body: string,
): { scheme: BinaryScheme; components: string[]; bits: BitWriter } {
  const scheme = SCHEME_BY_NAME.get(name);
  if (scheme === undefined) {
    throw new EpcFault('unknown_scheme', `${JSON.stringify(name)} is no binary scheme that is read here`);
  }
  const count = IDENTITY_TYPES[scheme.identity].components.length + (scheme.filtered ? 1 : 0);
  const components = splitComponents(body, count);
  checkComponents(scheme.identity, scheme.filtered ? components.slice(1) : components);
  return { scheme, components, bits: writeComponents(scheme, components) };
}

/** `urn:epc:tag:…` → what the tag's UII bank holds (TDS 14.3); toggle and attribute bits are 0. */
export function encodeEpc(tagUri: string): Parsed<TagBank, EpcFaultReason> {
  const found = /^urn:epc:tag:([^:]+):(.*)$/s.exec(tagUri);
  if (found === null) {
    return refuse('syntax', `${JSON.stringify(tagUri.slice(0, 80))}, expected urn:epc:tag:<scheme>:<body>`);
  }
  try {
    const { bits } = readTagBody(found[1] ?? '', found[2] ?? '');
    return accept({ pc: pcWord(bits.words, 0), hex: bits.toHex() });
  } catch (error) {
    if (error instanceof EpcFault) {
      return refuse(error.reason, error.message);
    }
    throw error;
  }
}

function encodeOrThrow(tagUri: string): TagBank {
  const encoded = encodeEpc(tagUri);
  if (!encoded.ok) {
    throw new DomainError('INVALID_INPUT', { value: tagUri.slice(0, 80), expected: encoded.detail });
  }
  return encoded.message;
}

/**
 * An individual asset, such as a truck or chassis.
 * @param companyPrefix 6 to 12 digits
 * @param assetReference digits without leading zeros, below 2^42 to 2^62 by the prefix's length (TDS 14.6, GIAI-96)
 * @throws DomainError INVALID_INPUT when GIAI-96 cannot carry it
 */
export function encodeGiai96(companyPrefix: string, assetReference: string, filter = 0): TagBank {
  return encodeOrThrow(`urn:epc:tag:giai-96:${filter}.${companyPrefix}.${assetReference}`);
}

/**
 * A returnable asset, such as a pallet or a box of a pool.
 * @param assetType digits that fill the company prefix up to twelve
 * @param serial digits without leading zeros, below 2^38
 * @throws DomainError INVALID_INPUT when GRAI-96 cannot carry it
 */
export function encodeGrai96(companyPrefix: string, assetType: string, serial: string, filter = 0): TagBank {
  return encodeOrThrow(`urn:epc:tag:grai-96:${filter}.${companyPrefix}.${assetType}.${serial}`);
}
