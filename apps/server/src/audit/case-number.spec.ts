import { describe, expect, it } from '@jest/globals';
import { caseNumberIn, readCaseNumber } from './case-number.js';

describe('a case number', () => {
  it.each([
    ['310120261126000123', '310120261126000123'],
    [' NB-2026/0457 ', 'NB-2026/0457'],
    ['甬关缉违字〔2026〕0001号', '甬关缉违字〔2026〕0001号'],
    [encodeURIComponent('甬关查（2026）1号'), '甬关查（2026）1号'],
  ])('%s is %s', (given, read) => expect(readCaseNumber(given)).toBe(read));

  it.each([undefined, '', '   '])('is none when %p is given', (given) => expect(readCaseNumber(given)).toBeNull());

  it.each(['abc', 'two words', '-123', '%', '%00abc', 'a'.repeat(61), "x';--", '\u202Eabcd'])(
    '%p is refused by name',
    (given) => expect(() => readCaseNumber(given)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' })),
  );

  it('stands in a socket’s parameters, or where GraphiQL puts headers', () => {
    expect(caseNumberIn({ caseNumber: 'A-1234' })).toBe('A-1234');
    expect(caseNumberIn({ headers: { 'x-case-number': 'A-1234' } })).toBe('A-1234');
    expect(caseNumberIn({ headers: 'x', caseNumber: 5 })).toBeUndefined();
    expect(caseNumberIn(undefined)).toBeUndefined();
  });
});
