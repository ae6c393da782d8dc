import { describe, expect, it } from '@jest/globals';
import { milestonesAhead, REACHED_BY, shipmentStatus, type MilestoneRow } from './milestones.js';
import type { ShipmentRow } from './shipments.queries.js';

const shipment: ShipmentRow = {
  uuid: '0190b5a0-7c2e-7cc3-98c4-dc0c0c07398f',
  reference: 'R',
  trade: 'EXPORT',
  createdAt: new Date(0),
  endedAt: null,
};

const milestone = (boxesReached: number, reached: boolean): MilestoneRow => ({
  shipmentId: shipment.uuid,
  ordinal: 1,
  code: 'GTIN',
  siteId: null,
  zoneId: null,
  plannedAt: null,
  reachedBy: Array.from({ length: boxesReached }, () => ({
    containerNumber: 'CSQU3054383',
    siteId: 's',
    eventId: 'e',
  })),
  reached,
  actualAt: null,
});

describe('a shipment’s status', () => {
  it.each([
    ['BOOKED', [], null],
    ['BOOKED', [milestone(0, false)], null],
    ['UNDER_WAY', [milestone(1, false), milestone(0, false)], null],
    ['UNDER_WAY', [milestone(2, true), milestone(0, false)], null],
    ['COMPLETED', [milestone(2, true), milestone(2, true)], null],
    ['COMPLETED', [milestone(2, true)], new Date(1_001)],
    ['ENDED', [milestone(2, true)], new Date(1_000)],
  ] as const)('is %s', (status, milestones, endedAt) => {
    expect(shipmentStatus({ ...shipment, endedAt }, milestones, 1_000)).toBe(status);
  });
});

describe('a milestone’s code', () => {
  it('is reached by the kind of event that bears it, and by none while we do not hear of it', () => {
    const kindsOf = (asked: string): string[] =>
      REACHED_BY.filter(({ code }) => code === asked).map(({ kind }) => kind);
    expect(kindsOf('GTIN')).toEqual(['ContainerGatedIn']);
    expect(kindsOf('GTOT')).toEqual(['ContainerGatedOut']);
    expect(kindsOf('DEPA')).toEqual([]);
  });
});

describe('milestones ahead', () => {
  it('are those behind the furthest that any box reached, and that one while a box is missing', () => {
    const plan = [milestone(0, false), milestone(1, false), milestone(0, false)].map((one, i) => ({
      ...one,
      ordinal: i,
    }));
    // the first was passed over: nobody heard of it, and one box is past it
    expect(milestonesAhead(plan).map(({ ordinal }) => ordinal)).toEqual([1, 2]);
    expect(milestonesAhead(plan.slice(0, 1)).map(({ ordinal }) => ordinal)).toEqual([0]);
  });
});
