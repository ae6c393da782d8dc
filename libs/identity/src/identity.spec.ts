import { DomainError, ManualClock } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import { ShortMemory } from './short-memory.js';
import { bearerToken, tokenHash } from './tokens.js';

describe('a bearer token', () => {
  // RFC 6750, 2.1 gives this header as its example; RFC 9110, 11.1 has the scheme in either case.
  it.each(['Bearer mF_9.B5f-4.1JqM', 'bearer mF_9.B5f-4.1JqM', ' Bearer   mF_9.B5f-4.1JqM '])(
    'is taken from %p',
    (header) => {
      expect(bearerToken(header)).toBe('mF_9.B5f-4.1JqM');
    },
  );

  it.each([undefined, '', 'Bearer', 'Bearer a b', 'Basic dTpw', 'Bearer ä', `Bearer ${'a'.repeat(257)}`])(
    'is refused in %p',
    (header) => {
      expect(() => bearerToken(header)).toThrow(DomainError);
    },
  );

  it('is kept as its SHA-256', () => {
    // FIPS 180-4: SHA-256 of "abc".
    expect(tokenHash('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('a short memory', () => {
  it('asks again when the time is over, forgets failures at once, and holds no more than it may', async () => {
    const clock = new ManualClock(0);
    const memory = new ShortMemory<number>(clock, 100, 2);
    let asked = 0;
    const load = () => Promise.resolve((asked += 1));
    expect([await memory.get('a', load), await memory.get('a', load)]).toEqual([1, 1]);
    clock.advance(100);
    expect(await memory.get('a', load)).toBe(2);
    await expect(memory.get('b', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await memory.get('b', load)).toBe(3);
    await memory.get('c', load);
    expect(await memory.get('a', load)).toBe(5);
  });
});
