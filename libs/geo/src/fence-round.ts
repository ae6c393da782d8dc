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
import { greatCircleM, interpolate } from './sphere.js';

/** One fix against all zones that it may concern. */
export class Round {
  readonly zones: ZoneState[] = [];
  readonly events: FenceEvent[] = [];

  constructor(
    private readonly index: FenceIndex,
    private readonly policy: FencePolicy,
    private readonly scratch: FenceScratch,
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
