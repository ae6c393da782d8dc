import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sm2 } from 'sm-crypto-v2';
import { isSignature, issuerOf, keyFingerprint, parseCertificate } from './certificates.js';

interface Vectors {
  readonly authorities: Readonly<Record<string, { readonly certificate: string }>>;
  readonly people: Readonly<Record<string, { readonly certificate: string; readonly key: string }>>;
  readonly sm2Signatures: { readonly text: string; readonly identified: string; readonly unidentified: string };
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../fixtures/vectors/certificates.json', import.meta.url), 'utf8'),
) as Vectors;

const authority = (name: string): X509Certificate => new X509Certificate(vectors.authorities[name]?.certificate ?? '');
const certificate = (name: string): X509Certificate => new X509Certificate(vectors.people[name]?.certificate ?? '');
const TRUSTED = ['rsa', 'p256', 'sm2'].map(authority);
const NOW = Date.parse('2026-12-01T00:00:00Z');
const YEAR = 365 * 86_400_000;

describe('a certificate', () => {
  it.each(['rsa', 'p256', 'p384', 'sm2', 'unrestricted', 'brief'])('is taken: %s', (name) => {
    expect(TRUSTED).toContain(issuerOf(certificate(name), TRUSTED, NOW));
  });

  it.each([
    ['server', 'not for signing in'],
    ['foreign', 'none of the configured authorities'],
    ['authority', 'an authority’s own'],
    // OpenSSL made it with the identifier that it takes by itself: no authority under GM/T 0009 does
    ['sm2-empty-identifier', 'none of the configured authorities'],
  ])('is refused: %s, because it is %s', (name, reason) => {
    expect(issuerOf(certificate(name), TRUSTED, NOW)).toContain(reason);
  });

  it('is refused when its authority is not configured, and outside of its time and of its authority’s', () => {
    expect(issuerOf(certificate('rsa'), [authority('p256')], NOW)).toContain('none of the configured');
    expect(issuerOf(certificate('rsa'), [], NOW)).toContain('none of the configured');
    expect(issuerOf(certificate('brief'), TRUSTED, NOW + YEAR)).toContain('not valid now');
    expect(issuerOf(certificate('rsa'), TRUSTED, NOW - YEAR)).toContain('not valid now');
    expect(issuerOf(certificate('rsa'), TRUSTED, NOW + 200 * YEAR)).toContain('not valid now');
  });

  it('is refused with one bit of what was signed flipped', () => {
    for (const name of ['rsa', 'p256', 'sm2']) {
      const raw = Buffer.from(certificate(name).raw);
      // within the name of the holder: `person`’s own CN stands behind the validity
      const at = raw.lastIndexOf(Buffer.from(name));
      raw[at] = (raw[at] ?? 0) ^ 1;
      expect(issuerOf(new X509Certificate(raw), TRUSTED, NOW)).toContain('none of the configured');
    }
  });

  it.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'x'.repeat(20_000)])(
    'is not read from %p',
    (text) => {
      expect(parseCertificate(text)).toBeNull();
    },
  );

  it('is known by its key', () => {
    expect(keyFingerprint(certificate('rsa'))).toMatch(/^[0-9a-f]{64}$/);
    expect(keyFingerprint(certificate('rsa'))).not.toBe(keyFingerprint(certificate('p256')));
  });
});

describe('a signature of a certificate’s key', () => {
  const TEXT = Buffer.from('Boxtrail sign-in\nbxn_x');

  it.each([
    ['rsa', 'sha256'],
    ['p256', 'sha256'],
    ['p384', 'sha384'],
  ])('is taken from %s with %s, and no other', (name, hash) => {
    const key = createPrivateKey(vectors.people[name]?.key ?? '');
    const made = sign(hash, TEXT, key);
    expect(isSignature(certificate(name), TEXT, made)).toBe(true);
    expect(isSignature(certificate(name), Buffer.from('Boxtrail sign-in\nbxn_y'), made)).toBe(false);
    expect(isSignature(certificate('unrestricted'), TEXT, made)).toBe(false);
    expect(isSignature(certificate(name), TEXT, Buffer.alloc(0))).toBe(false);
  });

  it.each(['weak', 'ed25519'])('is not taken from a key that is %s', (name) => {
    const made = sign(name === 'weak' ? 'sha256' : null, TEXT, createPrivateKey(vectors.people[name]?.key ?? ''));
    expect(isSignature(certificate(name), TEXT, made)).toBe(false);
  });

  it('is taken from SM2 as OpenSSL’s program makes it with the common identifier, which Node’s OpenSSL does not', () => {
    const { text, identified, unidentified } = vectors.sm2Signatures;
    const [bytes, made] = [Buffer.from(text), Buffer.from(identified, 'base64')];
    expect(isSignature(certificate('sm2'), bytes, made)).toBe(true);
    expect(isSignature(certificate('sm2'), Buffer.from(`${text}x`), made)).toBe(false);
    expect(isSignature(certificate('sm2'), bytes, Buffer.from(unidentified, 'base64'))).toBe(false);
    expect(isSignature(certificate('sm2'), bytes, Buffer.alloc(100, 0xab))).toBe(false);
    const { publicKey } = certificate('sm2');
    expect(verify('sm3', bytes, publicKey, made)).toBe(false);
    expect(verify('sm3', bytes, publicKey, Buffer.from(unidentified, 'base64'))).toBe(true);
  });

  it('with SM2 is that of the example of GB/T 32918.5, A.2', () => {
    const point =
      '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';
    const made =
      'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa';
    expect(sm2.doVerifySignature(Buffer.from('message digest'), made, point, { hash: true })).toBe(true);
    expect(sm2.doVerifySignature(Buffer.from('message digesT'), made, point, { hash: true })).toBe(false);
  });
});
