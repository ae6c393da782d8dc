/**
 * The rules by which fixes and gate passes become fence events: a pure fold over the time-ordered items of one asset.
 *
 * For each zone a fix says one of three things:
 * - INSIDE: in the zone (edge included), and not less deep than the fix's own accuracy;
 * - OUTSIDE: not in the zone, and not nearer to it than `bufferM` and the fix's own accuracy;
 * - NOTHING: all else. It starts nothing, confirms nothing and breaks nothing off.
 *
 * So the buffer is one-sided: entering needs no depth, for gates and berths are narrower than any useful inner rim;
 * what keeps an edge quiet is that leaving needs the whole buffer. A side that differs from the one that stands is a
 * candidate from its first fix on; it stands once a later fix of the same side comes at least `dwellMs` after that first
 * one, and it falls when a fix speaks for the old side. The event's time is that of the candidate's first fix.
 *
 * A visit that ends before its dwell is over is told as ZoneCrossed when the asset really went through: the points
 * where it came in and went out (interpolated on the straight way between fixes) lie farther apart than the buffer, or
 * than the zone's slimness where that is less, and than either fix's accuracy. A way between two fixes with none inside
 * is the same case. Jitter at one edge goes out where it came in, and is not told.
 */
import type { FenceIndex } from './fence-index.js';
import {
  accuracyOf,
  type AssetFenceState,
  type FenceEvent,
  type FencePolicy,
  type FenceStep,
  type Fix,
  type Placement,
  type ZoneState,
} from './fence-model.js';
import { byKindAndZone, byZoneId, isBehind } from './fence-order.js';
import { includes, Round } from './fence-round.js';
import { greatCircleM, METRES_PER_DEGREE, shortWayDeg } from './sphere.js';

/** Milliseconds: NMEA and JT/T 808 clocks tell whole seconds, so two times can be this far off. */
const CLOCK_GRAIN_MS = 1000;

const NO_EVENTS: readonly FenceEvent[] = [];

/** Folds one fix into the state of its asset. Pure; throws nothing. */
export function step(state: AssetFenceState, fix: Fix, index: FenceIndex, policy: FencePolicy): FenceStep {
  if (!isPlace(fix)) {
    return { state, events: NO_EVENTS, verdict: 'INVALID' };
  }
  if (!isBehind(state.cursor, fix)) {
    return { state, events: NO_EVENTS, verdict: 'LATE' };
  }
  const cursor = { at: fix.at, key: fix.key };
  const kept = keep(fix);
  let before = state.last;
  if (before !== null && isJump(before, fix, policy)) {
    if (state.suspect === null || isJump(state.suspect, fix, policy)) {
      return { state: { ...state, cursor, suspect: kept }, events: NO_EVENTS, verdict: 'JUMP' };
    }
    // Two fixes agree on the new place: the asset is there, and nobody knows by which way.
    before = null;
  }

  const { hits, along } = index.scratch;
  const hitCount = index.containingInto(fix.longitude, fix.latitude, hits);
  const believed = before !== null && fix.at - before.at <= policy.maxCrossingGapMs ? before : null;
  const alongCount = believed === null ? 0 : index.alongInto(believed, fix, along);
  if (isSettled(state.zones, index, hitCount, alongCount)) {
    return { state: { cursor, last: kept, suspect: null, zones: state.zones }, events: NO_EVENTS, verdict: 'USED' };
  }

  const round = new Round(index, policy, believed, kept, hitCount, alongCount);
  const { zones, events } = round.judge(state.zones);
  return {
    state: { cursor, last: kept, suspect: null, zones },
    events: events.length === 0 ? NO_EVENTS : events.sort(byKindAndZone),
    verdict: 'USED',
  };
}

/** Folds one gate pass: what it says stands at once, and every candidate of that zone falls. Pure; throws nothing. */
export function place(state: AssetFenceState, placement: Placement): FenceStep {
  if (!Number.isFinite(placement.at)) {
    return { state, events: NO_EVENTS, verdict: 'INVALID' };
  }
  if (!isBehind(state.cursor, placement)) {
    return { state, events: NO_EVENTS, verdict: 'LATE' };
  }
  const { zoneId, at, key } = placement;
  const inside = placement.side === 'INSIDE';
  const was = state.zones.find((zone) => zone.zoneId === zoneId);
  const others = state.zones.filter((zone) => zone.zoneId !== zoneId);
  const stood = was?.inside ?? false;
  const zones = inside
    ? [...others, { zoneId, inside, enteredAt: stood ? (was?.enteredAt ?? at) : at, candidate: null }]
    : others;
  const events: FenceEvent[] =
    stood === inside
      ? []
      : [{ kind: inside ? 'ZoneEntered' : 'ZoneExited', zoneId, at, decidedAt: at, source: 'GATE', causes: [key] }];
  return { state: { ...state, cursor: { at, key }, zones: byZoneId(zones) }, events, verdict: 'USED' };
}

function isPlace({ at, longitude, latitude, accuracyM }: Fix): boolean {
  return (
    Number.isFinite(at) &&
    Math.abs(longitude) <= 180 &&
    Math.abs(latitude) <= 90 &&
    (accuracyM === null || accuracyM >= 0)
  );
}

/** Only what the fold needs, so that a state never carries a caller's extra fields. */
function keep({ key, at, longitude, latitude, accuracyM }: Fix): Fix {
  return { key, at, longitude, latitude, accuracyM };
}

function isJump(from: Fix, to: Fix, policy: FencePolicy): boolean {
  const reachM =
    (policy.maxSpeedMps * (to.at - from.at + CLOCK_GRAIN_MS)) / 1000 +
    accuracyOf(from, policy) +
    accuracyOf(to, policy);
  // A degree is nowhere longer than on the equator: most pairs are done without the haversine's five transcendentals.
  const atMostM =
    METRES_PER_DEGREE * (Math.abs(shortWayDeg(to.longitude - from.longitude)) + Math.abs(to.latitude - from.latitude));
  return atMostM > reachM && greatCircleM(from.longitude, from.latitude, to.longitude, to.latitude) > reachM;
}

/** Most fixes: the asset stands in the zones that hold the fix and in no others, and its way came near no more. */
function isSettled(zones: readonly ZoneState[], index: FenceIndex, hitCount: number, alongCount: number): boolean {
  if (zones.length !== hitCount) {
    return false;
  }
  const { hits, along } = index.scratch;
  for (const zone of zones) {
    if (!zone.inside || zone.candidate !== null || index.numberAmong(hits, hitCount, zone.zoneId) < 0) {
      return false;
    }
  }
  for (let i = 0; i < alongCount; i++) {
    if (!includes(hits, hitCount, along[i]!)) {
      return false;
    }
  }
  return true;
}
