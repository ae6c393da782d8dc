import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { DomainError, type EpochMs } from '#libs/kernel';

/**
 * How a machine signs what it sends: docs/UPLINK.md says it byte by byte. The text that is signed is nine lines, with "\n"
 * between them and none behind the last, each exactly as it stands in the request:
 *
 *   BOXTRAIL-HMAC-SHA256-1
 *   method                   POST
 *   request target           /ingest/v1/batches
 *   boxtrail-key             id of the key
 *   boxtrail-machine         id of the gateway or device, percent-encoded UTF-8
 *   boxtrail-boot            random id that the sending process drew at its start
 *   boxtrail-sequence        decimal; grows with every request of the boot
 *   boxtrail-time            decimal milliseconds since 1970, the sender's clock
 *   boxtrail-digest          SHA-256 of the body's bytes, 64 lower-case hex digits
 *
 * `boxtrail-signature` is its HMAC-SHA-256 under the key's 32 bytes, 64 lower-case hex digits.
 */
const VERSION = 'BOXTRAIL-HMAC-SHA256-1';

/** Name of each header, in the order of the signed text, and what may stand in it. */
const SIGNED_HEADERS = {
  'boxtrail-key': /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'boxtrail-machine': /^(?:[A-Za-z0-9\-_.!~*'()]|%[0-9A-Fa-f]{2}){1,600}$/,
  'boxtrail-boot': /^[A-Za-z0-9-]{8,64}$/,
  'boxtrail-sequence': /^[1-9]\d{0,14}$/,
  'boxtrail-time': /^[1-9]\d{0,14}$/,
  'boxtrail-digest': /^[0-9a-f]{64}$/,
} as const;
const SIGNATURE_HEADER = 'boxtrail-signature';
const SIGNATURE = /^[0-9a-f]{64}$/;

type SignedHeader = keyof typeof SIGNED_HEADERS;
export type SigningHeaders = Readonly<Record<SignedHeader | typeof SIGNATURE_HEADER, string>>;

const SIGNED_NAMES = Object.keys(SIGNED_HEADERS) as readonly SignedHeader[];

/** Who asks for what, when, and how the body must be. */
export interface RequestFacts {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  readonly keyId: string;
  readonly machineId: string;
  readonly boot: string;
  readonly sequence: number;
  readonly at: EpochMs;
}

/** A request that says who sent it; nothing of it is believed before `isSignedWith`. */
export interface SignedRequest extends RequestFacts {
  /** SHA-256 of the body, 32 bytes. */
  readonly digest: Buffer;
  readonly signedText: string;
  readonly signature: Buffer;
}

export function sign(facts: RequestFacts, body: Uint8Array, secret: Uint8Array): SigningHeaders {
  const headers = {
    'boxtrail-key': facts.keyId,
    'boxtrail-machine': encodeURIComponent(facts.machineId),
    'boxtrail-boot': facts.boot,
    'boxtrail-sequence': String(facts.sequence),
    'boxtrail-time': String(facts.at),
    'boxtrail-digest': createHash('sha256').update(body).digest('hex'),
  };
  return {
    ...headers,
    'boxtrail-signature': hmac(signedText(facts.method, facts.target, headers), secret).toString('hex'),
  };
}

/**
 * What a request says of itself.
 * @returns null when it bears no signature at all
 * @throws DomainError UNAUTHENTICATED naming a header that is missing or not of its form
 */
export function readSigned(
  method: string,
  target: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): SignedRequest | null {
  if (headers[SIGNATURE_HEADER] === undefined) return null;
  const read = (name: string, form: RegExp): string => {
    const value = headers[name];
    if (typeof value === 'string' && form.test(value)) return value;
    throw new DomainError('UNAUTHENTICATED', { field: name, expected: 'the form of docs/UPLINK.md' });
  };
  const signature = Buffer.from(read(SIGNATURE_HEADER, SIGNATURE), 'hex');
  const told = Object.fromEntries(SIGNED_NAMES.map((name) => [name, read(name, SIGNED_HEADERS[name])])) as Readonly<
    Record<SignedHeader, string>
  >;
  return {
    method,
    target,
    keyId: told['boxtrail-key'],
    machineId: decoded(told['boxtrail-machine']),
    boot: told['boxtrail-boot'],
    sequence: Number(told['boxtrail-sequence']),
    at: Number(told['boxtrail-time']),
    digest: Buffer.from(told['boxtrail-digest'], 'hex'),
    signedText: signedText(method, target, told),
    signature,
  };
}

export function isSignedWith({ signedText, signature }: SignedRequest, secret: Uint8Array): boolean {
  return timingSafeEqual(hmac(signedText, secret), signature);
}

export function isBodyOf({ digest }: SignedRequest, body: Uint8Array): boolean {
  return timingSafeEqual(createHash('sha256').update(body).digest(), digest);
}

function signedText(method: string, target: string, headers: Readonly<Record<SignedHeader, string>>): string {
  return [VERSION, method, target, ...SIGNED_NAMES.map((name) => headers[name])].join('\n');
}

function hmac(text: string, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(text, 'utf8').digest();
}

function decoded(machine: string): string {
  try {
    return decodeURIComponent(machine);
  } catch (cause) {
    throw new DomainError(
      'UNAUTHENTICATED',
      { field: 'boxtrail-machine', expected: 'percent-encoded UTF-8' },
      { cause },
    );
  }
}
