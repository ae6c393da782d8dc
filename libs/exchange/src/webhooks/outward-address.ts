import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { DomainError } from '#libs/kernel';
import ipaddr from 'ipaddr.js';

/** Networks that an operator allows although they are not public, `10.1.0.0/16`: for a closed network, or a receiver beside us. */
export type AllowedNetworks = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

/** @throws DomainError INVALID_CONFIG */
export function allowedNetworks(list: readonly string[]): AllowedNetworks {
  return list.map((text) => {
    try {
      return ipaddr.parseCIDR(text);
    } catch (cause) {
      throw new DomainError(
        'INVALID_CONFIG',
        { field: 'BOXTRAIL_WEBHOOK_NETWORKS', value: text, expected: 'networks such as 10.1.0.0/16, by commas' },
        { cause },
      );
    }
  });
}

/**
 * Whether a message of ours may go there: a public unicast address, or one of an allowed network. Loopback, private, link-local,
 * carrier-grade, multicast, reserved and tunnelling ranges point inward or nowhere, also when an IPv6 address wraps them.
 */
export function isOutward(address: string, allowed: AllowedNetworks): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (allowed.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))) return true;
  return parsed.range() === 'unicast';
}

const MAX_URL = 2_000;

/**
 * An address to which webhooks may go: https, or http inside an allowed network; no user in it, and no literal inward address.
 * What its name means is asked again at each connection, by `outwardLookup`.
 * @throws DomainError INVALID_INPUT
 */
export function outwardUrl(text: string, allowed: AllowedNetworks, field: string): URL {
  const refuse = (expected: string): DomainError =>
    new DomainError('INVALID_INPUT', { field, value: text.slice(0, 200), expected });
  if (text.length > MAX_URL || !URL.canParse(text)) throw refuse(`an address such as https://example.com/hook`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowed.length > 0)) throw refuse('https');
  if (url.username !== '' || url.password !== '') throw refuse('no user and no password in it');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isOutward(host, allowed)) throw refuse('an address that does not point inward');
  if (isIP(host) === 0 && !host.includes('.') && allowed.length === 0) throw refuse('a public host');
  return url;
}

/** A name service for connections: every address of a name must be outward, so that none can be put in its place later. */
export function outwardLookup(allowed: AllowedNetworks): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const inward = addresses.find(({ address }) => !isOutward(address, allowed));
      if (inward !== undefined) return callback(new InwardAddress(hostname), []);
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      return first === undefined
        ? callback(new InwardAddress(hostname), [])
        : callback(null, first.address, first.family);
    });
  };
}

/** A name that points inward; to which address is not told to those who chose the name. */
export class InwardAddress extends Error {
  readonly code = 'INWARD';

  constructor(hostname: string) {
    super(`${hostname} has an address to which nothing is sent`);
    this.name = 'InwardAddress';
  }
}
