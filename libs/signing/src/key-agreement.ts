import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto';
import { DomainError } from '#libs/kernel';

/**
 * How two sides come to one secret that never travels (X25519, RFC 7748): each sends a public value of 32 bytes, and
 * secret = HKDF-SHA256 (RFC 5869) of the shared value, salt = machine's public value ‖ service's, info = INFO ‖ machine id, 32 bytes.
 * Who listens on the line learns nothing by it. Who stands in the middle is kept out by TLS alone.
 */
const INFO = 'boxtrail machine key 1\n';
const SECRET_BYTES = 32;
const PUBLIC_BYTES = 32;

/** RFC 8410, 7: what stands before the 32 bytes of an X25519 key in its DER form. */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_HEAD = Buffer.from('302a300506032b656e032100', 'hex');

/** One side's half, for one agreement; `privateValue` stays with its side. Both have 32 bytes. */
export interface KeyHalf {
  readonly privateValue: Buffer;
  readonly publicValue: Buffer;
}

export function drawHalf(): KeyHalf {
  const pair = generateKeyPairSync('x25519');
  return {
    privateValue: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PRIVATE_HEAD.length),
    publicValue: pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_HEAD.length),
  };
}

export interface Agreement {
  /** The side that asks, and its private value. */
  readonly side: 'MACHINE' | 'SERVICE';
  readonly privateValue: Buffer;
  readonly machinePublic: Buffer;
  readonly servicePublic: Buffer;
  readonly machineId: string;
}

/**
 * @returns the secret, 32 bytes
 * @throws DomainError INVALID_INPUT for a public value that is none, or one that makes the secret known (RFC 7748, 6.1)
 */
export function agree({ side, privateValue, machinePublic, servicePublic, machineId }: Agreement): Buffer {
  const shared = sharedValue(privateValue, side === 'MACHINE' ? servicePublic : machinePublic);
  const salt = Buffer.concat([machinePublic, servicePublic]);
  return Buffer.from(hkdfSync('sha256', shared, salt, `${INFO}${machineId}`, SECRET_BYTES));
}

function sharedValue(privateValue: Buffer, theirs: Buffer): Buffer {
  const refused = (cause?: unknown): DomainError =>
    new DomainError(
      'INVALID_INPUT',
      { field: 'publicValue', expected: 'an X25519 public value of 32 bytes' },
      { cause },
    );
  if (theirs.length !== PUBLIC_BYTES) throw refused();
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_HEAD, privateValue]),
    format: 'der',
    type: 'pkcs8',
  });
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, theirs]), format: 'der', type: 'spki' });
    return diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    throw refused(cause);
  }
}

/** What the service says beside its public value, so that a machine does not give up its old key for one that nobody else has. */
export function confirmation(secret: Buffer, keyId: string): string {
  return createHmac('sha256', secret).update(`boxtrail key ${keyId}`, 'utf8').digest('hex');
}
