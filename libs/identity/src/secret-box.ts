import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '#libs/kernel';

const KEY_BYTES = 32;
/** Stands first in what is sealed, so that another way of sealing can follow. */
const AES_256_GCM = 1;
/** NIST SP 800-38D, 8.2.2: random, so at most 2³² secrets of one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/**
 * Keeps secrets in the database that are worth nothing without the installation's key, which stands outside of it.
 * Sealed: version 1, nonce (12 bytes), tag (16 bytes), AES-256-GCM ciphertext; the context is authenticated with it.
 */
export class SecretBox {
  private readonly key: Buffer;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key of ${key.length} bytes, not of ${KEY_BYTES}`);
    this.key = Buffer.from(key);
  }

  /** @param context whose secret it is and what for: it opens under the same words alone, so a row's secret serves no other row */
  seal(plain: Buffer, context: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context, 'utf8'));
    const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(AES_256_GCM), nonce, cipher.getAuthTag(), encrypted]);
  }

  /** @throws DomainError INTERNAL when it was sealed with another key, for another context, or was changed */
  open(sealed: Buffer, context: string): Buffer {
    try {
      if (sealed.length < HEAD_BYTES || sealed[0] !== AES_256_GCM) throw new RangeError('not sealed here');
      const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(1, 1 + NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new DomainError(
        'INTERNAL',
        { field: 'BOXTRAIL_SECRET_KEY', expected: 'the key that the secrets of this database were sealed with' },
        { message: `The secret of ${context} does not open: another installation's key, or it was changed.`, cause },
      );
    }
  }
}

const FILE = 'secret.key';
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * The installation's key: BOXTRAIL_SECRET_KEY (32 bytes as hex or base64), else `secret.key` (mode 0600) of the state folder,
 * which is drawn there once. All processes of one database need the same.
 * @param stateDir null: there is none, and the variable must be set
 * @throws DomainError INVALID_CONFIG when neither is there, or what is there is no key or can be read by others
 */
export function readSecretKey(env: NodeJS.ProcessEnv, stateDir: string | null): Buffer {
  const given = env['BOXTRAIL_SECRET_KEY'];
  if (given !== undefined && given !== '') return keyOf(given, 'BOXTRAIL_SECRET_KEY');
  if (stateDir === null) {
    throw fault('BOXTRAIL_SECRET_KEY', 'is needed, or BOXTRAIL_STATE_DIR with its secret.key: openssl rand -hex 32');
  }
  const path = join(stateDir, FILE);
  const text = readIfThere(path) ?? draw(stateDir, path);
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw fault(path, `can be read by others; chmod 600 ${path}`);
  }
  return keyOf(text.trim(), path);
}

function keyOf(text: string, field: string): Buffer {
  if (HEX.test(text)) return Buffer.from(text, 'hex');
  if (BASE64.test(text)) return Buffer.from(text, 'base64url');
  throw fault(field, 'holds no key: 32 bytes as hex (64 characters) or base64 (43)');
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** link(2) gives the whole file its name at once: of two processes that draw, both read the first one's. */
function draw(stateDir: string, path: string): string {
  mkdirSync(stateDir, { recursive: true });
  const partial = `${path}.${process.pid}`;
  rmSync(partial, { force: true });
  const file = openSync(partial, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(partial, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(partial, { force: true });
  }
  return readFileSync(path, 'utf8');
}

function fault(field: string, what: string): DomainError {
  return new DomainError('INVALID_CONFIG', { field, expected: what }, { message: `${field} ${what}` });
}
