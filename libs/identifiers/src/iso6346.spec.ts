import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  containerCheckDigit,
  decodeIdentifier,
  nearbyContainerNumbers,
  normaliseContainerNumber,
  parseContainerNumber,
} from './index.js';

interface Vector {
  readonly id: string;
  readonly text: string;
  readonly expect: Readonly<Record<string, unknown>>;
}

const { vectors } = JSON.parse(
  readFileSync(new URL('../../../fixtures/vectors/iso6346.json', import.meta.url), 'utf8'),
) as { vectors: Vector[] };

const SEED = { seed: 6346, numRuns: 400 };

/** Owner, category and serial of a number that may exist, without its check digit. */
const firstTen = fc
  .tuple(fc.stringMatching(/^[A-Z]{3}$/), fc.constantFrom('U', 'J', 'Z'), fc.stringMatching(/^[0-9]{6}$/))
  .map((parts) => parts.join(''));
const whole = firstTen.map((text) => text + containerCheckDigit(text));

describe('container numbers (ISO 6346)', () => {
  it.each(vectors.filter((v) => v.expect['valid'] === true))('accepts $text ($id)', ({ text, expect: want }) => {
    const { valid: _, ...fields } = want;
    expect(parseContainerNumber(text)).toMatchObject({ ok: true, message: { number: text, ...fields } });
    expect(decodeIdentifier('iso6346', text)).toEqual(parseContainerNumber(text));
  });

  it.each(vectors.filter((v) => v.expect['valid'] === false))(
    'refuses $text for its $expect.reason ($id)',
    ({ text, expect: want }) => {
      expect(parseContainerNumber(text)).toMatchObject({ ok: false, reason: want['reason'] });
      expect(decodeIdentifier('iso6346', text)).toMatchObject({ ok: false, reason: want['reason'] });
    },
  );

  it.each(vectors.filter((v) => v.expect['validStrict'] === false))(
    'reads $text only when asked to normalise ($id)',
    ({ text, expect: want }) => {
      expect(parseContainerNumber(text).ok).toBe(false);
      expect(decodeIdentifier('iso6346', text).ok).toBe(false);
      expect(decodeIdentifier('iso6346', text, { strict: false })).toMatchObject({
        ok: true,
        message: { number: want['normalized'], normalized: want['normalized'], strict: false },
      });
    },
  );

  it('leaves no vector out', () => {
    const kinds = vectors.filter((v) => typeof v.expect['valid'] === 'boolean' || v.expect['validStrict'] === false);
    expect([kinds.length, vectors.length]).toEqual([51, 51]);
  });

  it('computes the example of the standard: CSQU 305438 has digit 3', () => {
    expect(containerCheckDigit('CSQU305438')).toBe(3);
  });

  it('throws for a check digit of something else', () => {
    expect(() => containerCheckDigit('CSQU30543')).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTAINER_NUMBER' }),
    );
    expect(() => containerCheckDigit('csqu305438')).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTAINER_NUMBER' }),
    );
  });

  it('catches every substituted character, unless both weigh the same modulo 11 or only 0 and 10 differ', () => {
    // ISO 6346, A.3: the weights are powers of two and so units modulo 11; the digit of remainder 10 is that of 0.
    const remainder = (text: string) => {
      const value = (c: string) => (/[0-9]/.test(c) ? Number(c) : letterValue(c));
      return [...text.slice(0, 10)].reduce((sum, c, i) => sum + value(c) * 2 ** i, 0) % 11;
    };
    const letterValue = (c: string) => {
      const n = c.charCodeAt(0) - 55;
      return n + (n > 10 ? 1 : 0) + (n > 20 ? 1 : 0) + (n > 30 ? 1 : 0);
    };
    fc.assert(
      fc.property(whole, fc.nat(9), fc.nat(25), (text, at, pick) => {
        const replacement = at < 4 ? String.fromCharCode(65 + pick) : String(pick % 10);
        const other = text.slice(0, at) + replacement + text.slice(at + 1);
        const uncatchable = remainder(text) % 10 === remainder(other) % 10;
        const parsed = parseContainerNumber(other);
        const categoryStands = 'UJZ'.includes(other.charAt(3));
        expect(parsed.ok).toBe(uncatchable && categoryStands);
      }),
      SEED,
    );
  });

  it('catches every wrong check digit', () => {
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 9 }), (text, shift) => {
        const wrong = text.slice(0, 10) + ((Number(text.charAt(10)) + shift) % 10);
        expect(parseContainerNumber(wrong)).toMatchObject({ ok: false, reason: 'check_digit' });
      }),
      SEED,
    );
  });

  it('normalises blanks, dashes, dots, boxes, full-width and circled characters, and guesses nothing', () => {
    for (const spelt of [
      'CSQU 305438 3',
      'csqu-305438-3',
      'CSQU 305438 [3]',
      'CSQU.305438.(3)',
      'CSQU 305438 |3|',
      'CSQU305438/3',
      'CSQU 305438 3\u20DE',
      'ＣＳＱＵ３０５４３８３',
      'CSQU 305438 ③',
    ]) {
      expect(normaliseContainerNumber(spelt)).toBe('CSQU3054383');
    }
    expect(normaliseContainerNumber('CSQU3O54383')).toBe('CSQU3O54383');
  });

  it('never throws on text, and normalising twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const once = normaliseContainerNumber(text);
        expect(typeof parseContainerNumber(text).ok).toBe('boolean');
        expect(normaliseContainerNumber(once)).toBe(once);
      }),
      SEED,
    );
  });
});

