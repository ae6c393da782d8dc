import { createHash, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { sm2 } from 'sm-crypto-v2';
import type { EpochMs } from '#libs/kernel';
import { DER_TAGS, derChildren, derElement, DerReader, type DerElement } from './der.js';

/** SubjectPublicKeyInfo (RFC 5480) of an uncompressed point on the curve of SM2 (1.2.156.10197.1.301), without the point. */
const SM2_HEAD = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex');
/** RFC 5280, 4.2.1.12: client authentication, and anything. */
const FOR_SIGNING_IN: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];
/** NIST SP 800-57 part 1, 5.6.3: shorter RSA keys are not acceptable any more. */
const LEAST_RSA_BITS = 2_048;
/** PEM of a certificate with a 4096-bit key takes some 2 kB. */
const MOST_CHARACTERS = 16_384;

/** null for what is no certificate. */
export function parseCertificate(pem: string): X509Certificate | null {
  if (pem.length > MOST_CHARACTERS) return null;
  try {
    const certificate = new X509Certificate(pem);
    partsOf(certificate);
    return certificate;
  } catch {
    // OpenSSL has many words for this, and none that helps whoever sent it
    return null;
  }
}

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** SHA-256 of the public key, hex: what a person is found by, also when the certificate of the same key was renewed. */
export function keyFingerprint(certificate: X509Certificate): string {
  return createHash('sha256').update(spkiOf(certificate.publicKey)).digest('hex');
}

/** Parts of a certificate (RFC 5280, 4.1) that Node does not tell. */
export interface CertificateParts {
  /** What its authority signed, and the signature. */
  readonly signed: Buffer;
  readonly signature: Buffer;
  /** Name of its holder, DER. */
  readonly subject: Buffer;
  /** Its key usage's first byte; null: without the extension a key may be used for anything. */
  readonly keyUsage: number | null;
}

/** 2.5.29.15 */
const KEY_USAGE = Buffer.from('551d0f', 'hex');

/** RFC 5280, 4.2.1.3. */
const KEY_USES = { digitalSignature: 0x80, cRLSign: 0x02 } as const;

/** @throws Error for what OpenSSL reads and is not DER */
export function partsOf({ raw }: X509Certificate): CertificateParts {
  const [signed, , signature] = derChildren(derElement(raw));
  if (signed === undefined || signature === undefined) throw new Error('no certificate');
  const reader = new DerReader(signed);
  reader.optional(DER_TAGS.CONTEXT_0);
  reader.required(DER_TAGS.INTEGER);
  // algorithm, issuer and validity stand before the holder, the key behind
  const [, , , subject] = [0, 1, 2, 3, 4].map(() => reader.required(DER_TAGS.SEQUENCE));
  if (subject === undefined) throw new Error('no holder');
  const extensions = reader.optional(DER_TAGS.CONTEXT_3);
  return {
    signed: signed.whole,
    signature: bitsOf(signature),
    subject: subject.whole,
    keyUsage: extensions === null ? null : keyUsageIn(derElement(extensions.content)),
  };
}

function keyUsageIn(extensions: DerElement): number | null {
  for (const extension of derChildren(extensions)) {
    const [name, ...rest] = derChildren(extension);
    const value = rest.at(-1);
    if (value !== undefined && name?.content.equals(KEY_USAGE)) return bitsOf(derElement(value.content))[0] ?? 0;
  }
  return null;
}

/** A bit string begins with how many bits of its last byte are not its own. */
export const bitsOf = ({ content }: DerElement): Buffer => content.subarray(1);

export const mayUseKeyFor = ({ keyUsage }: CertificateParts, use: keyof typeof KEY_USES): boolean =>
  keyUsage === null || (keyUsage & KEY_USES[use]) !== 0;

/**
 * Who issued a certificate that is valid now, for people, and of one of the authorities, themselves valid.
 * @returns the authority, or why the certificate is not taken
 */
