import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, systemClock } from '#libs/kernel';
import type { UplinkItem } from '#libs/lane';
import { ServiceStandIn } from '../../spec-support/service-stand-in.js';
import type { Stream } from '../pipeline/stream.js';
import { BearerToken } from './credentials.js';
import { ItemQueue } from './item-queue.js';
import { Uplink } from './uplink.js';

const stream = (streamId: string, itemsBefore: number): Stream => ({
  streamId,
  itemsBefore,
  pipelineVersion: 1,
  knownDamage: [],
});

let service: ServiceStandIn;
let uplink: Uplink;
let committed: number;
let kept: UplinkItem[];
let replaying: boolean;
let pauses: number;

beforeEach(async () => {
  service = new ServiceStandIn();
  await service.start();
  committed = 0;
  kept = [];
  replaying = false;
  pauses = 0;
});

afterEach(async () => {
  await uplink.stop(0);
  await service.stop();
});

function begin({ from = stream('s-1', 0), confirmed = 0, token = service.token } = {}): Uplink {
  uplink = new Uplink({
    serverUrl: service.url,
    credentials: new BearerToken(token),
    gatewayId: 'gw',
    siteId: 'site',
    stream: from,
    confirmed,
    clock: systemClock,
    log: createLogger('spec', 'silent'),
    // Drawn once for each pause.
    random: () => 0 * ++pauses,
    pauses: { firstMs: 5, maxMs: 20, slowMs: 20, answerTimeoutMs: 60_000 },
    queue: new ItemQueue(),
    onCommitted: (item) => (committed = item),
    isReplaying: () => replaying,
    beginStream: (itemsBefore) => Promise.resolve(stream(`s-behind-${itemsBefore}`, itemsBefore)),
    keepRefused: (item) => {
      kept.push(item);
      return Promise.resolve();
    },
  });
  uplink.start();
  return uplink;
}

function items(from: number, to: number): UplinkItem[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    sequence: from + index,
    kind: 'observation',
    observation: {
      deviceId: 'd',
      boot: 'b',
      sequence: from + index,
      occurredAt: 1,
      receivedAt: 2,
      laneId: null,
      body: { kind: 'CardRead', cardNumber: `card-${from + index}` },
    },
  }));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const cardsOf = (list: readonly UplinkItem[]): string[] =>
  list.map((item) =>
    item.kind === 'observation' && item.observation.body.kind === 'CardRead'
      ? item.observation.body.cardNumber
      : item.kind,
  );
const cards = (from: number, to: number): string[] => cardsOf(items(from, to));