describe('proposals for a misread container number', () => {
  const known = ['CSQU3054383', 'MSKU9070323', 'TGHU7295364', 'CSQU3054399'];

  it.each([
    ['a look-alike', 'CSQU3O54383', 0.5],
    ['two look-alikes', 'C5QU30543B3', 1],
    ['another character', 'CSQU3054783', 1],
    ['a missing character', 'CSQU305483', 1],
    ['an extra character', 'CSQU30543833', 1],
    ['two characters swapped', 'CSQU3504383', 1],
    ['the number itself', 'csqu 305438 3', 0],
  ])('finds a known number behind %s', (_, misread, distance) => {
    expect(nearbyContainerNumbers(misread, known, 1)).toEqual([{ number: 'CSQU3054383', distance, source: 'KNOWN' }]);
  });

  it('puts a known number before a made one, even a nearer one', () => {
    const proposals = nearbyContainerNumbers('CSQU3504383', known, 9);
    expect(proposals[0]).toEqual({ number: 'CSQU3054383', distance: 1, source: 'KNOWN' });
    expect(proposals.at(-1)).toMatchObject({ distance: 0.5, source: 'CHECK_DIGIT' });
  });

  it('ranks the nearer first and gives no more than asked for', () => {
    const all = nearbyContainerNumbers('CSQU305438B', ['CSQU3054389', 'CSQU3054383', 'CSQU3054388'], 9);
    expect(all.map(({ number, distance }) => [number, distance])).toEqual([
      ['CSQU3054388', 0.5],
      ['CSQU3054383', 1],
      ['CSQU3054389', 1],
    ]);
    expect(nearbyContainerNumbers('CSQU305438B', ['CSQU3054389', 'CSQU3054383'], 1)).toHaveLength(1);
    expect(nearbyContainerNumbers('CSQU3054383', known, 0)).toEqual([]);
  });

  it('offers the one unknown number whose check digit holds, and puts back a lost digit', () => {
    expect(nearbyContainerNumbers('CSQU3O54383', [], 5)).toEqual([
      { number: 'CSQU3054383', distance: 0.5, source: 'CHECK_DIGIT' },
    ]);
    expect(nearbyContainerNumbers('CSQU305438', [], 5)).toEqual([
      { number: 'CSQU3054383', distance: 1, source: 'CHECK_DIGIT' },
    ]);
  });

  it('makes nothing up for a number that holds or is far from all', () => {
    expect(nearbyContainerNumbers('MSKU2666542', known, 5)).toEqual([]);
    expect(nearbyContainerNumbers('???', known, 5)).toEqual([]);
  });

  it('finds a known number behind any one substituted, lost or swapped character', () => {
    fc.assert(
      fc.property(whole, fc.nat(9), fc.constantFrom('substitute', 'lose', 'swap'), (number, at, how) => {
        const [a, b] = [number.charAt(at), number.charAt(at + 1)];
        const middle = how === 'substitute' ? (a === '7' ? '1' : '7') + b : how === 'lose' ? b : b + a;
        const misread = number.slice(0, at) + middle + number.slice(at + 2);
        const found = nearbyContainerNumbers(misread, [number], 9).find((proposal) => proposal.number === number);
        expect(found?.source).toBe('KNOWN');
        expect(found?.distance).toBeLessThanOrEqual(1);
      }),
      SEED,
    );
  });
});
