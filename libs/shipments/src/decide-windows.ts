import { DomainError, type EpochMs } from '#libs/kernel';
import type { PartyRole } from './entities/shipment-party.entity.js';
import { commonFacets, facetsOf, PARTY_SIGHT, type Sight } from './party-sight.js';
import { SHIPMENT_CHANGES } from './shipment.states.js';

/** A row of `company_window`. */
export interface CompanyWindow {
  readonly organisationId: string;
  readonly containerNumber: string;
  readonly shipmentId: string;
  readonly validFrom: EpochMs;
  /** Not included; null: until the shipment ends. */
  readonly validTo: EpochMs | null;
  /** A party's role, or the id of a grant. */
  readonly title: string;
  readonly sees: readonly string[] | null;
}

/** What is to be done to windows. DROP is for one that would have begun later. */
export type WindowChange =
  | { readonly do: 'OPEN'; readonly window: CompanyWindow }
  | { readonly do: 'CLOSE'; readonly window: CompanyWindow; readonly at: EpochMs }
  | { readonly do: 'DROP'; readonly window: CompanyWindow }
  | { readonly do: 'MOVE'; readonly window: CompanyWindow; readonly to: string };

export interface BookedParty {
  readonly organisationId: string;
  readonly role: PartyRole;
  /** null: all boxes. */
  readonly containers: readonly string[] | null;
  /** Pick-up and delivery, for a part that sees a box between the two. */
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
}

/**
 * The windows of a booking: nobody sees a box's time before it, whatever pick-up is told.
 * @throws DomainError INVALID_INPUT for a party's box that is not booked and a part told twice, INVALID_PERIOD for a part without its
 *   times
 */
export function windowsOfBooking(
  shipmentId: string,
  containers: readonly string[],
  parties: readonly BookedParty[],
  at: EpochMs,
): readonly CompanyWindow[] {
  const parts = parties.map(({ organisationId, role }) => `${organisationId} ${role}`);
  if (new Set(parts).size !== parts.length) {
    throw new DomainError('INVALID_INPUT', { field: 'input.parties', expected: 'each part of an organisation once' });
  }
  return parties.flatMap((party, index) => {
    const field = `input.parties.${index}`;
    const { timed } = PARTY_SIGHT[party.role];
    if (timed !== (party.from !== null && party.to !== null)) {
      throw new DomainError('INVALID_PERIOD', {
        field,
        value: party.role,
        expected: timed ? 'the times of pick-up and delivery' : 'no times: it sees a box from the booking to the end',
      });
    }
    const from = Math.max(at, party.from ?? at);
    if (party.to !== null && party.to <= from) {
      throw new DomainError('INVALID_PERIOD', { field, expected: 'a delivery later than the pick-up and than now' });
    }
    const strange = party.containers?.filter((number) => !containers.includes(number)) ?? [];
    if (strange.length > 0) {
      throw new DomainError('INVALID_INPUT', { field, value: strange, expected: 'boxes of the booking' });
    }
    return (party.containers ?? containers).map((containerNumber) => ({
      organisationId: party.organisationId,
      containerNumber,
      shipmentId,
      validFrom: from,
      validTo: party.to,
      title: party.role,
      sees: facetsOf(party.role),
    }));
  });
}

/** Boxes that are under way with a shipment now. */
export function boxesUnderWay(windows: readonly CompanyWindow[], at: EpochMs): ReadonlySet<string> {
  return new Set(windows.filter(({ validTo }) => isOpen(validTo, at)).map(({ containerNumber }) => containerNumber));
}

/** What becomes of a shipment's windows. */
export type WindowCommand =
  | { readonly change: 'CONTAINER_SWAPPED'; readonly out: string; readonly in: string }
  | { readonly change: 'SPLIT'; readonly containers: readonly string[]; readonly to: string }
  | { readonly change: 'MERGED'; readonly to: string }
  | { readonly change: 'CONTAINER_RELEASED'; readonly container: string }
  | { readonly change: 'ROLLED_OVER' | 'ENDED' };

/**
 * @param windows all of the shipment's
 * @param ofOneBox titles of the grants of a box, which do not follow it into another
 * @throws DomainError CONFLICT for a box that is not under way with it, one that is already, or a split that leaves nothing
 */
export function decideWindows(
  command: WindowCommand,
  windows: readonly CompanyWindow[],
  ofOneBox: ReadonlySet<string>,
  at: EpochMs,
): readonly WindowChange[] {
  const named = namedBoxes(command, boxesUnderWay(windows, at));
  const concerned = windows.filter(({ containerNumber }) => named === 'ALL' || named.includes(containerNumber));
  switch (SHIPMENT_CHANGES[command.change].windows) {
    case 'KEEP':
    case 'OPEN':
      return [];
    case 'MOVE':
      return 'to' in command ? concerned.map((window) => ({ do: 'MOVE', window, to: command.to })) : [];
    case 'CLOSE':
      return concerned.flatMap((window) => closed(window, at));
    case 'FOLLOW':
      return concerned.flatMap((window) => {
        const ending = closed(window, at);
        if (ending.length === 0 || !('in' in command) || ofOneBox.has(window.title)) return ending;
        const next = { ...window, containerNumber: command.in, validFrom: Math.max(at, window.validFrom) };
        return [...ending, { do: 'OPEN', window: next }];
      });
  }
}

