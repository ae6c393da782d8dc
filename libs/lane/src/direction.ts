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
  readonly lastAt: EpochMs;
  readonly lastRssiDbm: number | null;
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

/**
 * The way of a truck that went past both groups: one heard it first, and the other had it before it at the end. A truck that turned
 * back ends where it began. Each tag that both groups heard votes for the first and for the end, where the group counts
 * whose last read is stronger: one that a truck drives away from hears it weakly in the end, and often last. The later one
 * counts where the strengths are equal or not told. Without such a tag the groups' first and last reads of any tag decide.
 * A tie, one group only, or a truck that turned back, is UNKNOWN.
 */
export function crossingByAntennas(tags: readonly HeardBySides[]): Direction {
  let [first, end] = [0, 0];
  let heardByBoth = false;
  for (const { LANDSIDE: land, TERMINALSIDE: terminal } of tags) {
    if (land === null || terminal === null) continue;
    heardByBoth = true;
    first += Math.sign(terminal.firstAt - land.firstAt);
    end += endsBefore(land, terminal);
  }
  if (!heardByBoth) {
    const land = firstOf(tags, 'LANDSIDE');
    const terminal = firstOf(tags, 'TERMINALSIDE');
    if (land === null || terminal === null) return 'UNKNOWN';
    first = Math.sign(terminal.firstAt - land.firstAt);
    end = Math.sign(lastAtOf(tags, 'TERMINALSIDE') - lastAtOf(tags, 'LANDSIDE'));
  }
  if (first > 0 && end > 0) return 'IN';
  return first < 0 && end < 0 ? 'OUT' : 'UNKNOWN';
}

/** Above 0: a tag ends before the terminal side's group; below: before the land side's. */
function endsBefore(land: HeardAtSide, terminal: HeardAtSide): number {
  const stronger =
    land.lastRssiDbm === null || terminal.lastRssiDbm === null ? 0 : Math.sign(terminal.lastRssiDbm - land.lastRssiDbm);
  return stronger === 0 ? Math.sign(terminal.lastAt - land.lastAt) : stronger;
}

function lastAtOf(tags: readonly HeardBySides[], side: Side): EpochMs {
  return Math.max(...tags.map((tag) => tag[side]?.lastAt ?? 0));
}

function firstOf(tags: readonly HeardBySides[], side: Side): HeardAtSide | null {
  let first: HeardAtSide | null = null;
  for (const tag of tags) {
    const heard = tag[side];
    if (heard !== null && (first === null || heard.firstAt < first.firstAt)) first = heard;
  }
  return first;
}