describe('the uplink', () => {
  it('sends what gathers during a batch as the next batch', async () => {
    begin().offer(items(1, 1));
    uplink.offer(items(2, 3_001));
    await until(() => committed === 3_001);
    expect(cardsOf(service.items)).toEqual(cards(1, 3_001));
    // One for what was there first, and the rest in batches of at most 2,000.
    expect(service.batches).toBeLessThanOrEqual(3);
  });

  it('splits a batch by bytes', async () => {
    const big = items(1, 6).map((item) => ({ ...item, padding: 'x'.repeat(400_000) }));
    begin().offer(big);
    await until(() => committed === 6);
    expect(service.batches).toBe(3);
  });

  it('goes on where the service says that it stands', async () => {
    service.committed.set('s-1', 4);
    begin().offer(items(1, 10));
    await until(() => committed === 10);
    expect(cardsOf(service.items)).toEqual(cards(5, 10));
  });

  it('begins a new stream when the service has less than it once had, and says nothing twice under one number', async () => {
    // A service that was put back to an older state: it knows 2 of the stream's 7 items that were confirmed.
    service.committed.set('s-1', 2);
    begin({ confirmed: 7 }).offer(items(8, 9));
    await until(() => committed === 9);
    expect([...service.committed]).toEqual([
      ['s-1', 2],
      ['s-behind-7', 2],
    ]);
    expect(cardsOf(service.items)).toEqual(cards(8, 9));
  });

  it('begins a new stream when the service has more than was ever made here', async () => {
    service.committed.set('s-1', 50);
    begin().offer(items(1, 3));
    await until(() => committed === 3);
    expect(service.committed.get('s-behind-0')).toBe(3);
  });

  it('keeps its stream when the service has more than a replay has made yet', async () => {
    // Killed behind the commit of item 10: the replay makes the same ten again, and the first batch goes out before its end.
    service.committed.set('s-1', 10);
    replaying = true;
    begin().offer(items(1, 3));
    await until(() => committed === 3);
    uplink.offer(items(4, 10));
    await until(() => committed === 10);
    replaying = false;
    uplink.offer(items(11, 12));
    await until(() => committed === 12);
    expect([...service.committed]).toEqual([['s-1', 12]]);
    expect(cardsOf(service.items)).toEqual(cards(11, 12));
  });

  it('begins a new stream when the service still has more once the replay is over', async () => {
    service.committed.set('s-1', 50);
    replaying = true;
    begin().offer(items(1, 3));
    await until(() => committed === 3);
    replaying = false;
    uplink.offer(items(4, 5));
    await until(() => committed === 5);
    expect(service.committed.get('s-behind-3')).toBe(2);
    expect(cardsOf(service.items)).toEqual(cards(4, 5));
  });

  it('says that it is out of step with a service that answers nonsense, begins one new stream, and pauses before each attempt', async () => {
    service.mood = { claims: 1_000_000 };
    begin().offer(items(1, 3));
    await until(() => service.batches >= 5);
    expect(uplink.state).toBe('OUT_OF_STEP');
    expect(pauses).toBeGreaterThanOrEqual(service.batches - 1);
    expect([...service.streams]).toEqual(['s-1', 's-behind-0']);
    service.mood = 'takes';
    await until(() => committed === 3);
    expect(uplink.state).toBe('OPEN');
    expect([...service.committed]).toEqual([['s-behind-0', 3]]);
    expect(cardsOf(service.items)).toEqual(cards(1, 3));
  });

  it('begins a further stream when the service takes something of the new one and then has less again', async () => {
    service.committed.set('s-1', 50);
    begin().offer(items(1, 3));
    await until(() => committed === 3);
    service.committed.set('s-behind-0', 1);
    uplink.offer(items(4, 5));
    await until(() => committed === 5);
    expect([...service.streams]).toEqual(['s-1', 's-behind-0', 's-behind-3']);
    expect(pauses).toBe(2);
    expect(cardsOf(service.items)).toEqual(cards(1, 5));
  });

  it('finds the item that the service refuses, keeps it, and reports it under its number', async () => {
    service.mood = { refuses: (item) => item.kind === 'observation' && item.observation.sequence === 5 };
    begin().offer(items(1, 9));
    await until(() => committed === 9);
    expect(cardsOf(service.items)).toEqual([...cards(1, 4), 'refused', ...cards(6, 9)]);
    expect(service.items[4]).toMatchObject({ sequence: 5, refused: { reason: 'uplink', ref: { sequence: 5 } } });
    expect(cardsOf(kept)).toEqual(['card-5']);
  });

  it('drops no item when the service refuses everything, and sends the original once it takes it', async () => {
    service.mood = { refuses: () => true };
    begin().offer(items(1, 3));
    await until(() => uplink.state === 'REFUSED');
    service.mood = 'takes';
    await until(() => committed === 3);
    expect(uplink.state).toBe('OPEN');
    const [first, ...rest] = cardsOf(service.items);
    // The moment of the change decides whether the original or its report goes first; the item was kept in either case.
    expect(['card-1', 'refused']).toContain(first);
    expect(rest).toEqual(cards(2, 3));
    expect(cardsOf(kept)).toEqual(['card-1']);
  });

  it.each([401, 403])('raises the alarm at %s and keeps everything until the token is right', async (status) => {
    service.mood = { status };
    begin().offer(items(1, 2));
    await until(() => uplink.state === 'UNAUTHORIZED');
    expect(uplink.unsentItems).toBe(2);
    service.mood = 'takes';
    await until(() => committed === 2);
  });

  it('says so when its clock is not the service’s, and goes on once it is', async () => {
    service.mood = { status: 401, code: 'CLOCK_SKEW', details: { serverTime: '2026-11-26T07:00:00.000Z' } };
    begin().offer(items(1, 2));
    await until(() => uplink.state === 'CLOCK_OFF');
    expect(uplink.unsentItems).toBe(2);
    service.mood = 'takes';
    await until(() => committed === 2);
    expect(uplink.state).toBe('OPEN');
  });

  it('tries again soon when a request was taken for a repetition', async () => {
    service.mood = { status: 401, code: 'REQUEST_REPLAYED' };
    begin().offer(items(1, 2));
    await until(() => service.batches >= 3);
    expect(uplink.state).toBe('AWAY');
    service.mood = 'takes';
    await until(() => committed === 2);
  });

  it.each([404, 429, 503])('takes %s for a service that is away, not for a wrong batch', async (status) => {
    service.mood = { status };
    begin().offer(items(1, 2));
    await until(() => service.batches >= 3);
    expect(uplink.state).toBe('AWAY');
    expect(kept).toEqual([]);
    service.mood = 'takes';
    await until(() => committed === 2);
    expect(cardsOf(service.items)).toEqual(cards(1, 2));
  });

  it('tries what waits once more when it is stopped', async () => {
    service.mood = 'busy';
    begin().offer(items(1, 2));
    await until(() => service.batches >= 1);
    service.mood = 'takes';
    await uplink.stop(60_000);
    expect(cardsOf(service.items)).toEqual(cards(1, 2));
  });
});
