import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { globalId, parseGlobalId } from './global-id.js';

const ID = '0190b5a0-7c2e-7cc3-98c4-dc0c0c07398f';

describe('a global id', () => {
  it('comes back as what it was made of, also with colons and slashes in a key', () => {
    expect(parseGlobalId(globalId('TrackingEvent', 'CNNBO-BLYUA', ID))).toEqual({
      type: 'TrackingEvent',
      key: ['CNNBO-BLYUA', ID],
    });
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 30 }).filter((text) => !text.includes('\0')),
        (code) => {
          expect(parseGlobalId(globalId('Lane', code))).toEqual({ type: 'Lane', key: [code] });
        },
      ),
      { seed: 7 },
    );
  });

  it('is base64url of the type and its key', () => {
    expect(Buffer.from(globalId('Site', 'CNNBO-BLYUA'), 'base64url').toString()).toBe('Site:CNNBO-BLYUA');
  });

  it.each([
    ['nothing', ''],
    ['no base64url', 'a+b='],
    ['an unknown type', Buffer.from('Secret:1').toString('base64url')],
    ['a person', globalId('Person', ID)],
    ['a missing key', Buffer.from('Site').toString('base64url')],
    ['a key too many', globalId('Site', 'a', 'b')],
    ['a uuid that is none', globalId('Shipment', 'x')],
    ['an empty key', globalId('Site', '')],
    ['a U+0000', globalId('Site', 'a\0b')],
    ['a torn escape', Buffer.from('Site:%E4%B8').toString('base64url')],
    ['another spelling', Buffer.from('Site:%43NNBO').toString('base64url')],
    ['a long text', 'A'.repeat(100_000)],
  ])('is none: %s', (_name, id) => {
    expect(parseGlobalId(id)).toBeNull();
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        parseGlobalId(a);
        parseGlobalId(Buffer.from(`TrackingEvent:${a}:${b}`).toString('base64url'));
      }),
      { seed: 7 },
    );
  });
});
