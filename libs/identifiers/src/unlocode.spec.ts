import { describe, expect, it } from '@jest/globals';
import { parseUnlocode } from './index.js';

describe('UN/LOCODE', () => {
  it('takes CNNBO for itself', () => {
    expect(parseUnlocode('CNNBO')).toEqual({
      ok: true,
      message: {
        received: 'CNNBO',
        code: 'CNNBO',
        country: 'CN',
        place: 'NBO',
        canonical: 'CNNBO',
        aliasReason: null,
      },
    });
  });

  it.each(['CNNGB', 'CNNBG', 'CNNBP', 'CNBLG', 'CNBEI', 'CNMSG', 'CNMSN', 'CNCHS', 'CNDAX', 'CNZHI'])(
    'files %s under CNNBO, keeps it as received and says why',
    (received) => {
      expect(parseUnlocode(received)).toMatchObject({
        ok: true,
        message: { received, code: received, canonical: 'CNNBO', aliasReason: expect.any(String) as unknown },
      });
    },
  );

  it('leaves Zhoushan a port of its own', () => {
    expect(parseUnlocode('CNZOS')).toMatchObject({ ok: true, message: { canonical: 'CNZOS', aliasReason: null } });
  });

  it('reads the printed form and keeps it as received', () => {
    expect(parseUnlocode('cn ngb')).toMatchObject({
      ok: true,
      message: { received: 'cn ngb', code: 'CNNGB', canonical: 'CNNBO' },
    });
  });

  it.each([
    ['CNNB', 'length'],
    ['', 'length'],
    ['C1NBO', 'format'],
    ['CNNB0', 'format'],
    ['CNNB1', 'format'],
    ['CN宁波港', 'format'],
  ])('refuses %j for its %s', (text, reason) => {
    expect(parseUnlocode(text)).toMatchObject({ ok: false, reason });
  });

  it('accepts the digits 2 to 9 in a place', () => {
    expect(parseUnlocode('US2CG').ok).toBe(true);
  });
});