/** @throws DomainError CONFLICT */
function namedBoxes(command: WindowCommand, underWay: ReadonlySet<string>): readonly string[] | 'ALL' {
  switch (command.change) {
    case 'CONTAINER_SWAPPED':
      refuseAway([command.out], underWay, 'input.out');
      if (underWay.has(command.in)) {
        throw new DomainError('CONFLICT', { field: 'input.in', value: command.in, expected: 'another box' });
      }
      return [command.out];
    case 'SPLIT':
      refuseAway(command.containers, underWay, 'input.containers');
      if (command.containers.length === 0 || underWay.size === new Set(command.containers).size) {
        throw new DomainError('INVALID_INPUT', {
          field: 'input.containers',
          value: command.containers,
          expected: 'some of the boxes that are under way, and not all',
        });
      }
      return command.containers;
    case 'CONTAINER_RELEASED':
      return [command.container];
    case 'MERGED':
    case 'ROLLED_OVER':
    case 'ENDED':
      return 'ALL';
  }
}

function refuseAway(numbers: readonly string[], underWay: ReadonlySet<string>, field: string): void {
  const away = numbers.filter((number) => !underWay.has(number));
  if (away.length > 0) {
    throw new DomainError('CONFLICT', { field, value: away, expected: 'boxes that are under way with the shipment' });
  }
}

const isOpen = (validTo: EpochMs | null, at: EpochMs): boolean => validTo === null || validTo > at;

function closed(window: CompanyWindow, at: EpochMs): readonly WindowChange[] {
  if (!isOpen(window.validTo, at)) return [];
  if (window.validFrom > at) return [{ do: 'DROP', window }];
  // A stretch has at least its first millisecond.
  return [{ do: 'CLOSE', window, at: Math.max(at, window.validFrom + 1) }];
}

export interface GrantTerms {
  readonly id: string;
  readonly granteeId: string;
  /** null: every box of the shipment. */
  readonly containerNumber: string | null;
  readonly seenAs: Sight;
  readonly from: EpochMs;
  /** null: as long as the grantor's own. */
  readonly to: EpochMs | null;
}

/**
 * Windows of a grant: the part of the grantor's own windows that lies in its stretch, showing what both may show.
 * @param own the grantor's windows of the shipment as its party; what it was granted itself is not its to grant
 * @throws DomainError NOT_FOUND when it has none on the box; INVALID_PERIOD when the stretch is not within them
 */
export function windowsOfGrant(own: readonly CompanyWindow[], terms: GrantTerms): readonly CompanyWindow[] {
  const { id, granteeId, containerNumber, seenAs, from, to } = terms;
  const open = oneForEachStretch(
    own.filter((window) => containerNumber === null || window.containerNumber === containerNumber),
  );
  if (open.length === 0) throw new DomainError('NOT_FOUND', { field: 'input.container', value: containerNumber });
  const earliest = Math.min(...open.map(({ validFrom }) => validFrom));
  const ends = open.map(({ validTo }) => validTo ?? Number.POSITIVE_INFINITY);
  const latest = Math.max(...ends);
  if (from < earliest || from >= latest || (to !== null && (to <= from || to > latest))) {
    throw new DomainError('INVALID_PERIOD', {
      field: 'input.from',
      expected: `within your own window, from ${new Date(earliest).toISOString()}${
        latest === Number.POSITIVE_INFINITY ? '' : ` to ${new Date(latest).toISOString()}`
      }`,
    });
  }
  return open.flatMap((window) => {
    const validFrom = Math.max(from, window.validFrom);
    const validTo = earlier(to, window.validTo);
    if (validTo !== null && validTo <= validFrom) return [];
    const sees = commonFacets(window.sees, facetsOf(seenAs));
    return [{ ...window, organisationId: granteeId, title: id, validFrom, validTo, sees }];
  });
}

/** A company with two parts has two windows on one stretch: together they show what either does, as long as either does. */
function oneForEachStretch(windows: readonly CompanyWindow[]): readonly CompanyWindow[] {
  const stretches = new Map<string, CompanyWindow>();
  for (const window of windows) {
    const key = `${window.containerNumber} ${window.validFrom}`;
    const known = stretches.get(key);
    stretches.set(
      key,
      known === undefined
        ? window
        : {
            ...window,
            validTo: known.validTo === null || window.validTo === null ? null : Math.max(known.validTo, window.validTo),
            sees: known.sees === null || window.sees === null ? null : [...new Set([...known.sees, ...window.sees])],
          },
    );
  }
  return [...stretches.values()];
}

const earlier = (one: EpochMs | null, other: EpochMs | null): EpochMs | null =>
  one === null ? other : other === null ? one : Math.min(one, other);
