import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normaliseLicencePlate, parseLicencePlate } from './index.js';

describe('licence plates of the mainland', () => {
  it.each([
    ['浙B12345', 'STANDARD', '12345'],
    ['浙BA1B23', 'STANDARD', 'A1B23'],
    ['浙BD12345', 'NEW_ENERGY', 'D12345'],
    ['沪A12345D', 'NEW_ENERGY', '12345D'],
    ['浙B1234挂', 'TRAILER', '1234'],
    ['浙B1234学', 'TRAINING', '1234'],
    ['浙O1234警', 'POLICE', '1234'],
    ['粤Z1234港', 'HONG_KONG', '1234'],
    ['粤ZAB12澳', 'MACAO', 'AB12'],
  ])('reads %s as %s', (plate, kind, serial) => {
    expect(parseLicencePlate(plate)).toMatchObject({ ok: true, message: { plate, kind, serial } });
  });

  it('says the province and office of a Ningbo plate', () => {
    expect(parseLicencePlate('浙B12345')).toMatchObject({
      ok: true,
      message: { province: '浙', provinceCode: 'CN-ZJ', office: 'B' },
    });
  });

  it.each([
    ['浙B1234', 'length'],
    ['浙B1234567', 'length'],
    ['B123456', 'province'],
    ['台B12345', 'province'],
    ['浙I12345', 'office'],
    ['浙b12345', 'office'],
    ['浙B1234O', 'serial'],
    ['浙B1234I', 'serial'],
    ['浙B1港345', 'serial'],
    ['浙B1234港', 'serial'],
    ['浙BL12345', 'serial'],
    ['', 'length'],
  ])('refuses %j for its %s', (plate, reason) => {
    expect(parseLicencePlate(plate)).toMatchObject({ ok: false, reason });
  });

  it('normalises what people and cameras write, and guesses nothing', () => {
    for (const spelt of ['浙B·12345', '浙b 12345', '浙Ｂ－１２３４５', '浙B•12345']) {
      expect(normaliseLicencePlate(spelt)).toBe('浙B12345');
    }
    expect(normaliseLicencePlate('浙B·1O345')).toBe('浙B1O345');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        expect(typeof parseLicencePlate(text).ok).toBe('boolean');
      }),
      { seed: 36, numRuns: 300 },
    );
  });
});
