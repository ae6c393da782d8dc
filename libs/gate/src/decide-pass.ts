import { derivedId, type EpochMs } from '#libs/kernel';
import type { NewTrackingEvent } from '#libs/journal';
import type { PassException, ResolvedPass } from './resolved-pass.js';

export interface TruckVisit {
  readonly id: string;
  readonly siteId: string;
  readonly truckPlate: string;
  readonly chassisPlate: string | null;
  readonly driverId: string | null;
  readonly openedAt: EpochMs;
  /** null while the truck is in the terminal. */
  readonly closedAt: EpochMs | null;
}

export interface VisitTransaction {
  readonly id: string;
  readonly siteId: string;
  readonly visitId: string;
  readonly passId: string;
  readonly kind: 'DELIVER' | 'RECEIVE';
  readonly containerNumber: string;
  readonly fullness: 'LADEN' | 'EMPTY' | null;
  readonly position: string | null;
  readonly occurredAt: EpochMs;
}

/** The truck's visits around the pass, by event time: a pass may come after later ones were recorded. */
export interface VisitsAround {
  /** The newest that opened at or before the pass. */
  readonly before: TruckVisit | null;
  /** The oldest that opened after the pass. */
  readonly next: TruckVisit | null;
}

export type VisitEffect =
  | { readonly effect: 'open'; readonly visit: TruckVisit }
  /** Its entry came to be known after its exit. */
  | {
      readonly effect: 'begin';
      readonly visitId: string;
      readonly at: EpochMs;
      readonly chassisPlate: string | null;
      readonly driverId: string | null;
    }
  /** Ends an open visit, or one whose end was only supposed, earlier. */
  | { readonly effect: 'close'; readonly visitId: string; readonly at: EpochMs };

export interface PassConsequences {
  readonly visitId: string | null;
  readonly visitEffects: readonly VisitEffect[];
  readonly transactions: readonly VisitTransaction[];
  readonly events: readonly NewTrackingEvent[];
  /** Those of the pass, and those that its visit adds. */
  readonly exceptions: readonly PassException[];
}

/**
 * What follows from a pass: visit, transactions, journal events. Pure.
 *
 * - Only CROSSED with a known direction makes gate events; a tag read alone never does. One exception: a truck that was seen to
 *   leave the terminal has left it. ContainerGatedOut is an observed fact, written even when it was denied, with an alarm.
 * - In and out of one stay are one visit: in opens it, out closes it. A truck that comes in twice missed an out,
 *   one that goes out without a visit missed an in; both are kept and marked.
 *   What was missed takes its place when it comes late.
 * - A refusal writes PassRefused for the truck and for each box; a company sees the box's, so only the truck's tells the reason.
 */
export function decidePass(pass: ResolvedPass, visits: VisitsAround): PassConsequences {
  if (hasCrossed(pass)) {
    const unaccepted = pass.outcome !== 'CROSSED';
    return crossed(
      unaccepted ? { ...pass, exceptions: [...pass.exceptions, 'GATED_OUT_UNACCEPTED'] } : pass,
      pass.direction,
      visits,
    );
  }
  if (pass.outcome === 'CROSSED') return nothing(pass);
  return {
    ...nothing(pass),
    visitId: openVisitId(pass, visits),
    events: pass.outcome === 'REFUSED' ? [...truckRefused(pass), ...boxesRefused(pass)] : [],
  };
}

/** Accepted and through, or seen to leave the terminal without having been accepted; which way is known of both. */
export function hasCrossed<P extends Pick<ResolvedPass, 'outcome' | 'direction' | 'exit'>>(
  pass: P,
): pass is P & { readonly direction: 'IN' | 'OUT' } {
  if (pass.outcome === 'UNDECIDED') return pass.direction === 'OUT' && pass.exit === 'SEEN';
  return pass.outcome === 'CROSSED' && pass.direction !== 'UNKNOWN';
}

function nothing(pass: ResolvedPass): PassConsequences {
  return { visitId: null, visitEffects: [], transactions: [], events: [], exceptions: pass.exceptions };
}

/** A truck that is turned away on its way out is still on its visit; one that is turned away on its way in has none. */
function openVisitId(pass: ResolvedPass, { before }: VisitsAround): string | null {
  return pass.direction === 'OUT' && before?.closedAt === null ? before.id : null;
}

function crossed(pass: ResolvedPass, direction: 'IN' | 'OUT', visits: VisitsAround): PassConsequences {
  const { visitId, effects, exceptions } =
    pass.truckPlate === null
      ? { visitId: null, effects: [], exceptions: [] }
      : direction === 'IN'
        ? visitOfEntry(pass, pass.truckPlate, visits)
        : visitOfExit(pass, pass.truckPlate, visits);
  return {
    visitId,
    visitEffects: effects,
    ...boxesCrossed(pass, direction, visitId),
    exceptions: [...pass.exceptions, ...exceptions],
  };
}