export function issuerOf(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  now: EpochMs,
): X509Certificate | string {
  if (certificate.ca) return 'it is an authority’s own';
  if (!isCurrent(certificate, now)) return 'it is not valid now';
  if (!mayUseKeyFor(partsOf(certificate), 'digitalSignature')) return 'its key is not for signing';
  // `keyUsage` holds what X.509 calls the extended one; without it a key may be used for anything.
  const usage = certificate.keyUsage as readonly string[] | undefined;
  if (usage !== undefined && !usage.some((purpose) => FOR_SIGNING_IN.includes(purpose)))
    return 'it is not for signing in';
  const issuer = authorities.find(
    (authority) => certificate.checkIssued(authority) && isSignedBy(certificate, authority),
  );
  if (issuer === undefined) return 'none of the configured authorities issued it';
  return issuer.ca && isCurrent(issuer, now) ? issuer : 'its authority is not valid now';
}

const isCurrent = ({ validFrom, validTo }: X509Certificate, now: EpochMs): boolean =>
  Date.parse(validFrom) <= now && now < Date.parse(validTo);

function isSignedBy(certificate: X509Certificate, { publicKey }: X509Certificate): boolean {
  const point = sm2Point(publicKey);
  if (point === null) return certificate.verify(publicKey);
  const { signed, signature } = partsOf(certificate);
  return isSm2Signature(point, signed, signature);
}

/** 1.2.156.10197.1.501 */
const SM2_WITH_SM3 = '2a811ccf55018375';

/** Signature algorithms of X.509 by which lists are taken, as their identifiers stand in DER (RFC 4055, RFC 5758); none with SHA-1. */
const ALGORITHMS: Readonly<Record<string, { readonly key: 'rsa' | 'ec'; readonly hash: string }>> = {
  '2a864886f70d01010b': { key: 'rsa', hash: 'sha256' },
  '2a864886f70d01010c': { key: 'rsa', hash: 'sha384' },
  '2a864886f70d01010d': { key: 'rsa', hash: 'sha512' },
  '2a8648ce3d040302': { key: 'ec', hash: 'sha256' },
  '2a8648ce3d040303': { key: 'ec', hash: 'sha384' },
  '2a8648ce3d040304': { key: 'ec', hash: 'sha512' },
};

/** @param algorithm as it stands in DER, hex */
export function isSignedAs(
  algorithm: string,
  { publicKey }: X509Certificate,
  text: Uint8Array,
  signature: Uint8Array,
): boolean {
  const point = sm2Point(publicKey);
  if (point !== null) return algorithm === SM2_WITH_SM3 && isSm2Signature(point, text, signature);
  const known = ALGORITHMS[algorithm];
  if (known === undefined || known.key !== publicKey.asymmetricKeyType) return false;
  return verify(known.hash, text, publicKey, signature);
}

/**
 * Whether the certificate's key made the signature: RSA (PKCS #1 v1.5, SHA-256), ECDSA on P-256 (SHA-256) or P-384 (SHA-384), SM2 with
 * SM3; the latter two in DER.
 */
export function isSignature({ publicKey }: X509Certificate, text: Uint8Array, signature: Uint8Array): boolean {
  const point = sm2Point(publicKey);
  if (point !== null) return isSm2Signature(point, text, signature);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= LEAST_RSA_BITS)
    return verify('sha256', text, publicKey, signature);
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return verify('sha256', text, publicKey, signature);
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return verify('sha384', text, publicKey, signature);
  return false;
}

function sm2Point(key: KeyObject): Buffer | null {
  const spki = spkiOf(key);
  return spki.subarray(0, SM2_HEAD.length).equals(SM2_HEAD) ? spki.subarray(SM2_HEAD.length) : null;
}

/**
 * GB/T 32918.2 with the distinguishing identifier that GM/T 0009 gives everybody, `1234567812345678`. OpenSSL 3.0 takes that
 * identifier by an option that Node does not pass on, and reckons with an empty one: it refuses every real signature.
 */
function isSm2Signature(point: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  const hex = Buffer.from(signature).toString('hex');
  try {
    return sm2.doVerifySignature(text, hex, Buffer.from(point).toString('hex'), { der: true, hash: true });
  } catch {
    // it throws for numbers out of range and points off the curve
    return false;
  }
}
