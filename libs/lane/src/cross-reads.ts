import type { SessionTag } from './lane-session.js';

/** One lane's hearing of a tag that another lane heard too. */
export interface Contestant {
  readonly laneId: string;
  readonly tag: Pick<SessionTag, 'peakRssiDbm' | 'count' | 'firstAt' | 'lastAt'>;
}

/** Both lanes heard the tag within `slackMs` of each other. */
export function heardTogether(a: Contestant['tag'], b: Contestant['tag'], slackMs: number): boolean {
  return a.firstAt <= b.lastAt + slackMs && b.firstAt <= a.lastAt + slackMs;
}

/**
 * The lane that a tag belongs to: the strongest by at least `marginDb`; among those within the margin, and those without a
 * field strength, the one with more reads, then the first to hear it, then the first by name.
 */
export function ownerOf(contestants: readonly [Contestant, ...Contestant[]], marginDb: number): Contestant {
  const peaks = contestants.map(({ tag }) => tag.peakRssiDbm).filter((peak) => peak !== null);
  const peak = peaks.length === 0 ? null : Math.max(...peaks);
  const near = contestants.filter(
    ({ tag }) => peak === null || tag.peakRssiDbm === null || peak - tag.peakRssiDbm < marginDb,
  );
  const ranked = near.sort(
    (a, b) => b.tag.count - a.tag.count || a.tag.firstAt - b.tag.firstAt || (a.laneId < b.laneId ? -1 : 1),
  );
  return ranked[0] ?? contestants[0];
}
