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
import type { EpochMs } from '#libs/kernel';
import type { FenceIndex } from './fence-index.js';
import { greatCircleM, interpolate, METRES_PER_DEGREE, shortWayDeg, type LonLat } from './sphere.js';

/** One position of one asset. */
export interface Fix {
  /** Names the fix for ever and breaks ties of time, by code units. */
  readonly key: string;
  readonly at: EpochMs;
  readonly longitude: number;
  readonly latitude: number;
  /** 1-sigma horizontal error in metres; null when the device does not tell it. */
  readonly accuracyM: number | null;
}

export type Side = 'INSIDE' | 'OUTSIDE';

/** What a gate pass says: certain, and at once. */
export interface Placement {
  readonly key: string;
  readonly at: EpochMs;
  readonly zoneId: string;
  readonly side: Side;
}

export type FenceItem = (Fix & { readonly kind: 'FIX' }) | (Placement & { readonly kind: 'PLACEMENT' });

/** What holds for all zones; a zone's own policy is its buffer and dwell. */
export interface FencePolicy {
  /** Metres per second above which two fixes cannot both be right. */
  readonly maxSpeedMps: number;
  /** Metres, for fixes that do not tell their accuracy. */
  readonly assumedAccuracyM: number;
  /** Milliseconds between two fixes up to which the straight way between them is believed. */
  readonly maxCrossingGapMs: number;
}

/** 200 km/h, fixes of unknown accuracy taken as they are, ways of at most ten minutes. */
export const DEFAULT_FENCE_POLICY: FencePolicy = {
  maxSpeedMps: 56,
  assumedAccuracyM: 0,
  maxCrossingGapMs: 600_000,
};

/** A place on the way at a time. */
export interface Waypoint extends LonLat {
  readonly at: EpochMs;
}

/** A side that has been seen and does not stand yet. */
export interface Candidate {
  /** First fix on the new side; null for a way that led into the zone and has no fix inside so far. */
  readonly since: { readonly at: EpochMs; readonly key: string } | null;
  /** For a visit: where the way came in, and the last place known to be inside. Null for a leaving. */
  readonly visit: {
    readonly fromKey: string;
    readonly cameIn: Waypoint;
    readonly lastIn: Waypoint;
    /** The worst accuracy of the fixes that it rests on, in metres. */
    readonly accuracyM: number;
  } | null;
}

export interface ZoneState {
  readonly zoneId: string;
  readonly inside: boolean;
  /** When the zone was entered; null while outside. */
  readonly enteredAt: EpochMs | null;
  readonly candidate: Candidate | null;
}

/** All that the fold remembers of one asset: plain JSON. A zone that is not listed is one that the asset stands outside of. */
export interface AssetFenceState {
  /** The last item that was folded. */
  readonly cursor: { readonly at: EpochMs; readonly key: string } | null;
  /** The last fix that was believed. */
  readonly last: Fix | null;
  /** A fix too far from `last` for its time; believed when the next one agrees with it. */
  readonly suspect: Fix | null;
  readonly zones: readonly ZoneState[];
}

export const INITIAL_FENCE_STATE: AssetFenceState = { cursor: null, last: null, suspect: null, zones: [] };

/** What an event rests on. Together with kind and zone, `causes` names the event whatever comes later. */
interface FenceEventBase {
  readonly zoneId: string;
  readonly at: EpochMs;
  /** The time of the item that decided it: `at` plus the dwell or more. */
  readonly decidedAt: EpochMs;
  readonly source: 'FIX' | 'GATE';
  readonly causes: readonly string[];
}

export interface ZoneEntered extends FenceEventBase {
  readonly kind: 'ZoneEntered';
}

export interface ZoneExited extends FenceEventBase {
  readonly kind: 'ZoneExited';
}

/** `at` is `enteredAt`; both are interpolated and whole milliseconds. */
export interface ZoneCrossed extends FenceEventBase {
  readonly kind: 'ZoneCrossed';
  readonly enteredAt: EpochMs;
  readonly exitedAt: EpochMs;
}

export type FenceEvent = ZoneEntered | ZoneExited | ZoneCrossed;

/**
 * What became of an item.
 * - USED: folded.
 * - LATE: not behind the state's cursor; fold again from an earlier state with it.
 * - JUMP: too far for its time; it decides nothing.
 * - INVALID: not a place on earth, or not a time.
 */
export type Verdict = 'USED' | 'LATE' | 'JUMP' | 'INVALID';

export interface FenceStep {
  readonly state: AssetFenceState;
  /** Exits first, then crossings, then entries; each by zone id. */
  readonly events: readonly FenceEvent[];
  readonly verdict: Verdict;
}

/** Milliseconds: NMEA and JT/T 808 clocks tell whole seconds, so two times can be this far off. */
const CLOCK_GRAIN_MS = 1000;

