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
