import { derivedId } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  boxesUnderWay,
  decideWindows,
  windowsOfBooking,
  windowsOfGrant,
  type BookedParty,
  type CompanyWindow,
  type WindowChange,
  type WindowCommand,
} from './decide-windows.js';
import { SHIPMENT_STATES } from './shipment.states.js';
import { facetsOf } from './party-sight.js';

const [FORWARDER, HAULIER, GUEST] = ['forwarder', 'haulier', 'guest'].map((name) => derivedId(name)) as [
  string,
  string,
  string,
];
const SHIPMENT = derivedId('shipment');
const OTHER = derivedId('another shipment');
const GRANT = derivedId('grant');
const T = 1_000_000;
const NO_GRANTS = new Set<string>();

const forwarder: BookedParty = { organisationId: FORWARDER, role: 'FORWARDER', containers: null, from: null, to: null };
const haulier: BookedParty = {
  organisationId: HAULIER,
  role: 'HAULIER',
  containers: ['A'],
  from: T + 100,
  to: T + 200,
};
const booked = (): readonly CompanyWindow[] => windowsOfBooking(SHIPMENT, ['A', 'B'], [forwarder, haulier], T);

/** What the table would hold behind the changes. */
function after(windows: readonly CompanyWindow[], changes: readonly WindowChange[]): readonly CompanyWindow[] {
  const changed = new Map(changes.map((change) => [change.window, change]));
  const kept = windows.flatMap((window) => {
    const change = changed.get(window);
    if (change?.do === 'DROP') return [];
    if (change?.do === 'CLOSE') return [{ ...window, validTo: change.at }];
    if (change?.do === 'MOVE') return [{ ...window, shipmentId: change.to }];
    return [window];
  });
  return [...kept, ...changes.flatMap((change) => (change.do === 'OPEN' ? [change.window] : []))];
}

/** Who sees what happened to a box at a time. */
const seenBy = (windows: readonly CompanyWindow[], number: string, at: number): readonly string[] =>
  windows
    .filter((w) => w.containerNumber === number && at >= w.validFrom && (w.validTo === null || at < w.validTo))
    .map((w) => w.organisationId)
    .sort();

const apply = (windows: readonly CompanyWindow[], command: WindowCommand, at: number, ofOneBox = NO_GRANTS) =>
  after(windows, decideWindows(command, windows, ofOneBox, at));

