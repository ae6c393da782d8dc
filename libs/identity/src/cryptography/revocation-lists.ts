import type { X509Certificate } from 'node:crypto';
import type { EpochMs } from '#libs/kernel';
import { bitsOf, isSignedAs, mayUseKeyFor, partsOf } from './certificates.js';
import { DER_TAGS, derChildren, derElement, DerReader, type DerElement } from './der.js';

/** Some 400,000 entries. */
export const MOST_LIST_BYTES = 16 * 1_048_576;
const PEM = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g;

/** What an authority has revoked, in its own words. */
export interface RevocationList {
  readonly authority: X509Certificate;
  readonly thisUpdate: EpochMs;
  /** null: it names none, which RFC 5280, 5.1.2.5 does not allow. */
  readonly nextUpdate: EpochMs | null;
  /** Serial numbers, hex. */
  readonly revoked: ReadonlySet<string>;
}

/**
 * The lists of these authorities in a file: one in DER, or any number in PEM. One that is signed by none of them, or that holds what
 * must be understood and is not (a delta, a part, other authorities' certificates; RFC 5280, 5.2 and 5.3), counts as not there.
 * Read by hand: the npm parsers take some 100 µs an entry, and the service stands still for that.
 * @throws Error for what is no list, or too large
 */
export function parseRevocationLists(file: Buffer, authorities: readonly X509Certificate[]): readonly RevocationList[] {
  if (file.length > MOST_LIST_BYTES) throw new Error(`more than ${MOST_LIST_BYTES} bytes`);
  const inPem = [...file.toString('latin1').matchAll(PEM)].map(([, text = '']) => Buffer.from(text, 'base64'));
  return (inPem.length > 0 ? inPem : [file]).flatMap((der) => {
    const { issuer, isUnderstood, isSignedBy, ...words } = listIn(der);
    const authority = authorities.find((candidate) => {
      const parts = partsOf(candidate);
      return parts.subject.equals(issuer) && mayUseKeyFor(parts, 'cRLSign') && isSignedBy(candidate);
    });
    return authority === undefined || !isUnderstood ? [] : [{ authority, ...words }];
  });
}

interface SignedList extends Omit<RevocationList, 'authority'> {
  /** Name, DER. */
  readonly issuer: Buffer;
  readonly isUnderstood: boolean;
  readonly isSignedBy: (authority: X509Certificate) => boolean;
}

/** RFC 5280, 5.1. */
function listIn(der: Buffer): SignedList {
  const list = new DerReader(derElement(der));
  const [signed, algorithm] = [list.required(DER_TAGS.SEQUENCE), list.required(DER_TAGS.SEQUENCE)];
  const signature = list.required(DER_TAGS.BIT_STRING);
  const words = new DerReader(signed);
  words.optional(DER_TAGS.INTEGER);
  const [signedAlgorithm, issuer] = [words.required(DER_TAGS.SEQUENCE), words.required(DER_TAGS.SEQUENCE)];
  const thisUpdate = words.required(DER_TAGS.UTC_TIME, DER_TAGS.GENERALIZED_TIME);
  const nextUpdate = words.optional(DER_TAGS.UTC_TIME, DER_TAGS.GENERALIZED_TIME);
  const entries = words.optional(DER_TAGS.SEQUENCE);
  const extensions = words.optional(DER_TAGS.CONTEXT_0);
  let isUnderstood = extensions === null || !hasCritical(derElement(extensions.content));
  const revoked = new Set<string>();
  for (const entry of entries === null ? [] : derChildren(entries)) {
    const [serial, , ofEntry] = derChildren(entry);
    if (serial?.tag !== DER_TAGS.INTEGER) throw new Error('an entry without a serial number');
    revoked.add(serialOf(serial.content.toString('hex')));
    isUnderstood &&= ofEntry === undefined || !hasCritical(ofEntry);
  }
  const [identifier] = derChildren(algorithm);
  return {
    issuer: issuer.whole,
    thisUpdate: timeOf(thisUpdate),
    nextUpdate: nextUpdate === null ? null : timeOf(nextUpdate),
    revoked,
    isUnderstood,
    isSignedBy: (authority) =>
      // 5.1.1.2: the algorithm that is signed is the one that is used
      identifier !== undefined &&
      algorithm.whole.equals(signedAlgorithm.whole) &&
      isSignedAs(identifier.content.toString('hex'), authority, signed.whole, bitsOf(signature)),
  };
}

function hasCritical(extensions: DerElement): boolean {
  for (const extension of derChildren(extensions)) {
    const [, critical] = derChildren(extension);
    if (critical?.tag === DER_TAGS.BOOLEAN && critical.content[0] !== 0) return true;
  }
  return false;
}

/** RFC 5280, 4.1.2.5: to the second, in UTC; two digits of a year are of 1950 to 2049. */
function timeOf({ tag, content }: DerElement): EpochMs {
  const text = content.toString('latin1');
  const full = tag === DER_TAGS.UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const at = Date.parse(full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at)) throw new Error('no time');
  return at;
}

/** DER puts a zero before a first bit that is set; Node writes capitals. */
const serialOf = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '');

/** Why a certificate of this authority is not taken by the lists that there are; null when its newest one leaves it alone. */
export function revocationFault(
  certificate: X509Certificate,
  issuer: X509Certificate,
  lists: readonly RevocationList[],
  now: EpochMs,
): string | null {
  const [newest] = lists
    .filter(({ authority, thisUpdate }) => authority === issuer && thisUpdate <= now)
    .toSorted((a, b) => b.thisUpdate - a.thisUpdate);
  if (newest === undefined) return 'its authority’s revocation list is not here';
  if (newest.nextUpdate === null || newest.nextUpdate <= now) return 'its authority’s revocation list is too old';
  return newest.revoked.has(serialOf(certificate.serialNumber)) ? 'it was revoked' : null;
}