const NO_EVENTS: readonly FenceEvent[] = [];

interface Scratch {
  readonly hits: Uint32Array;
  readonly along: Uint32Array;
  readonly range: Float64Array;
}

const scratchOf = new WeakMap<FenceIndex, Scratch>();

function scratchFor(index: FenceIndex): Scratch {
  let scratch = scratchOf.get(index);
  if (scratch === undefined) {
    scratch = { hits: new Uint32Array(index.size), along: new Uint32Array(index.size), range: new Float64Array(2) };
    scratchOf.set(index, scratch);
  }
  return scratch;
}

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

  const scratch = scratchFor(index);
  const accuracyM = accuracyOf(fix, policy);
  const hits = index.containingInto(fix.longitude, fix.latitude, scratch.hits);
  const believed = before !== null && fix.at - before.at <= policy.maxCrossingGapMs ? before : null;
  const touched =
    believed === null
      ? 0
      : index.alongInto(believed.longitude, believed.latitude, fix.longitude, fix.latitude, scratch.along);
  if (hits === 0 && touched === 0 && state.zones.length === 0) {
    return { state: { cursor, last: kept, suspect: null, zones: state.zones }, events: NO_EVENTS, verdict: 'USED' };
  }

  const round = new Round(index, policy, scratch, believed, kept, accuracyM);
  for (const zone of state.zones) {
    const number = index.zoneNumber(zone.zoneId);
    if (number >= 0) {
      round.known(zone, number);
    }
  }
  for (let i = 0; i < hits; i++) {
    const number = scratch.hits[i]!;
    if (!isListed(state.zones, index, number)) {
      round.found(number);
    }
  }
  for (let i = 0; i < touched; i++) {
    const number = scratch.along[i]!;
    if (!includes(scratch.hits, hits, number) && !isListed(state.zones, index, number)) {
      round.passed(number);
    }
  }
  return {
    state: { cursor, last: kept, suspect: null, zones: round.zones },
    events: round.events.length === 0 ? NO_EVENTS : round.events.sort(byKindAndZone),
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

export interface Folded {
  readonly state: AssetFenceState;
  /** By time, then kind, then zone. */
  readonly events: readonly FenceEvent[];
  /** Items that were not folded, by key; a jump is listed too. */
  readonly unused: readonly { readonly key: string; readonly verdict: Exclude<Verdict, 'USED'> }[];
}

/**
 * Folds a set of items in the order of time and key, whatever the order in which they are given; an item that comes
 * twice counts once. A late fix is handled by folding again, from the state before it, with it in the set.
 */
export function foldFixes(
  initial: AssetFenceState,
  items: Iterable<FenceItem>,
  index: FenceIndex,
  policy: FencePolicy,
): Folded {
  const events: FenceEvent[] = [];
  const unused: { key: string; verdict: Exclude<Verdict, 'USED'> }[] = [];
  let state = initial;
  let before: FenceItem | null = null;
  for (const item of [...items].sort(byTimeAndKey)) {
    if (before !== null && before.at === item.at && before.key === item.key) {
      continue;
    }
    before = item;
    const done = item.kind === 'FIX' ? step(state, item, index, policy) : place(state, item);
    state = done.state;
    events.push(...done.events);
    if (done.verdict !== 'USED') {
      unused.push({ key: item.key, verdict: done.verdict });
    }
  }
  return { state, events: events.sort(byTimeKindAndZone), unused };
}

/** What a new fold changes about the events told so far, compared by kind, zone and time (promise 3). */
export interface FenceCorrection {
  readonly added: readonly FenceEvent[];
  readonly withdrawn: readonly FenceEvent[];
}

export function correctionOf(told: readonly FenceEvent[], now: readonly FenceEvent[]): FenceCorrection {
  const toldNames = new Set(told.map(nameOf));
  const nowNames = new Set(now.map(nameOf));
  return {
    added: now.filter((event) => !toldNames.has(nameOf(event))),
    withdrawn: told.filter((event) => !nowNames.has(nameOf(event))),
  };
}

function nameOf(event: FenceEvent): string {
  return JSON.stringify([event.kind, event.zoneId, event.at, event.kind === 'ZoneCrossed' ? event.exitedAt : null]);
}

/** One fix against all zones that it may concern. */
class Round {
  readonly zones: ZoneState[] = [];
  readonly events: FenceEvent[] = [];

  constructor(
    private readonly index: FenceIndex,
    private readonly policy: FencePolicy,
    private readonly scratch: Scratch,
    /** The fix before, when the straight way from it is believed. */
    private readonly before: Fix | null,
    private readonly fix: Fix,
    private readonly accuracyM: number,
  ) {}

  /** A zone in which the asset stands, or that it may be about to enter or leave. */
  known(zone: ZoneState, number: number): void {
    const { fix } = this;
    const { candidate } = zone;
    const bufferM = this.index.zones[number]!.bufferM;
    // Most fixes of a standing asset: where it stands, the zone holds it. Neither INSIDE nor NOTHING would change that.
    if (zone.inside && candidate === null && this.index.contains(number, fix.longitude, fix.latitude)) {
      this.zones.push(zone);
      return;
    }
    const said = this.read(number, bufferM);
    if (said === 'NOTHING') {
      this.zones.push(zone);
      return;
    }
    if (zone.inside) {
      this.stands(zone, number, said);
    } else if (candidate !== null && candidate.visit !== null) {
      this.visits(zone, candidate, candidate.visit, number, said);
    }
  }

  /** A zone that holds the fix, and that the asset stood outside of until now. */
  found(number: number): void {
    const { fix, before } = this;
    if (this.index.edgeNearerThan(number, fix.longitude, fix.latitude, this.accuracyM)) {
      return;
    }
    const { zoneId, dwellMs } = this.index.zones[number]!;
    if (dwellMs === 0) {
      this.enter(zoneId, fix);
      return;
    }
    const here: Waypoint = { longitude: fix.longitude, latitude: fix.latitude, at: fix.at };
    let cameIn = here;
    let accuracyM = this.accuracyM;
    if (before !== null && this.isSurelyOutside(number, before) && this.cross(number, before)) {
      cameIn = this.waypoint(before, this.scratch.range[0]!);
      accuracyM = Math.max(accuracyM, accuracyOf(before, this.policy));
    }
    this.zones.push({
      zoneId,
      inside: false,
      enteredAt: null,
      candidate: {
        since: { at: fix.at, key: fix.key },
        visit: { fromKey: before?.key ?? fix.key, cameIn, lastIn: here, accuracyM },
      },
    });
  }

  /** A zone that the way from the fix before may have led through. */
  passed(number: number): void {
    const { before, fix } = this;
    if (
      before === null ||
      !this.index.edgesMet(number, before.longitude, before.latitude, fix.longitude, fix.latitude, this.scratch.range)
    ) {
      return;
    }
    const cameIn = this.waypoint(before, this.scratch.range[0]!);
    const wentOut = this.waypoint(before, this.scratch.range[1]!);
    const accuracyM = Math.max(this.accuracyM, accuracyOf(before, this.policy));
    if (!this.isSurelyOutside(number, before) || !this.isSurelyOutside(number, fix)) {
      return;
    }
    if (!this.isThrough(number, cameIn, wentOut, accuracyM)) {
      return;
    }
    const { zoneId, bufferM } = this.index.zones[number]!;
    if (!this.index.edgeNearerThan(number, fix.longitude, fix.latitude, bufferM)) {
      this.tellCrossed(zoneId, before.key, cameIn, wentOut);
      return;
    }
    // Through, but not yet beyond the buffer: it may still turn back in and stay.
    this.zones.push({
      zoneId,
      inside: false,
      enteredAt: null,
      candidate: { since: null, visit: { fromKey: before.key, cameIn, lastIn: wentOut, accuracyM } },
    });
  }

  private stands(zone: ZoneState, number: number, said: Side): void {
    const { fix } = this;
    if (said === 'INSIDE') {
      this.zones.push(zone.candidate === null ? zone : { ...zone, candidate: null });
      return;
    }
    const since = zone.candidate?.since ?? { at: fix.at, key: fix.key };
    if (fix.at - since.at < this.index.zones[number]!.dwellMs) {
      this.zones.push(zone.candidate === null ? { ...zone, candidate: { since, visit: null } } : zone);
      return;
    }
    this.events.push({
      kind: 'ZoneExited',
      zoneId: zone.zoneId,
      at: since.at,
      decidedAt: fix.at,
      source: 'FIX',
      causes: [since.key],
    });
  }

  private visits(
    zone: ZoneState,
    candidate: Candidate,
    visit: NonNullable<Candidate['visit']>,
    number: number,
    said: Side,
  ): void {
    const { fix } = this;
    const accuracyM = Math.max(visit.accuracyM, this.accuracyM);
    if (said === 'INSIDE') {
      const since = candidate.since ?? { at: fix.at, key: fix.key };
      if (fix.at - since.at >= this.index.zones[number]!.dwellMs) {
        this.enter(zone.zoneId, since);
        return;
      }
      const lastIn: Waypoint = { longitude: fix.longitude, latitude: fix.latitude, at: fix.at };
      this.zones.push({ ...zone, candidate: { since, visit: { ...visit, lastIn, accuracyM } } });
      return;
    }
    if (fix.at - visit.lastIn.at > this.policy.maxCrossingGapMs) {
      return;
    }
    const { lastIn } = visit;
    const { range } = this.scratch;
    const wentOut = this.index.crossingInto(
      number,
      lastIn.longitude,
      lastIn.latitude,
      fix.longitude,
      fix.latitude,
      range,
    )
      ? waypointBetween(lastIn, fix, range[1]!)
      : lastIn;
    if (this.isThrough(number, visit.cameIn, wentOut, accuracyM)) {
      this.tellCrossed(zone.zoneId, visit.fromKey, visit.cameIn, wentOut);
    }
  }

  private read(number: number, bufferM: number): Side | 'NOTHING' {
    const { longitude, latitude } = this.fix;
    const inside = this.index.contains(number, longitude, latitude);
    const rimM = inside ? this.accuracyM : Math.max(bufferM, this.accuracyM);
    return this.index.edgeNearerThan(number, longitude, latitude, rimM) ? 'NOTHING' : inside ? 'INSIDE' : 'OUTSIDE';
  }

  private enter(zoneId: string, since: { at: EpochMs; key: string }): void {
    this.zones.push({ zoneId, inside: true, enteredAt: since.at, candidate: null });
    this.events.push({
      kind: 'ZoneEntered',
      zoneId,
      at: since.at,
      decidedAt: this.fix.at,
      source: 'FIX',
      causes: [since.key],
    });
  }

  private tellCrossed(zoneId: string, fromKey: string, cameIn: Waypoint, wentOut: Waypoint): void {
    this.events.push({
      kind: 'ZoneCrossed',
      zoneId,
      at: cameIn.at,
      enteredAt: cameIn.at,
      exitedAt: wentOut.at,
      decidedAt: this.fix.at,
      source: 'FIX',
      causes: [fromKey, this.fix.key],
    });
  }

  private isThrough(number: number, cameIn: Waypoint, wentOut: Waypoint, accuracyM: number): boolean {
    const enough = Math.max(accuracyM, Math.min(this.index.zones[number]!.bufferM, this.index.slimnessOf(number)));
    return greatCircleM(cameIn.longitude, cameIn.latitude, wentOut.longitude, wentOut.latitude) > enough;
  }

  private isSurelyOutside(number: number, fix: Fix): boolean {
    return (
      !this.index.contains(number, fix.longitude, fix.latitude) &&
      !this.index.edgeNearerThan(number, fix.longitude, fix.latitude, accuracyOf(fix, this.policy))
    );
  }

  private cross(number: number, before: Fix): boolean {
    const { fix } = this;
    return this.index.crossingInto(
      number,
      before.longitude,
      before.latitude,
      fix.longitude,
      fix.latitude,
      this.scratch.range,
    );
  }

  private waypoint(before: Fix, fraction: number): Waypoint {
    return waypointBetween(before, this.fix, fraction);
  }
}

function waypointBetween(from: Waypoint, to: Waypoint, fraction: number): Waypoint {
  const { longitude, latitude } = interpolate(from, to, fraction);
  return { longitude, latitude, at: Math.round(from.at + (to.at - from.at) * fraction) };
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

function accuracyOf(fix: Fix, policy: FencePolicy): number {
  return fix.accuracyM ?? policy.assumedAccuracyM;
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

function isBehind(cursor: AssetFenceState['cursor'], item: { at: EpochMs; key: string }): boolean {
  return cursor === null || item.at > cursor.at || (item.at === cursor.at && item.key > cursor.key);
}

function isListed(zones: readonly ZoneState[], index: FenceIndex, number: number): boolean {
  const { zoneId } = index.zones[number]!;
  for (const zone of zones) {
    if (zone.zoneId === zoneId) {
      return true;
    }
  }
  return false;
}

function includes(numbers: Uint32Array, count: number, number: number): boolean {
  for (let i = 0; i < count; i++) {
    if (numbers[i] === number) {
      return true;
    }
  }
  return false;
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byTimeAndKey(a: FenceItem, b: FenceItem): number {
  return a.at - b.at || compareKeys(a.key, b.key);
}

function byZoneId(zones: readonly ZoneState[]): readonly ZoneState[] {
  return [...zones].sort((a, b) => compareKeys(a.zoneId, b.zoneId));
}

const RANK: Readonly<Record<FenceEvent['kind'], number>> = { ZoneExited: 0, ZoneCrossed: 1, ZoneEntered: 2 };

function byKindAndZone(a: FenceEvent, b: FenceEvent): number {
  return RANK[a.kind] - RANK[b.kind] || compareKeys(a.zoneId, b.zoneId);
}

function byTimeKindAndZone(a: FenceEvent, b: FenceEvent): number {
  return a.at - b.at || byKindAndZone(a, b);
}
