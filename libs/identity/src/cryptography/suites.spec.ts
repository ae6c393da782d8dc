import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SUITE_NAMES, SUITES } from './suites.js';
import { Vault } from './vault.js';

const KEY = Buffer.alloc(32, 7);

describe.each(SUITE_NAMES)('the %s suite', (name) => {
  const suite = SUITES[name];

  it('opens what it sealed, with the key and for the owner that it was sealed for alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (text, bound) => {
        const sealed = suite.seal(KEY, text, bound);
        expect(suite.open(KEY, sealed, bound)).toEqual(Buffer.from(text));
        expect(suite.open(Buffer.alloc(32, 8), sealed, bound)).toBeNull();
        expect(suite.open(KEY, sealed, `${bound}x`)).toBeNull();
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('opens nothing with one bit flipped, cut, or lengthened', () => {
    const sealed = suite.seal(KEY, Buffer.from('13800000000'), 'owner');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(suite.open(KEY, flipped, 'owner')).toBeNull();
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(suite.open(KEY, sealed.subarray(0, length), 'owner')).toBeNull();
    }
    expect(suite.open(KEY, Buffer.concat([sealed, Buffer.of(0)]), 'owner')).toBeNull();
  });

  it('seals equal texts differently, and indexes them alike', () => {
    expect(suite.seal(KEY, Buffer.from('a'), 'x')).not.toEqual(suite.seal(KEY, Buffer.from('a'), 'x'));
    const vault = new Vault(KEY, name);
    expect(vault.blindIndex('PHONE', '1')).toEqual(new Vault(KEY, name).blindIndex('PHONE', '1'));
    expect(vault.blindIndex('PHONE', '1')).not.toEqual(vault.blindIndex('LOGIN_NAME', '1'));
    expect(vault.blindIndex('PHONE', '1')).not.toEqual(new Vault(Buffer.alloc(32, 8), name).blindIndex('PHONE', '1'));
  });

  it('wraps a data key for its owner alone', () => {
    const vault = new Vault(KEY, name);
    const { key, wrapped } = vault.drawKey('a');
    expect(vault.unwrap(wrapped, 'a')).toEqual(key);
    expect(vault.unwrap(wrapped, 'b')).toBeNull();
    expect(new Vault(Buffer.alloc(32, 8), name).unwrap(wrapped, 'a')).toBeNull();
  });
});

describe('the international suite', () => {
  it('gives the digest of FIPS 180-4 and the HMAC of RFC 4231, case 2', () => {
    const suite = SUITES.INTERNATIONAL;
    expect(suite.digest('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(suite.mac(Buffer.from('Jefe'), 'what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('opens test case 14 of the GCM specification', () => {
    const sealed = Buffer.concat([
      Buffer.alloc(12),
      Buffer.from('cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919', 'hex'),
    ]);
    expect(SUITES.INTERNATIONAL.open(Buffer.alloc(32), sealed, '')).toEqual(Buffer.alloc(16));
  });
});

describe('the national suite', () => {
  it('gives the digest of GB/T 32905, A.1', () => {
    expect(SUITES.NATIONAL.digest('abc').toString('hex')).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    );
  });

  it('stands on the block cipher of GB/T 32907, A.1', () => {
    const key = Buffer.from('0123456789abcdeffedcba9876543210', 'hex');
    // The first block of the counter mode is the cipher of the counter itself, here the standard's plain text.
    const cipher = createCipheriv('sm4-ctr', key, key);
    expect(cipher.update(Buffer.alloc(16)).toString('hex')).toBe('681edf34d206965e86b3e94f536e4246');
  });
});
