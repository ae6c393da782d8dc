import { describe, expect, it } from '@jest/globals';
import { DomainError } from '#libs/kernel';
import { isBodyOf, isSignedWith, readSigned, sign, type RequestFacts } from './signed-request.js';

/**
 * The expected values are openssl's (3.0.19), as docs/UPLINK.md shows:
 *   openssl dgst -sha256 -hex < body
 *   openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1e1f -hex < signed text
 */
const SECRET = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const BODY = Buffer.from('{"gatewayId":"CNNBO-BLYUA/闸-1","items":[]}');
const DIGEST = '40de60eafbf543f59bf44d52ce96bda02c531acc867f98e9bad96f1540a38312';
const SIGNATURE = 'c1b3ad0b7f765377a9cc4a6104144ab4d3db4205bf78db9744ea2de16692df0b';
const FACTS: RequestFacts = {
  method: 'POST',
  target: '/ingest/v1/batches',
  keyId: '0190f5a6-7c3e-7d4a-9b1f-3f6c2a5d8e01',
  machineId: 'CNNBO-BLYUA/闸-1',
  boot: '9f86d081884c7d65',
  sequence: 42,
  at: 1_764_140_400_000,
};

const headers = (): Record<string, string> => ({ ...sign(FACTS, BODY, SECRET) });
const read = (changed: Record<string, string | string[] | undefined> = {}, method = 'POST', target = FACTS.target) =>
  readSigned(method, target, { ...headers(), ...changed });

describe('a signed request', () => {
  it('bears the digest and the signature that openssl computes', () => {
    expect(headers()).toEqual({
      'boxtrail-key': FACTS.keyId,
      'boxtrail-machine': 'CNNBO-BLYUA%2F%E9%97%B8-1',
      'boxtrail-boot': FACTS.boot,
      'boxtrail-sequence': '42',
      'boxtrail-time': '1764140400000',
      'boxtrail-digest': DIGEST,
      'boxtrail-signature': SIGNATURE,
    });
  });

  it('is read as it was signed, and belongs to its body and key alone', () => {
    const request = read();
    if (request === null) throw new Error('it bears no signature');
    expect(request).toMatchObject(FACTS);
    expect(isSignedWith(request, SECRET)).toBe(true);
    expect(isBodyOf(request, BODY)).toBe(true);
    for (let bit = 0; bit < BODY.length * 8; bit++) {
      const flipped = Buffer.from(BODY);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(isBodyOf(request, flipped)).toBe(false);
    }
    expect(isSignedWith(request, Buffer.from(SECRET).fill(0, 31))).toBe(false);
  });

  it.each([
    ['boxtrail-key', '0190f5a6-7c3e-7d4a-9b1f-3f6c2a5d8e02'],
    ['boxtrail-machine', 'CNNBO-BLYUA%2F%E9%97%B8-2'],
    // the same gateway in another spelling: what was signed is the header as it stands
    ['boxtrail-machine', 'CNNBO-BLYUA%2f%e9%97%b8-1'],
    ['boxtrail-boot', '9f86d081884c7d66'],
    ['boxtrail-sequence', '43'],
    ['boxtrail-time', '1764140400001'],
    ['boxtrail-digest', DIGEST.replace(/^4/, '5')],
    ['boxtrail-signature', SIGNATURE.replace(/^c/, 'd')],
  ])('is not valid with another %s', (name, value) => {
    const request = read({ [name]: value });
    expect(request !== null && isSignedWith(request, SECRET)).toBe(false);
  });

  it('is not valid for another method, path or query', () => {
    for (const request of [
      read({}, 'PUT'),
      read({}, 'POST', '/ingest/v1/health'),
      read({}, 'POST', `${FACTS.target}?x=1`),
    ]) {
      expect(request !== null && isSignedWith(request, SECRET)).toBe(false);
    }
  });

  it.each([
    ['boxtrail-key', undefined],
    ['boxtrail-key', 'x'],
    ['boxtrail-machine', '闸'],
    ['boxtrail-machine', '%E9%97'],
    ['boxtrail-boot', 'a\nb'],
    ['boxtrail-boot', ['9f86d081884c7d65', '9f86d081884c7d65']],
    ['boxtrail-sequence', '0'],
    ['boxtrail-sequence', '042'],
    ['boxtrail-sequence', '1e3'],
    ['boxtrail-time', '-1'],
    ['boxtrail-digest', DIGEST.toUpperCase()],
    ['boxtrail-signature', SIGNATURE.slice(1)],
  ])('is refused when %s is %j, and the header is named', (name, value) => {
    expect.assertions(2);
    try {
      read({ [name]: value });
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect(error).toMatchObject({ code: 'UNAUTHENTICATED', details: { field: name } });
    }
  });

  it('is none without a signature', () => {
    expect(readSigned('POST', FACTS.target, { authorization: 'Bearer x' })).toBeNull();
  });
});
