import { describe, expect, it } from '@jest/globals';
import { normaliseSealNumber } from './seal-number.js';

describe('a seal’s number', () => {
  it.each([
    ['sl 123 456', 'SL123456'],
    ['ＨＬ９', 'HL9'],
    ['CN-08/15', 'CN-08/15'],
  ])('%s is compared as %s', (text, number) => {
    expect(normaliseSealNumber(text)).toBe(number);
  });

  it('is none when nothing is left of it, or more than 30 characters', () => {
    expect([' ', 'x'.repeat(31), 'x'.repeat(30)].map(normaliseSealNumber)).toEqual([null, null, 'X'.repeat(30)]);
  });
});
