import { DomainError } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import { SCALARS } from './scalars.js';

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : 'no DomainError';
  }
};

describe('ContainerNumber', () => {
  // CSQU3054383 is the worked example of ISO 6346, annex A.
  it.each(['CSQU3054383', 'CSQU 305438-3', 'csqu305438 3', 'ＣＳＱＵ３０５４３８３'])('takes %s', (text) => {
    expect(SCALARS.ContainerNumber.parseValue(text)).toBe('CSQU3054383');
  });

  it.each(['CSQU3054384', 'CSQU305438', '', 'CSQA3054383', 7, null])('refuses %p', (value) => {
    expect(codeOf(() => SCALARS.ContainerNumber.parseValue(value))).toBe('INVALID_CONTAINER_NUMBER');
  });
});

describe('LicencePlate', () => {
  it('takes the spelling of people and gives the plate', () => {
    expect(SCALARS.LicencePlate.parseValue('浙b·12345')).toBe('浙B12345');
  });

  it.each(['B12345', '浙B1234', '', 5])('refuses %p', (value) => {
    expect(codeOf(() => SCALARS.LicencePlate.parseValue(value))).toBe('INVALID_LICENCE_PLATE');
  });
});

describe('DateTime', () => {
  // RFC 3339, 5.8: these denote the instants beside them.
  it.each([
    ['1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50.520Z'],
    ['1996-12-19T16:39:57-08:00', '1996-12-20T00:39:57.000Z'],
    ['2026-11-22t09:02:03+08:00', '2026-11-22T01:02:03.000Z'],
    ['2024-02-29T00:00:00z', '2024-02-29T00:00:00.000Z'],
  ])('takes %s', (text, instant) => {
    expect(SCALARS.DateTime.serialize(SCALARS.DateTime.parseValue(text))).toBe(instant);
  });

  it.each([
    '2026-11-22',
    '2026-11-22T09:02:03',
    '2026-11-22 09:02:03Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T09:60:00Z',
    '2026-11-22T09:02:03+24:00',
    '0000-01-01T00:00:00Z',
    '+012026-01-01T00:00:00Z',
    'now',
    1_763_769_600_000,
  ])('refuses %p', (value) => {
    expect(codeOf(() => SCALARS.DateTime.parseValue(value))).toBe('INVALID_INPUT');
  });
});

describe('UnLocode', () => {
  it.each(['CNNBO', 'cn nbo', 'CN NBO'])('takes %s', (text) => expect(SCALARS.UnLocode.parseValue(text)).toBe('CNNBO'));
  it.each(['CNNB', 'CNNB0', 'CN1BO', '', 5])('refuses %p', (value) =>
    expect(codeOf(() => SCALARS.UnLocode.parseValue(value))).toBe('INVALID_INPUT'),
  );
});

describe('EpcUri', () => {
  // TDS 2.1, examples of 6.3 and 12
  it.each([
    'urn:epc:id:sgtin:0614141.112345.400',
    'urn:epc:id:giai:0614141.12345400',
    'urn:epc:id:bic:CSQU3054383',
    'urn:epc:tag:sgtin-96:3.0614141.112345.400',
  ])('takes %s', (uri) => expect(SCALARS.EpcUri.parseValue(uri)).toBe(uri));
  it.each([
    'urn:epc:id:sgtin:0614141.112345',
    'urn:epc:id:nothing:1',
    '3034257BF7194E4000000190',
    'x'.repeat(401),
    null,
  ])('refuses %p', (value) => expect(codeOf(() => SCALARS.EpcUri.parseValue(value))).toBe('INVALID_INPUT'));
});

describe('Duration', () => {
  it.each([
    ['PT25M30.5S', 1_530_500, 'PT25M30.5S'],
    ['P1DT2H', 93_600_000, 'PT26H'],
    ['P2W', 1_209_600_000, 'PT336H'],
    ['PT90S', 90_000, 'PT1M30S'],
    ['PT0,25S', 250, 'PT0.25S'],
    ['P0D', 0, 'PT0S'],
  ])('takes %s as %d ms and tells it as %s', (text, ms, told) => {
    expect(SCALARS.Duration.parseValue(text)).toBe(ms);
    expect(SCALARS.Duration.serialize(ms)).toBe(told);
  });

  it.each(['P', 'PT', 'P1Y', 'P1M', 'P1DT', '1H', 'PT1.5H', '-PT1H', 'PT1H30', 'P1W2D', 'P3651D', 'pt1h', '', 60])(
    'refuses %p',
    (value) => expect(codeOf(() => SCALARS.Duration.parseValue(value))).toBe('INVALID_INPUT'),
  );

  it('tells none that is negative', () => expect(() => SCALARS.Duration.serialize(-1)).toThrow(TypeError));
});

describe('degrees and keys', () => {
  it.each([180, -180, 0])('takes the longitude %d', (value) => expect(SCALARS.Longitude.parseValue(value)).toBe(value));
  it.each([180.000001, Number.NaN, '12', null])('refuses the longitude %p', (value) =>
    expect(codeOf(() => SCALARS.Longitude.parseValue(value))).toBe('INVALID_INPUT'),
  );
  it('refuses the latitude 91', () => expect(codeOf(() => SCALARS.Latitude.parseValue(91))).toBe('INVALID_INPUT'));
  it.each(['abcdefgh', 'A-b_9'.repeat(5)])('takes the key %s', (value) =>
    expect(SCALARS.IdempotencyKey.parseValue(value)).toBe(value),
  );
  it.each(['short', 'with space', 'a'.repeat(129), 'ключключ'])('refuses the key %p', (value) =>
    expect(codeOf(() => SCALARS.IdempotencyKey.parseValue(value))).toBe('INVALID_INPUT'),
  );
});
