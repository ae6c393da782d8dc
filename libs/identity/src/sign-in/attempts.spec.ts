import { describe, expect, it } from '@jest/globals';
import { networkOf, pauseAfter } from './attempts.js';

describe('pauses', () => {
  it('of a name begin with the fifth failure, double up to an hour, and cost a day from the hundredth on', () => {
    const pauses = [1, 4, 5, 6, 7, 16, 17, 18, 99, 100, 1_000].map((failures) => pauseAfter('LOGIN_NAME', failures));
    expect(pauses).toEqual([0, 0, 1, 2, 4, 2_048, 3_600, 3_600, 3_600, 86_400, 86_400]);
  });

  it('of an address begin later and end at a quarter of an hour', () => {
    expect([99, 100, 109, 110, 5_000].map((failures) => pauseAfter('ADDRESS', failures))).toEqual([
      0, 1, 512, 900, 900,
    ]);
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:1:aaaa:bbbb:cccc:dddd', '2001:db8:0:1::/64'],
    ['2001:0DB8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
