import { describe, expect, it } from '@jest/globals';
import { base32, hotp, matchingStep, otpauthUri, totpStep } from './totp.js';

/** RFC 6238, appendix B: secrets are these digits again and again, as long as the hash. */
const SECRETS = {
  sha1: Buffer.from('12345678901234567890'),
  sha256: Buffer.from('12345678901234567890123456789012'),
  sha512: Buffer.from('1234567890123456789012345678901234567890123456789012345678901234'),
} as const;

describe('a time-based code', () => {
  it.each([
    [59, 'sha1', '94287082'],
    [59, 'sha256', '46119246'],
    [59, 'sha512', '90693936'],
    [1_111_111_109, 'sha1', '07081804'],
    [1_111_111_109, 'sha256', '68084774'],
    [1_111_111_109, 'sha512', '25091201'],
    [1_111_111_111, 'sha1', '14050471'],
    [1_111_111_111, 'sha256', '67062674'],
    [1_111_111_111, 'sha512', '99943326'],
    [1_234_567_890, 'sha1', '89005924'],
    [1_234_567_890, 'sha256', '91819424'],
    [1_234_567_890, 'sha512', '93441116'],
    [2_000_000_000, 'sha1', '69279037'],
    [2_000_000_000, 'sha256', '90698825'],
    [2_000_000_000, 'sha512', '38618901'],
    [20_000_000_000, 'sha1', '65353130'],
    [20_000_000_000, 'sha256', '77737706'],
    [20_000_000_000, 'sha512', '47863826'],
  ] as const)('at %d s with %s is that of RFC 6238, appendix B', (seconds, hash, code) => {
    expect(hotp(SECRETS[hash], totpStep(seconds * 1_000), { hash, digits: 8 })).toBe(code);
  });

  it('is that of RFC 4226, appendix D, for the first ten counters', () => {
    const codes = Array.from({ length: 10 }, (_, counter) => hotp(SECRETS.sha1, counter));
    expect(codes).toEqual([
      '755224',
      '287082',
      '359152',
      '969429',
      '338314',
      '254676',
      '287922',
      '162583',
      '399871',
      '520489',
    ]);
  });

  it('is taken one step of 30 s early and late, and no further', () => {
    const at = 1_111_111_111_000;
    const steps = [-2, -1, 0, 1, 2].map((drift) =>
      matchingStep(SECRETS.sha1, hotp(SECRETS.sha1, totpStep(at) + drift), at),
    );
    const now = totpStep(at);
    expect(steps).toEqual([null, now - 1, now, now + 1, null]);
  });

  it.each(['', '05047', '0050471', '14050471', '05047１', ' '.repeat(6)])('is not taken from %p', (code) => {
    expect(matchingStep(SECRETS.sha1, code, 1_111_111_111_000)).toBeNull();
  });
});

describe('a secret for typing', () => {
  // RFC 4648, 10, without its padding.
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('spells %p as %p', (text, spelt) => {
    expect(base32(Buffer.from(text))).toBe(spelt);
  });

  it('stands in a link with its account, whatever that is called', () => {
    expect(otpauthUri(Buffer.from('foobar'), '李/伟&x=1')).toBe(
      'otpauth://totp/Boxtrail:%E6%9D%8E%2F%E4%BC%9F%26x%3D1?secret=MZXW6YTBOI&issuer=Boxtrail',
    );
  });
});
