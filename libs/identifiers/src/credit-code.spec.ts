import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { creditCodeCheckCharacter, parseCreditCode } from './index.js';

const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

describe('a unified social credit code', () => {
  // GB 32100-2015, 5: weights 3^(i-1) mod 31 are 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28.
  it.each([
    // 9 at place 1 alone: 9 × 1 = 9, 31 − 9 = 22, and value 22 is N (M is 21, since I and O are left out).
    ['90000000000000000', 'N'],
    // 1 at place 1: 31 − 1 = 30, the last character, Y.
    ['10000000000000000', 'Y'],
    // nothing to make up: 31 − 0 is told as 0.
    ['00000000000000000', '0'],
    // 1 at place 17: its weight is 3^16 mod 31 = 28, 31 − 28 = 3.
    ['00000000000000001', '3'],
    // Y at place 17: 30 × 28 = 840 = 27 × 31 + 3, 31 − 3 = 28, and value 28 is W.
    ['0000000000000000Y', 'W'],
    // 9 × 1 + 1 × 3 + 3 × 9 + 3 × 27 + 2 × 26 = 172 = 5 × 31 + 17, and 31 − 17 = 14 is E.
    ['91330200000000000', 'E'],
  ])('of %s ends in %s', (body, expected) => {
    expect(creditCodeCheckCharacter(body)).toBe(expected);
  });

  // Printed on the pages of the companies that have them.
  it.each(['91330100799655058B', '9144030071526726XG', '91110000802100433B', '914403001922038216'])(
    'is %s with its own last character',
    (code) => {
      expect(parseCreditCode(code)).toMatchObject({ ok: true, message: { code } });
    },
  );

  it('is told in its parts, and read in the spelling of a form', () => {
    expect(parseCreditCode('9133 0100 7996 5505 8b')).toEqual({
      ok: true,
      message: {
        received: '9133 0100 7996 5505 8b',
        code: '91330100799655058B',
        authority: '9',
        category: '1',
        region: '330100',
        organisation: '799655058',
      },
    });
  });

  it.each([
    ['', 'length'],
    ['91330100799655058', 'length'],
    ['91330100799655058BB', 'length'],
    ['9133010079965505OB', 'character'],
    ['91330100799655058箱', 'character'],
    ['01330100799655058B', 'authority'],
    ['913301A0799655058B', 'region'],
    ['91330100799655058C', 'check-character'],
  ])('is refused in %j for its %s', (text, reason) => {
    expect(parseCreditCode(text)).toMatchObject({ ok: false, reason });
  });

  it('is refused with any one character changed, and with any two different neighbours exchanged', () => {
    const body = fc.tuple(
      fc.constantFrom('91', '12', '51', 'N1'),
      fc.integer({ min: 100_000, max: 999_999 }),
      fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: 9, maxLength: 9 }),
    );
    fc.assert(
      fc.property(body, fc.nat(17), fc.constantFrom(...CHARACTERS), ([head, region, tail], at, other) => {
        const seventeen = `${head}${region}${tail}`;
        const code = `${seventeen}${creditCodeCheckCharacter(seventeen)}`;
        expect(parseCreditCode(code).ok).toBe(true);
        const changed = `${code.slice(0, at)}${other}${code.slice(at + 1)}`;
        if (changed !== code) expect(parseCreditCode(changed).ok).toBe(false);
        const [a = '', b = ''] = code.slice(at, at + 2);
        const exchanged = `${code.slice(0, at)}${b}${a}${code.slice(at + 2)}`;
        if (exchanged !== code) expect(parseCreditCode(exchanged).ok).toBe(false);
      }),
    );
  });
});
