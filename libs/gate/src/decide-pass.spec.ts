import { describe, expect, it } from '@jest/globals';
import { decidePass, type TruckVisit, type VisitsAround } from './decide-pass.js';
import type { ResolvedPass } from './resolved-pass.js';

const NONE: VisitsAround = { before: null, next: null };

function pass(changes: Partial<ResolvedPass> = {}): ResolvedPass {
  return {
    id: 'pass-1',
    siteId: 'CNNBO-BLYUA',
    gateId: 'CNNBO-BLYUA/G1',
    laneId: 'CNNBO-BLYUA/G1-L3',
    zoneId: 'CNNBO-BLYUA/TERMINAL',
    occurredAt: 1_000,
    closedAt: 7_000,
    receivedAt: 7_050,
    direction: 'IN',
    directionSource: 'LOOPS',
    outcome: 'CROSSED',
    exit: 'SEEN',
    closedBy: 'LOOP',
    source: 'READERS',
    truckPlate: '浙BA1007',
    chassisPlate: '浙BA100挂',
    driverId: 'DRV-0001',
    sealNumbers: [],
    boxes: [
      { containerNumber: 'COSU6311696', fullness: 'LADEN', position: 'FRONT', evidence: ['TAG', 'OCR'] },
      { containerNumber: 'OOLU9878205', fullness: null, position: 'REAR', evidence: ['OCR'] },
    ],
    decision: { verdict: 'ACCEPTED', by: 'TOS', reason: null, at: 4_000 },
    exceptions: [],
    evidence: {},
    reportedBy: null,
    reason: null,
    ...changes,
  };
}

function visit(changes: Partial<TruckVisit> = {}): TruckVisit {
  return {
    id: 'visit-0',
    siteId: 'CNNBO-BLYUA',
    truckPlate: '浙BA1007',
    chassisPlate: null,
    driverId: null,
    openedAt: 500,
    closedAt: null,
    ...changes,
  };
}

const told = ({ events }: ReturnType<typeof decidePass>): string[] =>
  events.map(({ kind, asset, occurredAt }) => `${kind} ${asset.code} ${occurredAt}`);

describe('a pass that crossed inwards', () => {
  it('opens a visit with tractor, chassis and driver, delivers its boxes, and tells each box at the lane’s exit', () => {
    const decided = decidePass(pass(), NONE);
    expect(told(decided)).toEqual(['ContainerGatedIn COSU6311696 7000', 'ContainerGatedIn OOLU9878205 7000']);
    expect(decided.visitEffects).toEqual([
      {
        effect: 'open',
        visit: expect.objectContaining({
          chassisPlate: '浙BA100挂',
          driverId: 'DRV-0001',
          openedAt: 7_000,
          closedAt: null,
        }),
      },
    ]);
    expect(decided.transactions.map((t) => `${t.kind} ${t.containerNumber} ${t.fullness} ${t.position}`)).toEqual([
      'DELIVER COSU6311696 LADEN FRONT',
      'DELIVER OOLU9878205 null REAR',
    ]);
    expect(decided.exceptions).toEqual([]);
  });

  it('keeps one box out of the other’s event: they may be of two companies', () => {
    const [first] = decidePass(pass(), NONE).events;
    expect(JSON.stringify(first)).not.toContain('OOLU9878205');
  });

  it('closes the visit that the truck never left, and says so', () => {
    const decided = decidePass(pass(), { before: visit(), next: null });
    expect(decided.visitEffects.map((e) => e.effect)).toEqual(['close', 'open']);
    expect(decided.exceptions).toEqual(['MISSED_OUT']);
  });

  it('that is told after a later entry is a visit that ended there: one truck has one open visit', () => {
    const decided = decidePass(pass(), { before: null, next: visit({ openedAt: 90_000 }) });
    expect(decided.visitEffects).toEqual([{ effect: 'open', visit: expect.objectContaining({ closedAt: 90_000 }) }]);
    expect(decided.exceptions).toEqual(['MISSED_OUT']);
  });

  it('that is told after its exit begins the visit that the exit opened', () => {
    const next = visit({ openedAt: 90_000, closedAt: 90_000 });
    expect(decidePass(pass(), { before: null, next })).toMatchObject({
      visitId: 'visit-0',
      visitEffects: [{ effect: 'begin', visitId: 'visit-0', at: 7_000, driverId: 'DRV-0001' }],
      exceptions: [],
    });
  });

  it('without a truck’s name tells the boxes and opens no visit', () => {
    const decided = decidePass(pass({ truckPlate: null, exceptions: ['NO_TRUCK'] }), NONE);
    expect(told(decided)).toHaveLength(2);
    expect(decided).toMatchObject({ visitId: null, visitEffects: [], transactions: [], exceptions: ['NO_TRUCK'] });
  });
});