/** Gate event and transaction of each box of a pass that crossed; also for a box that a person named afterwards. */
export function boxesCrossed(
  pass: ResolvedPass,
  direction: 'IN' | 'OUT',
  visitId: string | null,
): Pick<PassConsequences, 'events' | 'transactions'> {
  return {
    transactions: visitId === null ? [] : transactionsOf(pass, visitId, direction),
    events: pass.boxes.map((box) =>
      gateEvent(pass, visitId, {
        kind: direction === 'IN' ? 'ContainerGatedIn' : 'ContainerGatedOut',
        asset: { kind: 'CONTAINER', code: box.containerNumber },
        payload: { direction, evidence: box.evidence, fullness: box.fullness, position: box.position },
      }),
    ),
  };
}

interface VisitDecision {
  readonly visitId: string;
  readonly effects: readonly VisitEffect[];
  readonly exceptions: readonly PassException[];
}

function visitOfEntry(pass: ResolvedPass, truckPlate: string, { before, next }: VisitsAround): VisitDecision {
  const missedOut = before !== null && before.closedAt === null;
  const closed: readonly VisitEffect[] = missedOut ? [{ effect: 'close', visitId: before.id, at: pass.closedAt }] : [];
  if (next !== null && missedItsEntry(next)) {
    const { chassisPlate, driverId, closedAt: at } = pass;
    return {
      visitId: next.id,
      effects: [...closed, { effect: 'begin', visitId: next.id, at, chassisPlate, driverId }],
      exceptions: missedOut ? ['MISSED_OUT'] : [],
    };
  }
  const visit = newVisit(pass, truckPlate, next?.openedAt ?? null);
  return {
    visitId: visit.id,
    effects: [...closed, { effect: 'open', visit }],
    exceptions: missedOut || next !== null ? ['MISSED_OUT'] : [],
  };
}

/** Opened by its own exit. */
const missedItsEntry = (visit: TruckVisit): boolean => visit.openedAt === visit.closedAt;

/** Closed by the entry that opened the next one. */
const missedItsExit = (visit: TruckVisit, next: TruckVisit | null): boolean =>
  next !== null && visit.closedAt === next.openedAt;

function visitOfExit(pass: ResolvedPass, truckPlate: string, { before, next }: VisitsAround): VisitDecision {
  if (before === null || (before.closedAt !== null && before.closedAt < pass.occurredAt)) {
    const visit = newVisit(pass, truckPlate, pass.closedAt);
    return { visitId: visit.id, effects: [{ effect: 'open', visit }], exceptions: ['MISSED_IN'] };
  }
  if (before.closedAt !== null && !(missedItsExit(before, next) && pass.closedAt < before.closedAt)) {
    return { visitId: before.id, effects: [], exceptions: ['VISIT_ALREADY_CLOSED'] };
  }
  return { visitId: before.id, effects: [{ effect: 'close', visitId: before.id, at: pass.closedAt }], exceptions: [] };
}

function newVisit(pass: ResolvedPass, truckPlate: string, closedAt: EpochMs | null): TruckVisit {
  return {
    id: derivedId('visit', pass.siteId, pass.id),
    siteId: pass.siteId,
    truckPlate,
    chassisPlate: pass.chassisPlate,
    driverId: pass.driverId,
    openedAt: pass.closedAt,
    closedAt,
  };
}

function transactionsOf(pass: ResolvedPass, visitId: string, direction: 'IN' | 'OUT'): VisitTransaction[] {
  return pass.boxes.map((box) => ({
    id: derivedId('transaction', pass.siteId, pass.id, box.containerNumber),
    siteId: pass.siteId,
    visitId,
    passId: pass.id,
    kind: direction === 'IN' ? 'DELIVER' : 'RECEIVE',
    containerNumber: box.containerNumber,
    fullness: box.fullness,
    position: box.position,
    occurredAt: pass.closedAt,
  }));
}

function truckRefused(pass: ResolvedPass): NewTrackingEvent[] {
  if (pass.truckPlate === null) return [];
  return [
    gateEvent(pass, null, {
      kind: 'PassRefused',
      asset: { kind: 'TRUCK', code: pass.truckPlate },
      payload: { direction: pass.direction, by: pass.decision?.by ?? null, reason: pass.decision?.reason ?? null },
    }),
  ];
}

/** The refusal as each box's company reads it; also for a box that a person named afterwards. */
export function boxesRefused(pass: ResolvedPass): NewTrackingEvent[] {
  return pass.boxes.map((box) =>
    gateEvent(pass, null, {
      kind: 'PassRefused',
      asset: { kind: 'CONTAINER', code: box.containerNumber },
      payload: { direction: pass.direction, evidence: box.evidence },
    }),
  );
}

function gateEvent(
  pass: ResolvedPass,
  visitId: string | null,
  fact: Pick<NewTrackingEvent, 'kind' | 'asset' | 'payload'>,
): NewTrackingEvent {
  return {
    ...fact,
    siteId: pass.siteId,
    occurredAt: pass.closedAt,
    receivedAt: pass.receivedAt,
    truckPlate: pass.truckPlate,
    gateId: pass.gateId,
    laneId: pass.laneId,
    zoneId: pass.zoneId,
    passId: pass.id,
    visitId,
    source: pass.source === 'HAND' ? 'HAND' : 'READER',
    late: false,
    withdraws: null,
    causes: [pass.id],
  };
}
