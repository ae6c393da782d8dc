import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { allowedNetworks, InwardAddress, isOutward, outwardLookup, outwardUrl } from './outward-address.js';

const NONE = allowedNetworks([]);

describe('an address', () => {
  // RFC 1122, 1918, 3927, 4193, 4291, 5735, 6598, 6890; 169.254.169.254 is where clouds keep their keys.
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'nonsense',
  ])('%s points inward or nowhere', (address) => {
    expect(isOutward(address, NONE)).toBe(false);
  });

  it.each(['8.8.8.8', '203.208.60.1', '2400:3200::1'])('%s is public', (address) => {
    expect(isOutward(address, NONE)).toBe(true);
  });

  it('of an allowed network is let through, and no other', () => {
    const allowed = allowedNetworks(['10.1.0.0/16', 'fd00:1::/32']);
    expect(isOutward('10.1.9.9', allowed)).toBe(true);
    expect(isOutward('10.2.9.9', allowed)).toBe(false);
    expect(isOutward('fd00:1::5', allowed)).toBe(true);
    expect(isOutward('::ffff:10.1.0.1', allowed)).toBe(true);
    expect(() => allowedNetworks(['10.1.0.0'])).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  });
});

describe('a webhook’s URL', () => {
  it.each([
    'http://example.com/hook',
    'ftp://example.com/hook',
    'https://user:secret@example.com/hook',
    'https://127.0.0.1/hook',
    'https://2130706433/hook',
    'https://0x7f.1/hook',
    'https://[::1]/hook',
    'https://[::ffff:7f00:1]/hook',
    'https://localhost/hook',
    'https://intranet/hook',
    'javascript:alert(1)',
    'nonsense',
    `https://example.com/${'x'.repeat(2_000)}`,
  ])('%s is refused', (url) => {
    expect(() => outwardUrl(url, NONE, 'input.url')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  it('of a public host over https is taken', () => {
    expect(outwardUrl('https://hooks.example.com:8443/a?b=c', NONE, 'input.url').href).toBe(
      'https://hooks.example.com:8443/a?b=c',
    );
  });
});

describe('a name', () => {
  const look = (name: string, networks: readonly string[] = []) =>
    promisify((done: (error: Error | null, address: unknown) => void) =>
      outwardLookup(allowedNetworks(networks))(name, {}, (error, address) => done(error, address)),
    )();

  it('that means an inward address leads nowhere, unless its network is allowed', async () => {
    await expect(look('localhost')).rejects.toBeInstanceOf(InwardAddress);
    await expect(look('localhost', ['127.0.0.0/8', '::1/128'])).resolves.toMatch(/^(127\.0\.0\.1|::1)$/);
  });
});
