import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { issuerOf } from './certificates.js';
import { parseRevocationLists, revocationFault, type RevocationList } from './revocation-lists.js';

interface Vectors {
  readonly authorities: Readonly<Record<string, { readonly certificate: string }>>;
  readonly people: Readonly<Record<string, { readonly certificate: string }>>;
  readonly lists: Readonly<Record<string, string>>;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../fixtures/vectors/revocation.json', import.meta.url), 'utf8'),
) as Vectors;

const TRUSTED = Object.values(vectors.authorities).map(({ certificate }) => new X509Certificate(certificate));
const NOW = Date.parse('2026-12-01T00:00:00Z');
const YEAR = 365 * 86_400_000;

const certificate = (name: string): X509Certificate => new X509Certificate(vectors.people[name]?.certificate ?? '');
const pem = (...names: readonly string[]): Buffer => Buffer.from(names.map((name) => vectors.lists[name]).join('\n'));
const der = (name: string): Buffer =>
  Buffer.from((vectors.lists[name] ?? '').replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');

function withHeader(hex: string): Buffer {
  const list = der('rsa-current');
  expect(list.subarray(0, 2).toString('hex')).toBe('3082');
  return Buffer.concat([Buffer.from(hex, 'hex'), list.subarray(2)]);
}

/** Nothing, where the file is no list. */
function spoken(file: Buffer): readonly RevocationList[] {
  try {
    return parseRevocationLists(file, TRUSTED);
  } catch {
    return [];
  }
}

function faultOf(name: string, file: Buffer, now = NOW): string | null {
  const issuer = issuerOf(certificate(name), TRUSTED, now);
  if (typeof issuer === 'string') throw new Error(issuer);
  return revocationFault(certificate(name), issuer, parseRevocationLists(file, TRUSTED), now);
}

describe('a certificate', () => {
  it.each([
    ['encipherment', 'its key is not for signing'],
    ['any-use', null],
    ['no-use', null],
  ])('is for signing in by its usage: %s', (name, fault) => {
    const issuer = issuerOf(certificate(name), TRUSTED, NOW);
    expect(typeof issuer === 'string' ? issuer : null).toBe(fault);
  });

  it.each(['rsa', 'p256', 'sm2'])('of %s is refused once its authority’s newest list names it', (name) => {
    const [before, current] = [`${name}-before`, `${name}-current`];
    expect(faultOf(`${name}-held`, pem(current))).toBeNull();
    expect(faultOf(`${name}-revoked`, pem(before))).toBeNull();
    expect(faultOf(`${name}-revoked`, pem(current))).toBe('it was revoked');
    expect(faultOf(`${name}-revoked`, der(current))).toBe('it was revoked');
    for (const file of [pem(before, current), pem(current, before)])
      expect(faultOf(`${name}-revoked`, file)).toBe('it was revoked');
  });

  it('is refused by a list that is too old, not there yet, or of others', () => {
    expect(faultOf('rsa-held', pem('rsa-stale'), NOW - 3 * 86_400_000)).toBeNull();
    expect(faultOf('rsa-held', pem('rsa-stale'))).toContain('too old');
    expect(faultOf('rsa-held', pem('rsa-current'), NOW + 99.5 * YEAR)).toBeNull();
    for (const file of [pem('p256-current', 'sm2-current'), pem('imposter'), pem('rsa-delta')])
      expect(faultOf('rsa-held', file)).toContain('not here');
    expect(faultOf('rsa-held', pem('rsa-current', 'imposter', 'rsa-delta'))).toBeNull();
    expect(faultOf('silent-held', pem('silent'))).toContain('not here');
  });

  it.each(['rsa', 'p256', 'sm2'])('is not saved by a list of %s of which a bit was flipped', (name) => {
    const list = der(`${name}-current`);
    // the last byte of the serial that it names
    const at = list.indexOf(Buffer.from('8f02', 'hex')) + 1;
    list[at] = (list[at] ?? 0) ^ 1;
    expect(faultOf(`${name}-revoked`, list)).toContain('not here');
  });
});

describe('revocation lists', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('no list')],
    ['half a list', der('rsa-current').subarray(0, 300)],
    ['too much', Buffer.alloc(17 * 1_048_576)],
    // the list's own header is 30 82 and two bytes of length
    ['a length in more bytes than it needs', withHeader('308300')],
    ['a length of five bytes', withHeader('3085000000')],
    ['no length', withHeader('3080')],
    ['a length without an end', Buffer.from('3084ffffffff', 'hex')],
  ])('are not read from %s', (_, file) => {
    expect(() => parseRevocationLists(file, TRUSTED)).toThrow();
  });

  it('that are cut off anywhere are not read', () => {
    const list = der('rsa-current');
    for (let bytes = 0; bytes < list.length; bytes += 1) {
      expect(() => parseRevocationLists(list.subarray(0, bytes), TRUSTED)).toThrow();
    }
  });

  it('say what they said, or nothing, with any one bit flipped', () => {
    const list = der('rsa-current');
    const whole = parseRevocationLists(list, TRUSTED);
    expect(whole).toHaveLength(1);
    for (let bit = 0; bit < list.length * 8; bit += 1) {
      const flipped = Buffer.from(list);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const said = spoken(flipped);
      if (said.length > 0) expect(said).toEqual(whole);
    }
  });
});
