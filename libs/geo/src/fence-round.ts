import type { EpochMs } from '#libs/kernel';
import type { FenceIndex, FenceScratch } from './fence-index.js';
import {
  accuracyOf,
  type Candidate,
  type FenceEvent,
  type FencePolicy,
  type Fix,
  type Side,
  type Waypoint,
  type ZoneState,
} from './fence-model.js';
import { greatCircleM, interpolate, type LonLat } from './sphere.js';

/** One fix against all zones that it may concern. */
export class Round {
  readonly zones: ZoneState[] = [];
  readonly events: FenceEvent[] = [];
  private readonly scratch: FenceScratch;
  private readonly accuracyM: number;

  constructor(
    private readonly index: FenceIndex,
    private readonly policy: FencePolicy,
    /** The fix before, when the straight way from it is believed. */
    private readonly before: Fix | null,
    private readonly fix: Fix,
    /** How many of `scratch.hits` hold the fix. */
    private readonly hitCount: number,
    /** How many of `scratch.along` the way may touch. */
    private readonly alongCount: number,
  ) {
    this.scratch = index.scratch;
    this.accuracyM = accuracyOf(fix, policy);
  }

  judge(zones: readonly ZoneState[]): { readonly zones: readonly ZoneState[]; readonly events: FenceEvent[] } {
    const { hits, along, listed } = this.scratch;
    const { hitCount, alongCount } = this;
    let listedCount = 0;
    for (const zone of zones) {
      const number = this.numberOf(zone.zoneId);
      if (number >= 0) {
        listed[listedCount++] = number;
        this.known(zone, number, includes(hits, hitCount, number));
      }
    }
    for (let i = 0; i < hitCount; i++) {
      if (!includes(listed, listedCount, hits[i]!)) {
        this.found(hits[i]!);
      }
    }
    for (let i = 0; i < alongCount; i++) {
      if (!includes(hits, hitCount, along[i]!) && !includes(listed, listedCount, along[i]!)) {
        this.passed(along[i]!);
      }
    }
    return this;
  }

  /** The zones of a state are mostly at hand, so that few are looked up by name. */
  private numberOf(zoneId: string): number {
    const { hits, along } = this.scratch;
    const hit = this.index.numberAmong(hits, this.hitCount, zoneId);
    if (hit >= 0) {
      return hit;
    }
    const near = this.index.numberAmong(along, this.alongCount, zoneId);
    return near >= 0 ? near : this.index.zoneNumber(zoneId);
  }

  /** A zone in which the asset stands, or that it may be about to enter or leave. */
  private known(zone: ZoneState, number: number, holds: boolean): void {
    const { candidate } = zone;
    // Where the asset stands, the zone holds it: neither INSIDE nor NOTHING would change that.
    if (zone.inside && candidate === null && holds) {
      this.zones.push(zone);
      return;
    }
    const said = this.read(number, holds);
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
  private found(number: number): void {
    const { fix, before } = this;
    if (this.isNearEdge(number, fix, this.accuracyM)) {
      return;
    }
    const zoneId = this.index.zoneId(number);
    if (this.index.dwellMs(number) === 0) {
      this.enter(zoneId, fix);
      return;
    }
    const here: Waypoint = { longitude: fix.longitude, latitude: fix.latitude, at: fix.at };
    let cameIn = here;
    let accuracyM = this.accuracyM;
    if (before !== null && this.isSurelyOutside(number, before)) {
      // From outside to inside it met the edge, unless rounding hides that at its very end.
      cameIn = waypointBetween(before, fix, this.meets(number, before) ? this.scratch.range[0]! : 1);
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
  private passed(number: number): void {
    const { before, fix } = this;
    if (before === null || !this.meets(number, before)) {
      return;
    }
    const cameIn = waypointBetween(before, fix, this.scratch.range[0]!);
    const wentOut = waypointBetween(before, fix, this.scratch.range[1]!);
    const accuracyM = Math.max(this.accuracyM, accuracyOf(before, this.policy));
    if (
      this.isNearEdge(number, fix, this.accuracyM) ||
      !this.isSurelyOutside(number, before) ||
      !this.isThrough(number, cameIn, wentOut, accuracyM)
    ) {
      return;
    }
    const zoneId = this.index.zoneId(number);
    if (!this.isNearEdge(number, fix, this.index.bufferM(number))) {
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
    if (fix.at - since.at < this.index.dwellMs(number)) {
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
      if (fix.at - since.at >= this.index.dwellMs(number)) {
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
    const wentOut = this.meets(number, lastIn) ? waypointBetween(lastIn, fix, this.scratch.range[1]!) : lastIn;
    if (this.isThrough(number, visit.cameIn, wentOut, accuracyM)) {
      this.tellCrossed(zone.zoneId, visit.fromKey, visit.cameIn, wentOut);
    }
  }

  private read(number: number, holds: boolean): Side | 'NOTHING' {
    const rimM = holds ? this.accuracyM : Math.max(this.index.bufferM(number), this.accuracyM);
    return this.index.edgeNearerThan(number, this.fix, rimM) ? 'NOTHING' : holds ? 'INSIDE' : 'OUTSIDE';
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
    const enough = Math.max(accuracyM, Math.min(this.index.bufferM(number), this.index.slimnessM(number)));
    return greatCircleM(cameIn.longitude, cameIn.latitude, wentOut.longitude, wentOut.latitude) > enough;
  }

  private isSurelyOutside(number: number, fix: Fix): boolean {
    return (
      !this.index.contains(number, fix.longitude, fix.latitude) &&
      !this.isNearEdge(number, fix, accuracyOf(fix, this.policy))
    );
  }

  private isNearEdge(number: number, fix: Fix, metres: number): boolean {
    return this.index.edgeNearerThan(number, fix, metres);
  }

  /** Whether the way from there to the fix meets the zone's edge; `scratch.range` then says where. */
  private meets(number: number, from: LonLat): boolean {
    return this.index.edgesMet(number, from, this.fix, this.scratch.range);
  }
}

function waypointBetween(from: Waypoint, to: Waypoint, fraction: number): Waypoint {
  const { longitude, latitude } = interpolate(from, to, fraction);
  return { longitude, latitude, at: Math.round(from.at + (to.at - from.at) * fraction) };
}

export function includes(numbers: Uint32Array, count: number, number: number): boolean {
  for (let i = 0; i < count; i++) {
    if (numbers[i] === number) {
      return true;
    }
  }
  return false;
}
