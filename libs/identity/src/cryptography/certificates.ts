import { createHash, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { sm2 } from 'sm-crypto-v2';
import type { EpochMs } from '#libs/kernel';

/** SubjectPublicKeyInfo (RFC 5480) of an uncompressed point on the curve of SM2 (1.2.156.10197.1.301), without the point. */
const SM2_HEAD = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex');
/** RFC 5280, 4.2.1.12. */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
/** NIST SP 800-57 part 1, 5.6.3: shorter RSA keys are not acceptable any more. */
const LEAST_RSA_BITS = 2_048;
/** PEM of a certificate with a 4096-bit key takes some 2 kB. */
const MOST_CHARACTERS = 16_384;

/** null for what is no certificate. */
export function parseCertificate(pem: string): X509Certificate | null {
  if (pem.length > MOST_CHARACTERS) return null;
  try {
    return new X509Certificate(pem);
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

/** Why a certificate is not taken; null when it is: valid now, for people, and issued by one of the authorities, themselves valid. */
export function certificateFault(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  now: EpochMs,
): string | null {
  if (certificate.ca) return 'it is an authority’s own';
  if (!isCurrent(certificate, now)) return 'it is not valid now';
  // `keyUsage` holds what X.509 calls the extended one; without it a key may be used for anything.
  const usage = certificate.keyUsage as readonly string[] | undefined;
  if (usage !== undefined && !usage.includes(CLIENT_AUTHENTICATION)) return 'it is not for signing in';
  const issuer = authorities.find(
    (authority) => certificate.checkIssued(authority) && isSignedBy(certificate, authority),
  );
  if (issuer === undefined) return 'none of the configured authorities issued it';
  return issuer.ca && isCurrent(issuer, now) ? null : 'its authority is not valid now';
}

const isCurrent = ({ validFrom, validTo }: X509Certificate, now: EpochMs): boolean =>
  Date.parse(validFrom) <= now && now < Date.parse(validTo);

function isSignedBy(certificate: X509Certificate, { publicKey }: X509Certificate): boolean {
  const point = sm2Point(publicKey);
  if (point === null) return certificate.verify(publicKey);
  const [signed, , signature] = children(certificate.raw, 0);
  // A bit string begins with how many bits of its last byte are not its own: none.
  return (
    signed !== undefined &&
    signature !== undefined &&
    isSm2Signature(point, signed.whole, signature.content.subarray(1))
  );
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

interface DerElement {
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** What stands in the DER element at `offset` (ITU-T X.690), which OpenSSL has read before us. */
function children(der: Buffer, offset: number): readonly DerElement[] {
  const outer = element(der, offset);
  const found: DerElement[] = [];
  for (let at = 0; at < outer.content.length;) {
    const inner = element(outer.content, at);
    found.push(inner);
    at += inner.whole.length;
  }
  return found;
}

function element(der: Buffer, offset: number): DerElement {
  const first = der.readUInt8(offset + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const begin = offset + 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : der.readUIntBE(offset + 2, lengthBytes);
  return { whole: der.subarray(offset, begin + length), content: der.subarray(begin, begin + length) };
}
