import type { EpochMs } from '#libs/kernel';
import type { Direction } from './gate-pass.js';
import type { LaneConfig } from './lane-config.js';

export type Side = 'LANDSIDE' | 'TERMINALSIDE';

export const OTHER_SIDE: Readonly<Record<Side, Side>> = { LANDSIDE: 'TERMINALSIDE', TERMINALSIDE: 'LANDSIDE' };

/** The way of a truck that comes from this side. */
export const DIRECTION_FROM: Readonly<Record<Side, 'IN' | 'OUT'>> = { LANDSIDE: 'IN', TERMINALSIDE: 'OUT' };

/** The side that a truck comes from when it goes this way. */
export const ENTRY_OF: Readonly<Record<Direction, Side | null>> = {
  IN: 'LANDSIDE',
  OUT: 'TERMINALSIDE',
  UNKNOWN: null,
};

/** How one group of antennas heard one tag; `…At` is the gateway's pipeline clock, `firstSeen` the evidence's time. */
export interface HeardAtSide {
  readonly firstAt: EpochMs;
  readonly firstSeen: EpochMs;
  readonly peakAt: EpochMs;
  readonly peakRssiDbm: number | null;
}

export interface HeardBySides {
  readonly LANDSIDE: HeardAtSide | null;
  readonly TERMINALSIDE: HeardAtSide | null;
}

/** The group that an antenna belongs to; null: none. */
export function sideOfAntenna(lane: LaneConfig, deviceId: string, antenna: number): Side | null {
  const isIt = (ref: { readonly deviceId: string; readonly antenna: number }): boolean =>
    ref.deviceId === deviceId && ref.antenna === antenna;
  if (lane.antennaGroups.landside.some(isIt)) return 'LANDSIDE';
  return lane.antennaGroups.terminalside.some(isIt) ? 'TERMINALSIDE' : null;
}

/**
 * Each tag that both groups heard has two votes: which group heard it first, and which heard it strongest first. The sum
 * decides; a truck is longer than a lane is wide, so the reads of different tags are never weighed against each other.
 * Without such a tag the groups' first reads of any tag decide. A tie, or one group only, is UNKNOWN.
 */
export function directionByAntennas(tags: readonly HeardBySides[]): Direction {
  let votes = 0;
  let heardByBoth = false;
  for (const { LANDSIDE: land, TERMINALSIDE: terminal } of tags) {
    if (land === null || terminal === null) continue;
    heardByBoth = true;
    votes += Math.sign(terminal.firstAt - land.firstAt);
    if (land.peakRssiDbm !== null && terminal.peakRssiDbm !== null) votes += Math.sign(terminal.peakAt - land.peakAt);
  }
  if (!heardByBoth) {
    const land = firstOf(tags, 'LANDSIDE');
    const terminal = firstOf(tags, 'TERMINALSIDE');
    if (land !== null && terminal !== null) votes = Math.sign(terminal.firstAt - land.firstAt);
  }
  return votes === 0 ? 'UNKNOWN' : votes > 0 ? 'IN' : 'OUT';
}

/** The first read of the second group to hear anything: the moment of the pass where a lane has no loop. */
export function secondGroupHeard(tags: readonly HeardBySides[]): HeardAtSide | null {
  const land = firstOf(tags, 'LANDSIDE');
  const terminal = firstOf(tags, 'TERMINALSIDE');
  if (land === null || terminal === null) return null;
  return land.firstAt > terminal.firstAt ? land : terminal;
}

function firstOf(tags: readonly HeardBySides[], side: Side): HeardAtSide | null {
  let first: HeardAtSide | null = null;
  for (const tag of tags) {
    const heard = tag[side];
    if (heard !== null && (first === null || heard.firstAt < first.firstAt)) first = heard;
  }
  return first;
}
