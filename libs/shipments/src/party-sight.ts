import type { EventKind } from '#libs/journal';
import type { LegEntity } from './entities/leg.entity.js';
import type { PartyRole } from './entities/shipment-party.entity.js';
import type { ShipmentCommandKind } from './shipment.states.js';

/** GUEST: a company that is no party, and was granted a window as such. */
export type Sight = PartyRole | 'GUEST';

type Some<T extends string> = 'ALL' | readonly T[];

interface SightRow {
  readonly meaningZh: string;
  readonly events: Some<EventKind>;
  readonly numbers: Some<'BOOKING' | 'BILL'>;
  readonly parties: Some<PartyRole>;
  readonly legs: Some<LegEntity['mode']>;
  /** DCSA codes. */
  readonly milestones: Some<string>;
  /** Where the box is now. */
  readonly place: boolean;
  /** What was done to the shipment. */
  readonly history: boolean;
  /** It sees a box from a pick-up to a delivery that are told with its part, not from the booking to the end. */
  readonly timed: boolean;
  readonly may: readonly ShipmentCommandKind[];
}

/** Of a road haulage: gates, roads, and that one of these no longer stands. */
const GATE_AND_ROAD: readonly EventKind[] = [
  'ContainerGatedIn',
  'ContainerGatedOut',
  'PassRefused',
  'ZoneEntered',
  'ZoneExited',
  'ZoneCrossed',
  'EventWithdrawn',
];
const EVERYTHING = {
  events: 'ALL',
  numbers: 'ALL',
  parties: 'ALL',
  legs: 'ALL',
  milestones: 'ALL',
  place: true,
  history: true,
  timed: false,
} as const;

/** What each part in a shipment shows, and what it lets do. */
export const PARTY_SIGHT: Readonly<Record<Sight, SightRow>> = {
  SHIPPER: { ...EVERYTHING, meaningZh: '发货人', may: ['SWAP', 'ROLL_OVER', 'SPLIT', 'MERGE', 'END', 'GRANT'] },
  FORWARDER: { ...EVERYTHING, meaningZh: '货运代理', may: ['SWAP', 'ROLL_OVER', 'SPLIT', 'MERGE', 'END', 'GRANT'] },
  // whose truck it is on is the others' business
  CARRIER: {
    ...EVERYTHING,
    meaningZh: '承运人',
    parties: ['SHIPPER', 'CONSIGNEE', 'FORWARDER', 'CARRIER'],
    may: ['SWAP', 'ROLL_OVER', 'GRANT'],
  },
  // the booking is between shipper and carrier
  CONSIGNEE: {
    ...EVERYTHING,
    meaningZh: '收货人',
    numbers: ['BILL'],
    parties: ['SHIPPER', 'CONSIGNEE', 'FORWARDER', 'CARRIER'],
    history: false,
    may: ['END', 'GRANT'],
  },
  // fetches boxes by the booking's number; the goods' papers are not its own
  HAULIER: {
    meaningZh: '拖车公司',
    events: GATE_AND_ROAD,
    numbers: ['BOOKING'],
    parties: ['FORWARDER', 'HAULIER'],
    legs: ['ROAD'],
    milestones: ['GTIN', 'GTOT'],
    place: true,
    history: false,
    timed: true,
    may: [],
  },
  GUEST: {
    ...EVERYTHING,
    meaningZh: '受邀查看方',
    numbers: [],
    parties: [],
    history: false,
    may: [],
  },
};

for (const [sight, { events }] of Object.entries(PARTY_SIGHT)) {
  if (events !== 'ALL' && !events.includes('EventWithdrawn')) {
    throw new Error(`${sight} would take withdrawn events for standing ones`);
  }
}

/**
 * The same as a window keeps it and the policies read it, sorted: `event:ContainerGatedIn`, `number:*`, `place`, …
 * @returns null for a sight of everything
 */
export function facetsOf(sight: Sight): readonly string[] | null {
  const { events, numbers, parties, legs, milestones, place, history } = PARTY_SIGHT[sight];
  const classes = { event: events, number: numbers, party: parties, leg: legs, milestone: milestones };
  if (Object.values(classes).every((some) => some === 'ALL') && place && history) return null;
  const listed = Object.entries(classes).flatMap(([name, some]) =>
    some === 'ALL' ? [`${name}:*`] : some.map((value) => `${name}:${value}`),
  );
  return [...listed, ...(place ? ['place'] : []), ...(history ? ['history'] : [])].sort();
}

/** What both show; null shows everything. */
export function commonFacets(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null) return other;
  if (other === null) return one;
  const shared = [...one.filter((facet) => shows(other, facet)), ...other.filter((facet) => shows(one, facet))];
  return [...new Set(shared)].sort();
}

function shows(facets: readonly string[], facet: string): boolean {
  return facets.includes(facet) || facets.includes(facet.replace(/:.*$/, ':*'));
}
