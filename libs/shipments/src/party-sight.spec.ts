import { describe, expect, it } from '@jest/globals';
import { commonFacets, facetsOf, PARTY_SIGHT, type Sight } from './party-sight.js';

describe('what a part in a shipment shows', () => {
  it('is all to shipper and forwarder, and told facet by facet to the others', () => {
    expect(facetsOf('SHIPPER')).toBeNull();
    expect(facetsOf('FORWARDER')).toBeNull();
    expect(facetsOf('HAULIER')).toEqual([
      'event:ContainerGatedIn',
      'event:ContainerGatedOut',
      'event:EventWithdrawn',
      'event:PassRefused',
      'event:ZoneCrossed',
      'event:ZoneEntered',
      'event:ZoneExited',
      'leg:ROAD',
      'milestone:GTIN',
      'milestone:GTOT',
      'number:BOOKING',
      'party:FORWARDER',
      'party:HAULIER',
      'place',
    ]);
    expect(facetsOf('GUEST')).toEqual(['event:*', 'leg:*', 'milestone:*', 'place']);
    expect(facetsOf('CONSIGNEE')).not.toContain('number:BOOKING');
    expect(facetsOf('CARRIER')).not.toContain('party:HAULIER');
  });

  it('lets none but those who see all change the boxes', () => {
    const changing = (Object.keys(PARTY_SIGHT) as Sight[]).filter((part) => PARTY_SIGHT[part].may.includes('SPLIT'));
    expect(changing).toEqual(['SHIPPER', 'FORWARDER']);
    expect(PARTY_SIGHT.HAULIER.may).toEqual([]);
    expect(PARTY_SIGHT.GUEST.may).toEqual([]);
  });
});

describe('what two show in common', () => {
  it.each([
    [null, null, null],
    [null, ['place'], ['place']],
    [['event:*', 'place'], ['event:ContainerGatedIn'], ['event:ContainerGatedIn']],
    [['event:*'], ['event:*', 'place'], ['event:*']],
    [['number:BILL'], ['number:BOOKING'], []],
    [['leg:ROAD', 'leg:SEA'], ['leg:SEA'], ['leg:SEA']],
    [['history'], ['place'], []],
  ])('of %j and %j is %j, in either order', (one, two, common) => {
    expect(commonFacets(one, two)).toEqual(common);
    expect(commonFacets(two, one)).toEqual(common);
  });
});
