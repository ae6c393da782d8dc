import { describe, expect, it } from '@jest/globals';
import { alertDistance, missingPapers, requiredPapers, type PaperTerm } from './organisation.papers.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 26);
const licence = (over: Partial<PaperTerm> = {}): PaperTerm => ({
  kind: 'BUSINESS_LICENCE',
  validFrom: NOW - DAY,
  validTo: NOW + DAY,
  ...over,
});
const identity: PaperTerm = { kind: 'LEGAL_PERSON_ID', validFrom: NOW - DAY, validTo: null };

describe('the papers of an organisation', () => {
  it('are those that its kind needs', () => {
    expect(requiredPapers('LOGISTICS_COMPANY')).toEqual(['BUSINESS_LICENCE', 'LEGAL_PERSON_ID']);
    expect(requiredPapers('CUSTOMS_OFFICE')).toEqual(['INSTITUTION_CERTIFICATE']);
    expect(requiredPapers('BANK')).toEqual(['BUSINESS_LICENCE', 'FINANCIAL_LICENCE']);
  });

  it.each([
    ['all are valid', [licence(), identity], []],
    ['one is not there', [licence()], ['LEGAL_PERSON_ID']],
    ['one ends at this moment', [licence({ validTo: NOW }), identity], ['BUSINESS_LICENCE']],
    ['one ends a millisecond later', [licence({ validTo: NOW + 1 }), identity], []],
    ['one begins later', [licence({ validFrom: NOW + 1 }), identity], ['BUSINESS_LICENCE']],
    ['one ran out and another of its kind goes on', [licence({ validTo: NOW }), licence(), identity], []],
    ['there are others only', [{ ...identity, kind: 'CARRIER_FILING' }], ['BUSINESS_LICENCE', 'LEGAL_PERSON_ID']],
  ] as const)('are missing as it should be when %s', (_when, papers, missing) => {
    expect(missingPapers('LOGISTICS_COMPANY', papers, NOW)).toEqual(missing);
  });

  it.each([
    [31 * DAY, null],
    [30 * DAY + 1, null],
    [30 * DAY, 30],
    [8 * DAY, 30],
    [7 * DAY, 7],
    [DAY + 1, 7],
    [DAY, 1],
    [1, 1],
    [0, 0],
    [-90 * DAY, 0],
  ])('are told %s ms before their end at the distance of %s days', (left, days) => {
    expect(alertDistance(NOW + left, NOW)).toBe(days);
  });
});
