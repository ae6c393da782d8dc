import { describe, expect, it } from '@jest/globals';
import type { LanePass } from '#libs/lane';
import { BindingBook } from './binding-book.js';
import { resolvePass } from './resolve-pass.js';

const AT = Date.UTC(2026, 10, 22, 9);
const TRUCK_A = '浙BA1007';
const bound = (subject: string, code: string) => ({
  kind: 'TAG' as const,
  subject,
  asset: { kind: 'TRUCK' as const, code },
  validFrom: 0,
  validTo: null,
});
const BINDINGS = new BindingBook([bound('A', TRUCK_A)]);

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

describe('a pass that its lane doubts', () => {
  it.each(['LOOP_ANTENNA_CONFLICT', 'SEVERAL_TRUCKS'] as const)('is an exception for a person: %s', (doubt) => {
    const doubted = { outcome: 'UNDECIDED', exit: 'UNKNOWN', doubts: [doubt], tags: [tag('A', 500)] } as const;
    expect(exceptionsOf(doubted)).toEqual(['UNDECIDED', doubt]);
  });
});
