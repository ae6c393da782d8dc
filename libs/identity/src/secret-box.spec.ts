import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCipheriv } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretKey, SecretBox } from './secret-box.js';

const KEY = Buffer.alloc(32, 7);
const box = new SecretBox(KEY);
const plain = Buffer.from('0123456789abcdef0123456789abcdef');

describe('a secret box', () => {
  it('gives back what it sealed, under the same context', () => {
    const sealed = box.seal(plain, 'machine key 1');
    expect(box.open(sealed, 'machine key 1')).toEqual(plain);
    expect(sealed.includes(plain)).toBe(false);
    expect(box.seal(plain, 'machine key 1')).not.toEqual(sealed);
  });

  it('opens what is written as its comment says', () => {
    const nonce = Buffer.alloc(12, 3);
    const cipher = createCipheriv('aes-256-gcm', KEY, nonce).setAAD(Buffer.from('totp of 箱'));
    const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
    const sealed = Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), encrypted]);
    expect(box.open(sealed, 'totp of 箱')).toEqual(plain);
  });

  it('opens nothing under another key or context, cut off, or with a flipped bit', () => {
    const sealed = box.seal(plain, 'a');
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    expect(() => box.open(sealed, 'b')).toThrow(internal);
    expect(() => new SecretBox(Buffer.alloc(32, 8)).open(sealed, 'a')).toThrow(internal);
    for (let length = 0; length < sealed.length; length++) {
      expect(() => box.open(sealed.subarray(0, length), 'a')).toThrow(internal);
    }
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => box.open(flipped, 'a')).toThrow(internal);
    }
  });
});

describe('the key of an installation', () => {
  let stateDir: string;
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'boxtrail-secret-'));
  });
  afterEach(() => rmSync(stateDir, { recursive: true }));
  const file = (): string => join(stateDir, 'secret.key');

  it('is drawn once into a file that its owner alone can read', () => {
    const drawn = readSecretKey({}, stateDir);
    expect(drawn).toHaveLength(32);
    expect(readSecretKey({}, stateDir)).toEqual(drawn);
    expect(readFileSync(file(), 'utf8')).toBe(`${drawn.toString('hex')}\n`);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it.each(['hex', 'base64', 'base64url'] as const)('is that of the environment first, in %s', (encoding) => {
    const key = Buffer.from('fb'.repeat(32), 'hex');
    expect(readSecretKey({ BOXTRAIL_SECRET_KEY: key.toString(encoding) }, stateDir)).toEqual(key);
    expect(() => statSync(file())).toThrow('ENOENT');
  });

  it('is refused when it is none, can be read by others, or is nowhere', () => {
    const refused = expect.objectContaining({ code: 'INVALID_CONFIG' });
    expect(() => readSecretKey({ BOXTRAIL_SECRET_KEY: 'secret' }, stateDir)).toThrow(refused);
    expect(() => readSecretKey({}, null)).toThrow(refused);
    writeFileSync(file(), 'torn', { mode: 0o600 });
    expect(() => readSecretKey({}, stateDir)).toThrow(refused);
    writeFileSync(file(), `${'ab'.repeat(32)}\n`);
    chmodSync(file(), 0o640);
    expect(() => readSecretKey({}, stateDir)).toThrow(/chmod 600/);
  });
});