describe('a pass that crossed outwards', () => {
  const out = pass({ direction: 'OUT' });

  it('closes the visit of the entry and receives its boxes: in and out are one visit', () => {
    const decided = decidePass(out, { before: visit(), next: null });
    expect(decided.visitEffects).toEqual([{ effect: 'close', visitId: 'visit-0', at: 7_000 }]);
    expect(decided.transactions.map((t) => `${t.kind} ${t.visitId}`)).toEqual(['RECEIVE visit-0', 'RECEIVE visit-0']);
    expect(told(decided)[0]).toBe('ContainerGatedOut COSU6311696 7000');
  });

  it('without a visit is a visit whose entry was missed', () => {
    const decided = decidePass(out, NONE);
    expect(decided.visitEffects).toEqual([
      { effect: 'open', visit: expect.objectContaining({ openedAt: 7_000, closedAt: 7_000 }) },
    ]);
    expect(decided.exceptions).toEqual(['MISSED_IN']);
  });

  it('that nobody accepted is told all the same, with an alarm: the box is gone', () => {
    const denied = {
      ...out,
      outcome: 'UNDECIDED',
      decision: { verdict: 'REFUSED', by: 'TOS', reason: 'hold', at: 1 },
    } as const;
    const decided = decidePass(denied, { before: visit(), next: null });
    expect(told(decided)).toEqual(['ContainerGatedOut COSU6311696 7000', 'ContainerGatedOut OOLU9878205 7000']);
    expect(decided.exceptions).toContain('GATED_OUT_UNACCEPTED');
    expect(decided.visitEffects).toEqual([{ effect: 'close', visitId: 'visit-0', at: 7_000 }]);
  });

  it('ends the visit that the next entry was supposed to have ended', () => {
    const next = visit({ id: 'visit-1', openedAt: 8_000 });
    const decided = decidePass(out, { before: visit({ closedAt: 8_000 }), next });
    expect(decided).toMatchObject({
      visitId: 'visit-0',
      visitEffects: [{ effect: 'close', visitId: 'visit-0', at: 7_000 }],
      exceptions: [],
    });
  });

  it('before another exit of the same visit belongs to that visit, which ended there', () => {
    const decided = decidePass(out, { before: visit({ closedAt: 8_000 }), next: visit({ openedAt: 9_000 }) });
    expect(decided).toMatchObject({ visitId: 'visit-0', visitEffects: [], exceptions: ['VISIT_ALREADY_CLOSED'] });
  });
});

describe('a refusal', () => {
  const refused = pass({
    outcome: 'REFUSED',
    decision: { verdict: 'REFUSED', by: 'TOS', reason: 'selected for inspection', at: 4_000 },
  });

  it('writes PassRefused for truck and boxes, the reason on the truck alone, and opens no visit', () => {
    const decided = decidePass(refused, NONE);
    expect(
      decided.events.map((e) => `${e.kind} ${e.asset.kind} ${JSON.stringify(e.payload).includes('inspection')}`),
    ).toEqual(['PassRefused TRUCK true', 'PassRefused CONTAINER false', 'PassRefused CONTAINER false']);
    expect(decided).toMatchObject({ visitId: null, visitEffects: [], transactions: [] });
  });

  it('on the way out leaves the truck on its visit', () => {
    expect(decidePass({ ...refused, direction: 'OUT' }, { before: visit(), next: null }).visitId).toBe('visit-0');
  });
});

describe('a pass without a fact', () => {
  it.each([
    ['turned back', pass({ outcome: 'TURNED_BACK' })],
    ['inwards and undecided', pass({ outcome: 'UNDECIDED', exceptions: ['UNDECIDED'] })],
    ['outwards and undecided, its exit not seen', pass({ direction: 'OUT', outcome: 'UNDECIDED', exit: 'UNKNOWN' })],
    ['of unknown direction', pass({ direction: 'UNKNOWN', exceptions: ['DIRECTION_UNKNOWN'] })],
  ])('%s: no event, no visit, no transaction', (_, given) => {
    expect(decidePass(given, NONE)).toMatchObject({ events: [], visitEffects: [], transactions: [], visitId: null });
  });
});
