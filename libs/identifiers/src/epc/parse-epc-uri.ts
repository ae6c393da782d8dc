import { accept, type Parsed, quoted, refuse } from '../parsed.js';
import { elementString } from './decode-epc.js';
import { encodingsOf, readTagBody } from './encode-epc.js';
import { EpcFault, type EpcFaultReason } from './epc-fault.js';
import {
  checkComponents,
  IDENTITY_TYPES,
  type IdentityType,
  isIdentityType,
  splitComponents,
} from './identity-types.js';
import { digitHolds } from './iso-uii.js';

export interface EpcUri {
  readonly kind: 'epc-uri';
  readonly level: 'id' | 'class' | 'tag';
  /** `sgtin` for an identity or class, `sgtin-96` for a tag URI. */
  readonly scheme: string;
  readonly uri: string;
  readonly tagUri: string | null;
  /** Null for a class. */
  readonly pureIdentityUri: string | null;
  readonly gs1Key: string | null;
  readonly gs1ElementString: string | null;
  /** The shortest forms in which the GTIN can be written; empty when there is none. */
  readonly gtinForms: readonly GtinForm[];
  /** Binary schemes that can carry it, smallest first. A valid identity need not fit the 96-bit one. */
  readonly encodings: readonly string[];
  readonly tagEncodable: boolean;
  /** For bic: the ISO 6346 digit, which TDS leaves to others. For imovn: IMO's. Else null. */
  readonly checkDigitOk: boolean | null;
}

export type GtinForm = 'GTIN-8' | 'GTIN-12' | 'GTIN-13' | 'GTIN-14';

/**
 * Checks `urn:epc:id:`, `urn:epc:class:` and `urn:epc:tag:` against TDS 6.3, 6.4 and 12: components, lengths, characters,
 * escapes. A pure identity is judged by its own syntax only; what a tag can carry of it stands in `encodings`.
 */
export function parseEpcUri(uri: string): Parsed<EpcUri, EpcFaultReason> {
  const found = /^urn:epc:(id|class|tag):([^:]+):(.*)$/s.exec(uri);
  if (found === null) {
    return refuse(
      'syntax',
      `${quoted(uri)}, expected urn:epc:id:, urn:epc:class: or urn:epc:tag:, a scheme and a body`,
    );
  }
  const [, level = '', scheme = '', body = ''] = found;
  try {
    if (level === 'tag') {
      const { scheme: binary, components } = readTagBody(scheme, body);
      return accept(describe(uri, binary.identity, binary.filtered ? components.slice(1) : components, binary.name));
    }
    if (!isIdentityType(scheme) || IDENTITY_TYPES[scheme].namespace !== level) {
      throw new EpcFault('unknown_scheme', `urn:epc:${level}: has no scheme ${quoted(scheme)}`);
    }
    const components = splitComponents(body, IDENTITY_TYPES[scheme].components.length);
    checkComponents(scheme, components);
    return accept(describe(uri, scheme, components, null));
  } catch (error) {
    if (error instanceof EpcFault) {
      return refuse(error.reason, `${quoted(uri)}: ${error.message}`);
    }
    throw error;
  }
}

function describe(uri: string, type: IdentityType, components: readonly string[], tagScheme: string | null): EpcUri {
  const { gs1, namespace } = IDENTITY_TYPES[type];
  const form = gs1 === null ? null : gs1(components);
  const encodings = encodingsOf(type, components);
  const gtin = form?.elements[0]?.[0] === '01' ? form.key : null;
  return {
    kind: 'epc-uri',
    level: tagScheme === null ? namespace : 'tag',
    scheme: tagScheme ?? type,
    uri,
    tagUri: tagScheme === null ? null : uri,
    pureIdentityUri: namespace === 'class' ? null : `urn:epc:id:${type}:${components.join('.')}`,
    gs1Key: form?.key ?? null,
    gs1ElementString: form === null ? null : elementString(form.elements),
    gtinForms: gtin === null ? [] : gtinFormsOf(gtin),
    encodings,
    tagEncodable: encodings.length > 0,
    checkDigitOk: checkDigitOf(type, components[0] ?? ''),
  };
}

/** TDS 7, SGTIN: GTIN-13 has no indicator, GTIN-12 one zero more, and GTIN-8 five zeros in front of its prefix. */
function gtinFormsOf(gtin: string): GtinForm[] {
  const forms: readonly [GtinForm, string][] = [
    ['GTIN-8', '000000'],
    ['GTIN-12', '00'],
    ['GTIN-13', '0'],
    ['GTIN-14', ''],
  ];
  return forms.filter(([, zeros]) => gtin.startsWith(zeros)).map(([form]) => form);
}

function checkDigitOf(type: IdentityType, text: string): boolean | null {
  if (type === 'bic') {
    return digitHolds(text);
  }
  if (type !== 'imovn') {
    return null;
  }
  // IMO Resolution A.1117(30): the first six digits times 7 down to 2, last digit of the sum.
  const sum = [...text.slice(0, 6)].reduce((total, digit, i) => total + Number(digit) * (7 - i), 0);
  return sum % 10 === Number(text.charAt(6));
}
