import { describe, expect, it } from '@jest/globals';
import { agree, confirmation, drawHalf } from './key-agreement.js';

/**
 * openssl 3.0.19 on the command line, with the private values 11…11 (machine) and 22…22 (service):
 *   openssl pkeyutl -derive -inkey machine.pem -peerkey service.pub
 *   openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:… -kdfopt hexsalt:… -kdfopt hexinfo:… HKDF
 */
const VECTOR = {
  machinePrivate: '11'.repeat(32),
  machinePublic: '7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13',
  servicePrivate: '22'.repeat(32),
  servicePublic: '0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20',
  machineId: 'CNNBO-BLYUA/GW-1',
  secret: '21fa3812d916b8895ece914007a9672a385a768d11274477d048d3558d4c6127',
  keyId: '0190f5a6-7c3e-7d4a-9b1f-3f6c2a5d8e01',
  confirmation: 'db576d0ec022f824af7cfb1489fa654086828f38ef8f09f710d3acde23007d56',
};
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const publics = { machinePublic: hex(VECTOR.machinePublic), servicePublic: hex(VECTOR.servicePublic) };

describe('two sides that agree on a key', () => {
  it.each(['MACHINE', 'SERVICE'] as const)('come to the secret that openssl computes, here the %s', (side) => {
    const privateValue = hex(side === 'MACHINE' ? VECTOR.machinePrivate : VECTOR.servicePrivate);
    const secret = agree({ side, privateValue, ...publics, machineId: VECTOR.machineId });
    expect(secret.toString('hex')).toBe(VECTOR.secret);
    expect(confirmation(secret, VECTOR.keyId)).toBe(VECTOR.confirmation);
  });

  it('come to the same one from halves drawn afresh, and to another for another machine', () => {
    const [machine, service] = [drawHalf(), drawHalf()];
    const both = { machinePublic: machine.publicValue, servicePublic: service.publicValue };
    const ofMachine = agree({ side: 'MACHINE', privateValue: machine.privateValue, ...both, machineId: 'a' });
    const ofService = (machineId: string): Buffer =>
      agree({ side: 'SERVICE', privateValue: service.privateValue, ...both, machineId });
    expect(ofMachine).toEqual(ofService('a'));
    expect(ofMachine).not.toEqual(ofService('b'));
  });

  it.each([
    ['too short', Buffer.alloc(31, 9)],
    ['too long', Buffer.alloc(33, 9)],
    // of small order (RFC 7748, 6.1): the shared value would be all zeros, whatever the other side has
    ['zero', Buffer.alloc(32)],
    ['one', Buffer.concat([Buffer.of(1), Buffer.alloc(31)])],
  ])('refuse a public value that is %s', (_what, machinePublic) => {
    const { privateValue, publicValue } = drawHalf();
    const attempt = () =>
      agree({ side: 'SERVICE', privateValue, machinePublic, servicePublic: publicValue, machineId: 'a' });
    expect(attempt).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
