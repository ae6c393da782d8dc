import { describe, expect, it } from '@jest/globals';
import type { LanePass } from '#libs/lane';
import { BindingBook } from './binding-book.js';
import { resolvePass } from './resolve-pass.js';

const AT = Date.UTC(2026, 10, 22, 9);
const [TRUCK_A, TRUCK_B] = ['浙BA1007', '浙BB1048'];
const bound = (subject: string, code: string) => ({
  kind: 'TAG' as const,
  subject,
  asset: { kind: 'TRUCK' as const, code },
  validFrom: 0,
  validTo: null,
});
const BINDINGS = new BindingBook([bound('A', TRUCK_A), bound('A-OLD', TRUCK_A), bound('B', TRUCK_B)]);

const ref = { deviceId: 'd', boot: 'b', sequence: 1 };
const tag = (epc: string, atMs: number): LanePass['tags'][number] => ({
  pc: '3000',
  epc,
  antennas: [1, 2],
  count: 9,
  peakRssiDbm: -48,
  firstSeen: AT + atMs,
  lastSeen: AT + atMs + 4_000,
  ref,
});
const plate = (text: string, atMs: number, confidence = 0.9): LanePass['plates'][number] => ({
  text,
  confidence,
  pictureUrl: null,
  position: null,
  at: AT + atMs,
  ref,
});

function exceptionsOf(changes: Partial<LanePass>): readonly string[] {
  const pass: LanePass = {
    passId: '00000000-0000-4000-8000-000000000001',
    siteId: 'CNNBO-BLYUA',
    laneId: 'CNNBO-BLYUA/G1-L3',
    occurredAt: AT,
    closedAt: AT + 11_000,
    direction: 'IN',
    directionSource: 'LOOPS',
    outcome: 'CROSSED',
    exit: 'SEEN',
    closedBy: 'LOOP',
    doubts: [],
    decision: { verdict: 'ACCEPTED', by: 'TOS', reason: null, at: AT + 2_000 },
    tags: [],
    boxes: [],
    plates: [],
    scans: [],
    cards: [],
    seals: [],
    weights: [],
    crossReads: [],
    causes: [ref],
    ...changes,
  };
  const place = { gateId: 'CNNBO-BLYUA/G1', zoneId: null };
  return resolvePass(pass, AT + 12_000, BINDINGS, place, () => null).pass.exceptions;
}

describe('two trucks in one session of a lane', () => {
  const cases: readonly [name: string, exceptions: readonly string[], changes: Partial<LanePass>][] = [
    [
      'two plates 4 s apart are two trucks',
      ['SEVERAL_TRUCKS'],
      { plates: [plate(TRUCK_A, 900), plate(TRUCK_B, 4_900)] },
    ],
    [
      'two plates 2 s apart are, in any order',
      ['SEVERAL_TRUCKS'],
      { plates: [plate(TRUCK_B, 2_900), plate(TRUCK_A, 900)] },
    ],
    [
      'two plates 1,999 ms apart are one truck, misread once',
      [],
      { plates: [plate(TRUCK_A, 900), plate('浙BA1001', 2_899)] },
    ],
    ['two spellings of one plate are one truck', [], { plates: [plate(TRUCK_A, 900), plate('浙B·A1007', 9_000)] }],
    [
      'a trailer’s plate is no truck, nor is what is no plate',
      [],
      { plates: [plate(TRUCK_A, 900), plate('浙B1234挂', 6_000), plate('浙BA10O7', 8_000)] },
    ],
    [
      'two trucks’ tags 4 s apart are two trucks, with two names',
      ['SEVERAL_TRUCKS', 'TRUCK_MISMATCH'],
      { tags: [tag('A', 500), tag('B', 4_500)] },
    ],
    [
      'two trucks’ tags at one time are two names of one truck',
      ['TRUCK_MISMATCH'],
      { tags: [tag('A', 500), tag('B', 1_300)] },
    ],
    ['two tags of one truck are one truck', [], { tags: [tag('A', 500), tag('A-OLD', 4_500)] }],
    [
      'a tag and the plate of its truck, later, are one truck',
      [],
      { tags: [tag('A', 500)], plates: [plate(TRUCK_A, 5_000)] },
    ],
    [
      'a tag and another truck’s plate are two names of one truck',
      ['TRUCK_MISMATCH'],
      { tags: [tag('A', 500)], plates: [plate(TRUCK_B, 5_000)] },
    ],
    [
      'a tag, its truck’s plate and, 4 s later, another plate read worse are two trucks',
      ['SEVERAL_TRUCKS'],
      { tags: [tag('A', 500)], plates: [plate(TRUCK_A, 900), plate(TRUCK_B, 4_900, 0.7)] },
    ],
  ];

  it.each(cases)('%s: %j', (_name, exceptions, changes) => {
    expect(exceptionsOf(changes)).toEqual(exceptions);
  });
});

describe('a pass that its lane doubts', () => {
  it.each(['LOOP_ANTENNA_CONFLICT', 'SEVERAL_TRUCKS'] as const)('is an exception for a person: %s', (doubt) => {
    const doubted = { outcome: 'UNDECIDED', exit: 'UNKNOWN', doubts: [doubt], tags: [tag('A', 500)] } as const;
    expect(exceptionsOf(doubted)).toEqual(['UNDECIDED', doubt]);
  });
});
