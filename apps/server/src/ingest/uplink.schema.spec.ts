import { DomainError } from '#libs/kernel';
import type { UplinkItem } from '#libs/lane';
import { describe, expect, it } from '@jest/globals';
import { parseBatch, parseHealthReport } from './uplink.schema.js';

const STREAM = '0190b5a0-7c2e-7cc3-98c4-dc0c0c07398f';
const item = (sequence: number, body: object = { kind: 'CardRead', cardNumber: '1' }): UplinkItem =>
  ({
    sequence,
    kind: 'observation',
    observation: { deviceId: 'd', boot: 'b', sequence, occurredAt: 1, receivedAt: 1, laneId: null, body },
  }) as UplinkItem;
const batch = (items: unknown): object => ({ gatewayId: 'g', siteId: 's', streamId: STREAM, sentAt: 1, items });

const pass = (occurredAt: number, causes: readonly object[]): object => ({
  sequence: 1,
  kind: 'pass',
  pass: {
    passId: STREAM,
    siteId: 's',
    laneId: 'l',
    occurredAt,
    closedAt: 1,
    direction: 'IN',
    directionSource: 'LOOPS',
    outcome: 'CROSSED',
    exit: 'SEEN',
    closedBy: 'LOOP',
    decision: null,
    ...Object.fromEntries(
      ['tags', 'boxes', 'plates', 'scans', 'cards', 'seals', 'weights', 'crossReads'].map((list) => [list, []]),
    ),
    causes,
  },
});

const faultOf = (body: unknown): unknown => {
  try {
    parseBatch(body, 0);
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? [error.code, error.details['itemIndex']] : error;
  }
};

describe('a batch', () => {
  it('comes through as it was sent', () => {
    expect(parseBatch(batch([item(4), item(5)]), 0)).toEqual(batch([item(4), item(5)]));
    expect(parseBatch(batch([]), 0).items).toEqual([]);
  });

  it.each([
    ['no object', null, undefined],
    ['a list', [], undefined],
    ['no stream', { ...batch([]), streamId: 'x' }, undefined],
    ['items that are none', batch('x'), undefined],
    ['an item without a number', batch([item(1), { kind: 'observation' }]), 1],
    ['an item that is no object', batch([item(1), item(2), 7]), 2],
    ['a gap', batch([item(1), item(3)]), 1],
    ['a number twice', batch([item(1), item(1)]), 1],
    ['numbers from zero', batch([item(0)]), 0],
  ])('is refused with a broken envelope: %s', (_name, body, index) => {
    expect(faultOf(body)).toEqual(['INVALID_INPUT', index]);
  });

  it('is refused with more items than the contract allows', () => {
    expect(faultOf(batch(Array.from({ length: 2_001 }, (_, at) => item(at + 1))))).toEqual([
      'LIMIT_EXCEEDED',
      undefined,
    ]);
  });

  it.each([
    ['an unknown kind', { sequence: 2, kind: 'wish' }],
    ['a body that is cut', { ...item(2), observation: { deviceId: 'd' } }],
    ['an unknown body', item(2, { kind: 'Telepathy' })],
    ['a latitude of 91', item(2, { kind: 'PositionFix', longitude: 0, latitude: 91 })],
    ['a U+0000, which PostgreSQL cannot keep', item(2, { kind: 'CardRead', cardNumber: 'a\0b' })],
    ['a pass of another site', { sequence: 2, kind: 'pass', pass: { siteId: 'elsewhere' } }],
  ])('keeps an item that is not what it says, under its number, between its neighbours: %s', (_name, broken) => {
    const { items } = parseBatch(batch([item(1), broken, item(3)]), 99);
    expect(items.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, 'observation'],
      [2, 'refused'],
      [3, 'observation'],
    ]);
    expect(items[1]).toMatchObject({
      refused: { ref: { deviceId: 'uplink', boot: STREAM, sequence: 2 }, receivedAt: 99, reason: 'malformed_item' },
    });
    const [, kept] = items;
    if (kept?.kind === 'refused') expect(kept.refused.hex?.length).toBeLessThanOrEqual(512);
  });
});

describe('a pass', () => {
  const doubtsOf = (extra: object): unknown => {
    const sent = pass(1, []) as { pass: object };
    const [parsed] = parseBatch(batch([{ ...sent, pass: { ...sent.pass, ...extra } }]), 0).items;
    return parsed?.kind === 'pass' ? parsed.pass.doubts : parsed;
  };

  it('of a gateway that is older than the word has no doubts', () => {
    expect(doubtsOf({})).toEqual([]);
  });

  it('comes through with its doubts, and is kept as refused input with one that nobody knows', () => {
    expect(doubtsOf({ doubts: ['LOOP_ANTENNA_CONFLICT'] })).toEqual(['LOOP_ANTENNA_CONFLICT']);
    expect(doubtsOf({ doubts: ['A_BAD_FEELING'] })).toMatchObject({ kind: 'refused' });
  });
});

describe('an item of the future', () => {
  const DAY = 24 * 3_600_000;
  const seen = (occurredAt: number): UplinkItem =>
    ({
      ...item(1),
      observation: { ...(item(1) as object & { observation: object }).observation, occurredAt },
    }) as UplinkItem;
  const io = { deviceId: 'io', boot: 'b', sequence: 7 };

  it('comes through when its clock is a day ahead at most', () => {
    const { items } = parseBatch(batch([seen(1 + DAY), { ...pass(1 + DAY, [io]), sequence: 2 }]), 0);
    expect(items.map(({ kind }) => kind)).toEqual(['observation', 'pass']);
  });

  it.each([
    ['a reading is its device’s', seen(2 + DAY), { deviceId: 'd', boot: 'b', sequence: 1 }],
    ['a pass is the device’s that began it', pass(2 + DAY, [io]), io],
    ['a pass that none began is its lane’s', pass(2 + DAY, []), { deviceId: 'l', boot: STREAM, sequence: 1 }],
  ])('is kept as a fault of the clock beyond that: %s', (_name, sent, ref) => {
    expect(parseBatch(batch([sent]), 99).items).toEqual([
      { sequence: 1, kind: 'refused', refused: expect.objectContaining({ ref, receivedAt: 99, reason: 'clock' }) },
    ]);
  });
});

describe('a health report', () => {
  const device = {
    deviceId: 'd',
    laneId: null,
    state: 'OPEN',
    stateSince: 1,
    lastFrameAt: null,
    frames: 3_000_000_000,
    rejected: 0,
    skippedBytes: 0,
    reconnects: 0,
    lastError: null,
  };
  const report = (changes: object = {}): object => ({
    gatewayId: 'g',
    siteId: 's',
    at: 1_000,
    spool: { bytes: 1, maxBytes: 2, unsentItems: 0, oldestUnsentAt: null, damagedRecords: 0 },
    devices: [device, { ...device, deviceId: 'e' }],
    ...changes,
  });

  it('comes through as it was sent, and one from the future counts as of now', () => {
    expect(parseHealthReport(report(), 1_000)).toEqual(report());
    expect(parseHealthReport(report({ at: 9_000 }), 1_000).at).toBe(1_000);
  });

  it.each([
    ['a device twice', { devices: [device, device] }],
    ['more reconnects than an Int can tell', { devices: [{ ...device, reconnects: 2_147_483_648 }] }],
  ])('is refused with %s', (_name, changes) => {
    expect(() => parseHealthReport(report(changes), 1_000)).toThrow(DomainError);
  });
});
