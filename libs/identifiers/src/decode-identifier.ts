import { decodeEpc, type TagIdentity } from './epc/decode-epc.js';
import type { EpcFaultReason } from './epc/epc-fault.js';
import { type EpcUri, parseEpcUri } from './epc/parse-epc-uri.js';
import {
  type ContainerNumber,
  type ContainerNumberFault,
  normaliseContainerNumber,
  parseContainerNumber,
} from './iso6346.js';
import { accept, type Parsed } from './parsed.js';

export interface NormalisedContainerNumber extends ContainerNumber {
  /** The number after normalisation, when the input was not the bare number. */
  readonly normalized?: string;
  /** False when only normalisation made it readable. */
  readonly strict?: false;
}

export interface DecodeIdentifierOptions {
  /** The tag's protocol-control word, four hex digits. */
  readonly pc?: string;
  /** False: normalise a container number that does not parse as it stands. Default true. */
  readonly strict?: boolean;
}

/**
 * The text face for a person at a terminal: a container number; a tag's hex; or an EPC URI.
 * Hex may have blanks and colons between its bytes.
 */
export function decodeIdentifier(
  kind: 'iso6346',
  text: string,
  options?: DecodeIdentifierOptions,
): Parsed<NormalisedContainerNumber, ContainerNumberFault>;
export function decodeIdentifier(
  kind: 'epc',
  text: string,
  options?: DecodeIdentifierOptions,
): Parsed<TagIdentity | EpcUri, EpcFaultReason>;
export function decodeIdentifier(
  kind: 'iso6346' | 'epc',
  text: string,
  options: DecodeIdentifierOptions = {},
): Parsed<NormalisedContainerNumber | TagIdentity | EpcUri, ContainerNumberFault | EpcFaultReason> {
  switch (kind) {
    case 'iso6346':
      return decodeContainerNumber(text, options.strict ?? true);
    case 'epc': {
      const trimmed = text.trim();
      return trimmed.startsWith('urn:') ? parseEpcUri(trimmed) : decodeEpc(trimmed.replace(/[\s:]/g, ''), options.pc);
    }
  }
}

function decodeContainerNumber(text: string, strict: boolean): Parsed<NormalisedContainerNumber, ContainerNumberFault> {
  const asItStands = parseContainerNumber(text);
  if (asItStands.ok || strict) {
    return asItStands;
  }
  const normalized = normaliseContainerNumber(text);
  const parsed = parseContainerNumber(normalized);
  return parsed.ok && normalized !== text ? accept({ ...parsed.message, normalized, strict: false }) : parsed;
}
