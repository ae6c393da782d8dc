import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { areTwoNetworks, judge, type Arrival, type BootRecord, type Verdict } from './boot-record.js';

const T0 = 1_764_140_400_000;
const arrival = (sequence: number, changed: Partial<Arrival> = {}): Arrival => ({
  boot: 'a',
  sequence,
  at: T0 + sequence * 1_000,
  address: '10.0.0.7',
  receivedAt: T0 + sequence * 1_000,
  ...changed,
});
const record = (verdict: Verdict): BootRecord => {
  if (!verdict.admitted) throw new Error(verdict.why);
  return verdict.record;
};
/** A boot that was heard with these sequences, one after the other. */
const heard = (sequences: readonly number[], changed: Partial<Arrival> = {}): BootRecord =>
  sequences.reduce<BootRecord | null>(
    (own, sequence) => record(judge(arrival(sequence, changed), own, null)),
    null,
  ) as BootRecord;

describe('the sequence of a boot', () => {
  it('is taken once, in whatever order up to 32 requests overtake each other', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 200 }), fc.nat(1_000_000), (steps, from) => {
        let own: BootRecord | null = null;
        const taken = new Set<number>();
        for (const sequence of steps.map((step) => from + step + 1)) {
          const newest = Math.max(...taken, 0);
          const verdict = judge(arrival(sequence), own, null);
          // What must hold, told from the set of all that were taken and not from bits.
          expect(verdict.admitted).toBe(!taken.has(sequence) && (own === null || newest - sequence < 32));
          if (!verdict.admitted) continue;
          own = verdict.record;
          taken.add(sequence);
        }
      }),
      { seed: 23 },
    );
  });

  it('says whether it was here or is too old to be known', () => {
    const own = heard([1, 2, 40]);
    expect(judge(arrival(40), own, null)).toEqual({ admitted: false, why: 'SEQUENCE_SEEN' });
    expect(judge(arrival(9), own, null)).toMatchObject({ admitted: true });
    expect(judge(arrival(8), own, null)).toEqual({ admitted: false, why: 'SEQUENCE_TOO_OLD' });
  });
});

describe('a new boot', () => {
  const before = heard([5, 6]);

  it('begins later than the last word of the one before', () => {
    const at = (ms: number) => judge(arrival(1, { boot: 'b', at: before.lastAt + ms }), null, before);
    expect(at(1)).toMatchObject({ admitted: true, clone: null });
    for (const late of [0, -1]) {
      expect(at(late)).toEqual({ admitted: false, why: 'BOOT_BEGINS_IN_THE_PAST', after: before.lastAt });
    }
  });

  it('is no second place, and neither is a word of the old process that came in behind it', () => {
    const begun = record(judge(arrival(1, { boot: 'b', at: before.lastAt + 2_000 }), null, before));
    const straggler = arrival(7, { at: before.lastAt + 500, receivedAt: before.lastAt + 9_000 });
    const verdict = judge(straggler, before, begun);
    expect(verdict).toMatchObject({ admitted: true, clone: null });
    expect(judge(arrival(2, { boot: 'b', at: before.lastAt + 3_000 }), begun, record(verdict))).toMatchObject({
      clone: null,
    });
  });
});

describe('one identity in two places', () => {
  it('shows when an older process speaks behind a newer one', () => {
    const old = heard([1, 2]);
    const newer = record(judge(arrival(1, { boot: 'b', at: old.lastAt + 1_000, address: '10.0.0.9' }), null, old));
    const verdict = judge(arrival(3, { at: old.lastAt + 2_000 }), old, newer);
    expect(verdict).toMatchObject({
      admitted: true,
      clone: { sign: 'TWO_PROCESSES', boots: ['a', 'b'], addresses: ['10.0.0.7', '10.0.0.9'] },
    });
  });

  it('shows when one process speaks from two networks within a minute, and not behind one', () => {
    const own = heard([1]);
    const elsewhere = (ms: number) =>
      judge(arrival(2, { address: '10.0.1.7', receivedAt: own.heardAt + ms }), own, null);
    expect(elsewhere(59_999)).toMatchObject({
      admitted: true,
      clone: { sign: 'TWO_ADDRESSES', addresses: ['10.0.0.7', '10.0.1.7'] },
    });
    expect(elsewhere(60_000)).toMatchObject({ admitted: true, clone: null });
  });

  it.each([
    ['10.0.0.7', '10.0.0.8', true],
    ['10.0.0.7', '::ffff:10.0.0.7', false],
    ['10.0.0.7', '::ffff:10.0.0.8', true],
    // RFC 8981: a host changes the lower half by itself
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2:bbbb::9', false],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', true],
    ['2001:db8::1', '2001:0db8:0:0:7::1', false],
    ['fe80::1%eth0', 'fe80::2%eth1', false],
    ['::1', '2001:db8::1', true],
    // one host with both: which it takes is chance
    ['127.0.0.1', '::1', false],
  ])('takes %s and %s for two networks: %s', (a, b, two) => {
    expect(areTwoNetworks(a, b)).toBe(two);
    expect(areTwoNetworks(b, a)).toBe(two);
  });
});
