import type { RequestContext } from '../shared/request-context.js';
import type { ZoneRow } from './place-book.js';
import { found, named } from './place.queries.js';

type Resolve<Row> = (row: Row, args: object, context: RequestContext) => unknown;

interface Placed {
  readonly siteId: string;
  readonly gateId: string | null;
  readonly laneId: string | null;
  readonly zoneId: string | null;
}

const site: Resolve<Placed> = ({ siteId }, _args, { places }) =>
  places.pick(({ sites }) => found(sites.get(siteId), 'site', siteId));
const siteIfAny: Resolve<{ readonly siteId: string | null }> = ({ siteId }, _args, { places }) =>
  siteId === null ? null : places.pick(({ sites }) => found(sites.get(siteId), 'site', siteId));
const gate: Resolve<Placed> = ({ gateId }, _args, { places }) => places.pick(({ gates }) => named(gates, gateId));
const lane: Resolve<Placed> = ({ laneId }, _args, { places }) => places.pick(({ lanes }) => named(lanes, laneId));
const zone: Resolve<Placed> = ({ zoneId }, _args, { places }) => places.pick(({ zones }) => named(zones, zoneId));
const dwell: Resolve<ZoneRow> = ({ dwellMs }) => dwellMs;

/**
 * Fields that name a place, or are made of what a place is. A page of fifty events asks for two hundred: they are plain functions, for the frame around a
 * resolver's method makes promises of what is there already, which costs several times the look-up.
 */
export const PLACE_FIELDS: Readonly<Record<string, Readonly<Record<string, Resolve<never>>>>> = {
  ContainerPlace: { site: siteIfAny, zone },
  Milestone: { site: siteIfAny, zone },
  TrackingEvent: { site, gate, lane, zone },
  Zone: { site, dwell },
};
