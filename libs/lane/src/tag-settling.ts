import { heardTogether, ownerOf, type Contestant } from './cross-reads.js';
import type { CrossRead } from './gate-pass.js';
import { laneOf, put, type LanesState } from './gateway-lanes.js';
import type { LaneSession, SessionTag } from './lane-session.js';

/* Which lane a tag belongs to that several heard. */

export interface SettledTags {
  readonly kept: readonly SessionTag[];
  readonly crossReads: readonly CrossRead[];
  /** With the other lanes' sessions told who owns what. */
  readonly state: LanesState;
}

/** Which of the session's tags are its own; whoever closes first decides with what is known then, and it stays decided. */
export function settleTags(before: LanesState, laneId: string, session: LaneSession): SettledTags {
  const { crossReadMarginDb, tailMs } = before.timings;
  const kept: SessionTag[] = [];
  const crossReads: CrossRead[] = [];
  let state = before;
  for (const tag of session.tags) {
    if (tag.awaits !== null) continue;
    const decided = tag.keptBy ?? (isTailRead(tag, crossReadMarginDb) ? tag.tailOf : null);
    if (decided !== null) {
      crossReads.push(crossRead(tag, decided.laneId, decided.peakRssiDbm));
      continue;
    }
    const rivals = rivalsFor(state, laneId, tag, tailMs);
    const self: Contestant = { laneId, tag };
    const awarded = [{ laneId, tag }, ...rivals].find((heard) => heard.tag.awarded);
    const owner = awarded ?? ownerOf([self, ...rivals], crossReadMarginDb);
    if (owner.laneId === laneId) kept.push(tag);
    else crossReads.push(crossRead(tag, owner.laneId, owner.tag.peakRssiDbm));
    const claim = { laneId: owner.laneId, peakRssiDbm: owner.tag.peakRssiDbm };
    for (const rival of rivals) {
      const ruling = rival.laneId === owner.laneId ? { awarded: true } : { keptBy: claim };
      state = ruleOn(state, rival.laneId, tag.epc, ruling);
    }
  }
  return { kept, crossReads, state };
}

/** What was heard in another pass's tail is that pass's, unless it was as strong here: then the truck drove through both. */
function isTailRead({ tailOf, peakRssiDbm }: SessionTag, marginDb: number): boolean {
  if (tailOf === null) return false;
  if (peakRssiDbm === null || tailOf.peakRssiDbm === null) return true;
  return peakRssiDbm <= tailOf.peakRssiDbm - marginDb;
}

function rivalsFor(
  state: LanesState,
  laneId: string,
  tag: SessionTag,
  slackMs: number,
): { laneId: string; tag: SessionTag }[] {
  const rivals: { laneId: string; tag: SessionTag }[] = [];
  for (const other of state.lanes) {
    if (other.config.laneId === laneId) continue;
    const theirs = other.session?.tags.find((candidate) => candidate.epc === tag.epc);
    if (theirs === undefined || theirs.awaits !== null || theirs.keptBy !== null) continue;
    if (heardTogether(tag, theirs, slackMs)) rivals.push({ laneId: other.config.laneId, tag: theirs });
  }
  return rivals;
}

function ruleOn(
  state: LanesState,
  laneId: string,
  epc: string,
  ruling: Partial<Pick<SessionTag, 'awarded' | 'keptBy'>>,
): LanesState {
  const lane = laneOf(state, laneId);
  if (lane === undefined || lane.session === null) return state;
  const tags = lane.session.tags.map((tag) => (tag.epc === epc ? { ...tag, ...ruling } : tag));
  return put(state, { ...lane, session: { ...lane.session, tags } });
}

function crossRead(tag: SessionTag, givenToLane: string, peakRssiDbmThere: number | null): CrossRead {
  return { epc: tag.epc, givenToLane, peakRssiDbmHere: tag.peakRssiDbm, peakRssiDbmThere };
}
