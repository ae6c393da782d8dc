import { DomainError } from '#libs/kernel';
import type { RequestContext } from '../shared/request-context.js';
import type { GateRow, LaneRow, SiteRow, ZoneRow } from './place-book.js';

export async function allSites(context: RequestContext): Promise<SiteRow[]> {
  return [...(await context.places.get()).sites.values()];
}

export async function zonesOf(
  context: RequestContext,
  site: string,
  kind: ZoneRow['kind'] | null | undefined,
): Promise<ZoneRow[]> {
  const { zones } = await context.places.get();
  return [...zones.values()].filter((zone) => zone.siteId === site && (!kind || zone.kind === kind));
}

export async function lanesOf(context: RequestContext, site: string | null | undefined): Promise<LaneRow[]> {
  const sites = new Set(context.reader.sites(site));
  const { lanes } = await context.places.get();
  return [...lanes.values()].filter((lane) => sites.has(lane.siteId));
}

export async function lanesOfGate(context: RequestContext, gate: GateRow): Promise<LaneRow[]> {
  const { lanes } = await context.places.get();
  return [...lanes.values()].filter((lane) => lane.gateId === gate.code);
}

/** @throws DomainError INTERNAL when a stored row names a site that is not there */
export async function siteOf(context: RequestContext, row: { readonly siteId: string }): Promise<SiteRow> {
  return found((await context.places.get()).sites.get(row.siteId), 'site', row.siteId);
}

export async function zoneOf(
  context: RequestContext,
  row: { readonly zoneId: string | null },
): Promise<ZoneRow | null> {
  return named((await context.places.get()).zones, row.zoneId);
}

export async function gateOf(
  context: RequestContext,
  row: { readonly gateId: string | null },
): Promise<GateRow | null> {
  return named((await context.places.get()).gates, row.gateId);
}

export async function laneOf(
  context: RequestContext,
  row: { readonly laneId: string | null },
): Promise<LaneRow | null> {
  return named((await context.places.get()).lanes, row.laneId);
}

export function named<Row>(rows: ReadonlyMap<string, Row>, code: string | null): Row | null {
  return code === null ? null : (rows.get(code) ?? null);
}

export function found<Row>(row: Row | null | undefined, kind: string, code: string): Row {
  if (row === null || row === undefined) throw new DomainError('INTERNAL', { missing: kind, value: code });
  return row;
}
