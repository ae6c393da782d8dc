import type { EpochMs } from '#libs/kernel';
import type { AssetFenceState, FenceEvent, FenceItem, ZoneState } from './fence-model.js';

export function isBehind(cursor: AssetFenceState['cursor'], item: { at: EpochMs; key: string }): boolean {
  return cursor === null || item.at > cursor.at || (item.at === cursor.at && item.key > cursor.key);
}

export function byTimeAndKey(a: FenceItem, b: FenceItem): number {
  return a.at - b.at || compareKeys(a.key, b.key);
}

export function byZoneId(zones: readonly ZoneState[]): readonly ZoneState[] {
  return [...zones].sort((a, b) => compareKeys(a.zoneId, b.zoneId));
}

export function byKindAndZone(a: FenceEvent, b: FenceEvent): number {
  return RANK[a.kind] - RANK[b.kind] || compareKeys(a.zoneId, b.zoneId);
}

export function byTimeKindAndZone(a: FenceEvent, b: FenceEvent): number {
  return a.at - b.at || byKindAndZone(a, b);
}

const RANK: Readonly<Record<FenceEvent['kind'], number>> = { ZoneExited: 0, ZoneCrossed: 1, ZoneEntered: 2 };

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