describe('the windows of a booking', () => {
  it('open with it for who sees all, and from pick-up to delivery for a haulier of its boxes', () => {
    expect(
      booked().map(({ organisationId, containerNumber, validFrom, validTo, title, sees }) => [
        organisationId,
        containerNumber,
        validFrom,
        validTo,
        title,
        sees?.length ?? null,
      ]),
    ).toEqual([
      [FORWARDER, 'A', T, null, 'FORWARDER', null],
      [FORWARDER, 'B', T, null, 'FORWARDER', null],
      [HAULIER, 'A', T + 100, T + 200, 'HAULIER', facetsOf('HAULIER')?.length],
    ]);
  });

  it('never begin before the booking, whatever pick-up is told', () => {
    const early = windowsOfBooking(SHIPMENT, ['A'], [forwarder, { ...haulier, from: 0 }], T);
    expect(early.map(({ validFrom }) => validFrom)).toEqual([T, T]);
  });

  it.each([
    ['a haulier without its times', { ...haulier, to: null }, 'INVALID_PERIOD'],
    ['a delivery before the pick-up', { ...haulier, to: T + 100 }, 'INVALID_PERIOD'],
    ['a delivery that is over', { ...haulier, from: T - 9, to: T }, 'INVALID_PERIOD'],
    ['times of a part that sees all', { ...forwarder, organisationId: GUEST, from: T, to: T + 1 }, 'INVALID_PERIOD'],
    ['a box that is not booked', { ...haulier, containers: ['C'] }, 'INVALID_INPUT'],
    ['a part told twice', forwarder, 'INVALID_INPUT'],
  ])('are refused for %s', (_what, party, code) => {
    expect(() => windowsOfBooking(SHIPMENT, ['A', 'B'], [forwarder, party], T)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('a swap', () => {
  const swap = { change: 'CONTAINER_SWAPPED', out: 'A', in: 'C' } as const;

  it('ends every window on the one box and goes on with the other, for each as long as it had', () => {
    const windows = apply(booked(), swap, T + 150);
    expect(seenBy(windows, 'A', T + 149)).toEqual([FORWARDER, HAULIER].sort());
    expect(seenBy(windows, 'A', T + 150)).toEqual([]);
    expect(seenBy(windows, 'C', T + 149)).toEqual([]);
    expect(seenBy(windows, 'C', T + 150)).toEqual([FORWARDER, HAULIER].sort());
    expect(seenBy(windows, 'C', T + 200)).toEqual([FORWARDER]);
    expect(seenBy(windows, 'B', T + 500)).toEqual([FORWARDER]);
  });

  it('moves a pick-up that is still to come, and leaves a delivery that is over', () => {
    expect(seenBy(apply(booked(), swap, T + 50), 'C', T + 120)).toEqual([FORWARDER, HAULIER].sort());
    expect(seenBy(apply(booked(), swap, T + 300), 'C', T + 301)).toEqual([FORWARDER]);
    expect(seenBy(apply(booked(), swap, T + 300), 'A', T + 150)).toEqual([FORWARDER, HAULIER].sort());
  });

  it('carries a grant of the shipment along, and none of the one box', () => {
    const grant: CompanyWindow = {
      organisationId: GUEST,
      containerNumber: 'A',
      shipmentId: SHIPMENT,
      validFrom: T,
      validTo: null,
      title: GRANT,
      sees: [],
    };
    const windows = [...booked(), grant];
    expect(seenBy(apply(windows, swap, T + 10), 'C', T + 20)).toContain(GUEST);
    const alone = apply(windows, swap, T + 10, new Set([GRANT]));
    expect(seenBy(alone, 'C', T + 20)).not.toContain(GUEST);
    expect(seenBy(alone, 'A', T + 9)).toContain(GUEST);
    expect(seenBy(alone, 'A', T + 10)).not.toContain(GUEST);
  });

  it('back again opens a second stretch, and not the time between', () => {
    const there = apply(booked(), swap, T + 10);
    const back = apply(there, { change: 'CONTAINER_SWAPPED', out: 'C', in: 'A' }, T + 20);
    expect([5, 10, 19, 20].map((ms) => seenBy(back, 'A', T + ms))).toEqual([[FORWARDER], [], [], [FORWARDER]]);
  });

  it.each([
    ['a box that is not under way with it', { ...swap, out: 'Z' }],
    ['a box that is under way with it already', { ...swap, in: 'B' }],
    ['a box that went out before', { ...swap, out: 'A' }],
  ])('is refused for %s', (_what, command) => {
    const windows = _what.endsWith('before') ? apply(booked(), swap, T + 10) : booked();
    expect(() => decideWindows(command, windows, NO_GRANTS, T + 20)).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });
});

describe('a split and a merge', () => {
  it('show nobody more or less at any time, whatever happened before', () => {
    const at = fc.integer({ min: 1, max: 400 });
    const commands = fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant('swap' as const),
          out: fc.constantFrom('A', 'B', 'C'),
          in: fc.constantFrom('C', 'D'),
        }),
        fc.record({ kind: fc.constant('end' as const), box: fc.constantFrom('A', 'B') }),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(commands, at, fc.constantFrom('A', 'B', 'C', 'D'), (before, step, box) => {
        let now = T;
        let windows = booked();
        for (const command of before) {
          now += step;
          const underWay = boxesUnderWay(windows, now);
          if (command.kind === 'end' && underWay.has(command.box)) {
            windows = apply(windows, { change: 'CONTAINER_RELEASED', container: command.box }, now);
          } else if (command.kind === 'swap' && underWay.has(command.out) && !underWay.has(command.in)) {
            windows = apply(windows, { change: 'CONTAINER_SWAPPED', out: command.out, in: command.in }, now);
          }
        }
        const [first] = [...boxesUnderWay(windows, now)];
        if (boxesUnderWay(windows, now).size < 2 || first === undefined) return;
        const split = apply(windows, { change: 'SPLIT', containers: [first], to: OTHER }, now);
        const merged = apply(split, { change: 'MERGED', to: OTHER }, now);
        for (const seen of [split, merged]) {
          expect(seen).toHaveLength(windows.length);
          for (let ms = -1; ms < 2_000; ms += 13)
            expect(seenBy(seen, box, T + ms)).toEqual(seenBy(windows, box, T + ms));
        }
        expect(merged.every(({ shipmentId }) => shipmentId === OTHER)).toBe(true);
      }),
    );
  });

  it.each([
    ['all of its boxes', ['A', 'B'], 'INVALID_INPUT'],
    ['none', [], 'INVALID_INPUT'],
    ['a box of others', ['Z'], 'CONFLICT'],
  ])('is refused for %s', (_what, containers, code) => {
    const command: WindowCommand = { change: 'SPLIT', containers, to: OTHER };
    expect(() => decideWindows(command, booked(), NO_GRANTS, T)).toThrow(expect.objectContaining({ code }));
  });
});

describe('an end', () => {
  it('closes all that is open, leaves what is over, and takes back what has not begun', () => {
    const early = apply(booked(), { change: 'ENDED' }, T + 50);
    expect(early.map(({ organisationId, validTo }) => [organisationId, validTo])).toEqual([
      [FORWARDER, T + 50],
      [FORWARDER, T + 50],
    ]);
    const late = apply(booked(), { change: 'ENDED' }, T + 500);
    expect(late.map(({ validTo }) => validTo)).toEqual([T + 500, T + 500, T + 200]);
  });

  it('in the moment of the booking leaves the first millisecond', () => {
    expect(apply(booked(), { change: 'ENDED' }, T).map(({ validTo }) => validTo)).toEqual([T + 1, T + 1]);
  });

  it('is the last: an ended shipment takes no change', () => {
    expect(SHIPMENT_STATES.decide('OPEN', 'ENDED')).toBe('ENDED');
    for (const change of ['CONTAINER_SWAPPED', 'ROLLED_OVER', 'SPLIT', 'MERGED', 'ENDED'] as const) {
      expect(() => SHIPMENT_STATES.decide('ENDED', change)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    }
  });
});

describe('a roll-over', () => {
  it('leaves every window as it is', () => {
    expect(decideWindows({ change: 'ROLLED_OVER' }, booked(), NO_GRANTS, T + 1)).toEqual([]);
  });
});

describe('a grant', () => {
  const own = booked().filter(({ organisationId }) => organisationId === FORWARDER);
  const terms = {
    id: GRANT,
    granteeId: GUEST,
    containerNumber: null,
    seenAs: 'GUEST',
    from: T + 10,
    to: T + 90,
  } as const;

  it('is the part of the own windows that lies in its stretch, and shows what both show', () => {
    expect(windowsOfGrant(own, terms)).toEqual(
      ['A', 'B'].map((containerNumber) => ({
        organisationId: GUEST,
        containerNumber,
        shipmentId: SHIPMENT,
        validFrom: T + 10,
        validTo: T + 90,
        title: GRANT,
        sees: facetsOf('GUEST'),
      })),
    );
    const [one] = windowsOfGrant(own, { ...terms, containerNumber: 'B', seenAs: 'FORWARDER', to: null });
    expect(one).toMatchObject({ containerNumber: 'B', validTo: null, sees: null });
  });

  it('never shows more than its giver sees, for as long as that one does', () => {
    const narrow = own.map((window) => ({ ...window, validTo: T + 50, sees: facetsOf('CONSIGNEE') }));
    const [granted] = windowsOfGrant(narrow, { ...terms, seenAs: 'FORWARDER', to: null });
    expect(granted).toMatchObject({ validTo: T + 50, sees: facetsOf('CONSIGNEE') });
  });

  it('of a company with two parts is one window, with what either shows', () => {
    const two = own.flatMap((window) => [
      { ...window, title: 'CONSIGNEE', sees: facetsOf('CONSIGNEE'), validTo: T + 50 },
      { ...window, title: 'CARRIER', sees: facetsOf('CARRIER') },
    ]);
    const granted = windowsOfGrant(two, { ...terms, seenAs: 'FORWARDER' });
    expect(granted.map(({ containerNumber, validTo }) => [containerNumber, validTo])).toEqual([
      ['A', T + 90],
      ['B', T + 90],
    ]);
    expect(granted[0]?.sees).toEqual(expect.arrayContaining(['number:*', 'number:BILL', 'history']));
  });

  it.each([
    ['before the own window', { from: T - 1 }, 'INVALID_PERIOD'],
    ['longer than the own window', { to: T + 101 }, 'INVALID_PERIOD'],
    ['behind the own window', { from: T + 100, to: null }, 'INVALID_PERIOD'],
    ['with its end at its beginning', { to: T + 10 }, 'INVALID_PERIOD'],
    ['of a box that is not the own', { containerNumber: 'Z' }, 'NOT_FOUND'],
  ])('is refused %s', (_what, over, code) => {
    const closed = own.map((window) => ({ ...window, validTo: T + 100 }));
    expect(() => windowsOfGrant(closed, { ...terms, ...over })).toThrow(expect.objectContaining({ code }));
  });
});
