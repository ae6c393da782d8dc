import { describe, expect, it } from '@jest/globals';
import { bytesFromHex, linesOf } from './inputs.js';

describe('pasted hex', () => {
  it.each(['a00b01', 'A0 0B 01', 'a0:0b:01', '0xA0, 0x0B, 0x01', 'a0-0b-01', 'A0\n0B\r\n01\n'])('reads %j', (text) => {
    expect([...bytesFromHex(text)]).toEqual([0xa0, 0x0b, 0x01]);
  });

  it('names the digit that is none, and an odd number of digits', () => {
    expect(() => bytesFromHex('a0 0g')).toThrow('"g"');
    expect(() => bytesFromHex('a00')).toThrow('3 digits');
  });
});

describe('lines of a stream', () => {
  const lines = (...chunks: string[]): string[] => [...linesOf(chunks.map((chunk) => Buffer.from(chunk)))];

  it('are whole over chunk borders, with either line end, and the last one without', () => {
    expect(lines('CSQU30', '54383\r\nTOLU4734787\nM', 'SKU')).toEqual(['CSQU3054383', 'TOLU4734787', 'MSKU']);
  });

  it('keep a character whose bytes fall into two chunks', () => {
    const bytes = Buffer.from('浙B12345\n');
    expect([...linesOf([bytes.subarray(0, 2), bytes.subarray(2)])]).toEqual(['浙B12345']);
  });

  it('are cut at 64 KiB, so that an endless one fills no memory', () => {
    const long = 'x'.repeat(65_537);
    expect(lines(long, 'y\n')).toEqual([long, 'y']);
  });
});
