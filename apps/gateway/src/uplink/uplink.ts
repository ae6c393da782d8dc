import { z } from 'zod';
import type { Clock, EpochMs, Logger } from '#libs/kernel';
import { CHANGE_KEY_HEADER, UPLINK_MAX_ITEMS, type HealthReport, type UplinkBatch, type UplinkItem } from '#libs/lane';
import type { ReadingRef } from '#libs/telemetry';
import type { ItemSink } from '../pipeline/host.js';
import type { Stream } from '../pipeline/stream.js';
import type { UplinkCredentials } from './credentials.js';
import { JsonPoster, type PostAnswer } from './http-post.js';
import { ItemQueue } from './item-queue.js';

/**
 * OPEN: the last batch was taken. AWAY: no answer, or one that asks to wait. UNAUTHORIZED: key, code or token is not valid.
 * CLOCK_OFF: the service's clock says another time. REFUSED: the service refuses what it should take, whatever stands in it.
 * OUT_OF_STEP: the service says of what it has committed what cannot be: more than was ever made, or less than it said before.
 */
export const UPLINK_STATES = ['OPEN', 'AWAY', 'UNAUTHORIZED', 'CLOCK_OFF', 'REFUSED', 'OUT_OF_STEP'] as const;
export type UplinkState = (typeof UPLINK_STATES)[number];

export interface UplinkOptions {
  readonly serverUrl: string;
  readonly credentials: UplinkCredentials;
  readonly gatewayId: string;
  readonly siteId: string;
  readonly stream: Stream;
  /** Last item that is known to be committed. */
  readonly confirmed: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 ≤ x < 1, for the jitter of the pauses. */
  readonly random: () => number;
  readonly pauses: UplinkPauses;
  readonly queue?: ItemQueue;
  readonly onCommitted: (item: number) => void;
  /** Items are still made from records that were in the spool at the start: the service may have more of them than is made yet. */
  readonly isReplaying: () => boolean;
  /** Makes a new stream durable that begins behind `itemsBefore`. */
  readonly beginStream: (itemsBefore: number) => Promise<Stream>;
  /** Keeps an item that the service refuses where a person can look at it, before anything else is sent in its place. */
  readonly keepRefused: (item: UplinkItem, why: string) => Promise<void>;
}

export interface UplinkPauses {
  readonly firstMs: number;
  readonly maxMs: number;
  /** After an answer that only a person can change. */
  readonly slowMs: number;
  readonly answerTimeoutMs: number;
}

export const DEFAULT_PAUSES: UplinkPauses = { firstMs: 250, maxMs: 5_000, slowMs: 30_000, answerTimeoutMs: 15_000 };

const BATCH_PATH = '/ingest/v1/batches';
const HEALTH_PATH = '/ingest/v1/health';
/** Of a batch's items; the contract's bound is eight times as much. */
const BATCH_BYTES = 1_000_000;
/** Only these say that the batch itself is wrong; any other 4xx may be a proxy's or an older service's word. */
const BATCH_IS_WRONG = new Set([400, 413, 422]);
const HEX_BYTES = 256;

/** What a 401 says of a sender's clock, and of a request that was here before. */
const refusalShape = z.object({
  error: z.object({ code: z.string(), details: z.object({ serverTime: z.string().optional() }) }),
});
const committedField = z.object({ committedSequence: z.number().int().min(0) });
const answerShape = z.union([
  committedField,
  z.object({ details: committedField }).transform(({ details }) => details),
  z.object({ error: z.object({ details: committedField }) }).transform(({ error }) => error.details),
]);

/**
 * Sends items in order, one batch at a time; while one is under way the next gathers, and nothing waits otherwise.
 *
 * What is unsent is held in a bounded queue. When it is full the pipeline stops to fold, and the spool grows on the disk up
 * to its own bound; so nothing is derived twice and nothing is re-read. Items leave the queue when the service says that
 * they are committed, and then a checkpoint behind them may be written and segments deleted.
 *
 * An item that the service refuses by itself is found by halving the batch, kept in a file, and replaced under its number
 * by a `refused` item that says so; if that is refused too, the fault is not the item's: it stays, and the uplink waits.
 */
export class Uplink implements ItemSink {
  private readonly poster: JsonPoster;
  private readonly healthPoster: JsonPoster;
  private readonly queue: ItemQueue;
  private stream: Stream;
  /** The stream was begun by this process, and the service has taken nothing of it yet. */
  private isUntried = false;
  private confirmed: number;
  /** A wish for a key that was not granted is told again from here on; what can be sent without it is sent meanwhile. */
  private keyDueAt: EpochMs = 0;
  private current: UplinkState = 'AWAY';
  private since: EpochMs;
  private failures = 0;
  private limit = UPLINK_MAX_ITEMS;
  /** The item that stands in the place of a refused one. */
  private replaced: { readonly original: UplinkItem } | null = null;
  private keptItem = 0;
  private wake: () => void = () => undefined;
  private stopping = false;
  private lastTried = false;
  /** Requests without an answer yet; null once they were cut off and no more are made. */
  private underWay: Set<AbortController> | null = new Set();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: UplinkOptions) {
    this.poster = new JsonPoster(options.serverUrl, options.credentials.headers);
    this.healthPoster = new JsonPoster(options.serverUrl, options.credentials.headers);
    this.queue = options.queue ?? new ItemQueue();
    this.stream = options.stream;
    this.confirmed = options.confirmed;
    this.since = options.clock.now();
  }

  get state(): UplinkState {
    return this.current;
  }

  get stateSince(): EpochMs {
    return this.since;
  }

  get unsentItems(): number {
    return this.queue.length;
  }

  get oldestUnsentAt(): EpochMs | null {
    return this.queue.oldestSince;
  }

  get hasRoom(): boolean {
    return this.queue.hasRoom;
  }

  whenRoom(): Promise<void> {
    return this.queue.whenRoom();
  }

  offer(items: readonly UplinkItem[]): void {
    this.queue.push(items, this.options.clock.now());
    if (this.failures === 0) this.wake();
  }

  start(): void {
    this.running = this.run();
  }

  /** Tries what waits once more, for `graceMs` at most. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    this.wake();
    const timer = setTimeout(() => this.cutOff(), graceMs);
    await this.running;
    clearTimeout(timer);
    this.cutOff();
    this.poster.close();
    this.healthPoster.close();
  }

  /** Tells how the gateway is; the next report replaces this one, so a lost one is not told again. */
  async report(health: HealthReport): Promise<void> {
    if (!this.options.credentials.canSend) throw new Error('the gateway has no key yet');
    const answer = await this.post(this.healthPoster, HEALTH_PATH, JSON.stringify(health));
    this.noteChangeAsked(answer);
    if (answer.status !== 204 && answer.status !== 200) throw new Error(`health was answered ${answer.status}`);
  }

  private async run(): Promise<void> {
    for (;;) {
      const keyDueInMs = this.keyDueInMs;
      if (this.queue.length === 0 && keyDueInMs !== 0) {
        if (this.stopping) return;
        await this.until(keyDueInMs);
        continue;
      }
      const pauseMs = (keyDueInMs === 0 ? await this.askForKey() : null) ?? (await this.sendOnce());
      if (pauseMs === null) continue;
      if (!this.stopping) {
        await this.until(pauseMs);
        continue;
      }
      // The failed attempt may have begun before the stop: one more is owed.
      if (this.lastTried) return;
      this.lastTried = true;
    }
  }

  /** Waits for `wake`, or so long. */
  private until(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? null : setTimeout(resolve, ms);
      this.wake = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }

  /** How long until a key that is wished for is to be asked for; null: none is. */
  private get keyDueInMs(): number | null {
    if (this.options.credentials.wish === null) return null;
    return Math.max(0, this.keyDueAt - this.options.clock.now());
  }

  /** @returns how long to wait, null when there is a key to go on with */
  private async askForKey(): Promise<number | null> {
    const { credentials, clock, pauses, log } = this.options;
    let why: string;
    let isRefused = false;
    try {
      const { path, json } = await credentials.ask();
      const answer = await this.post(this.poster, path, json);
      if (answer.status === 200) {
        await credentials.take(answer.body);
        this.keyDueAt = 0;
        return null;
      }
      why = `${answer.status} ${answer.body}`.slice(0, 500);
      isRefused =
        answer.status === 401 || answer.status === 403 || answer.status === 409 || BATCH_IS_WRONG.has(answer.status);
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    if (isRefused) {
      log.error({ why, wish: credentials.wish }, 'the service gives no key');
      credentials.giveUp();
    }
    if (credentials.canSend) {
      this.keyDueAt = clock.now() + pauses.slowMs;
      return null;
    }
    if (!isRefused) return this.away(why);
    this.enter('UNAUTHORIZED', `the enrolment code is refused: ${why}`);
    return this.slowly();
  }

  private noteChangeAsked({ headers }: PostAnswer): void {
    const keyId = headers[CHANGE_KEY_HEADER];
    if (typeof keyId !== 'string' || this.options.credentials.wish !== null) return;
    this.options.credentials.onChangeAsked(keyId);
    if (this.keyDueInMs === 0) this.wake();
  }

  /** @returns how long to wait, null to go on at once */
  private async sendOnce(): Promise<number | null> {
    if (this.queue.length === 0) return null;
    const head = this.queue.head(this.limit, BATCH_BYTES);
    let answer: PostAnswer;
    try {
      answer = await this.post(this.poster, BATCH_PATH, this.bodyOf(head));
    } catch (error) {
      return this.away(error instanceof Error ? error.message : String(error));
    }
    this.noteChangeAsked(answer);
    if (answer.status === 200) return this.onAnswer(head, answer, 'taken');
    if (answer.status === 409) return this.onAnswer(head, answer, 'gap');
    if (answer.status === 401 || answer.status === 403) return this.onUnauthorized(answer);
    if (BATCH_IS_WRONG.has(answer.status)) return this.onRefusal(head, answer);
    return this.away(`the service answers ${answer.status}`);
  }

  private onUnauthorized({ status, body }: PostAnswer): number {
    const refusal = refusalShape.safeParse(jsonOf(body)).data?.error;
    // A proxy that sends a request twice, or a clock that was set back at the restart: the next request is another one.
    if (refusal?.code === 'REQUEST_REPLAYED') return this.away('the service says that the request was there before');
    if (refusal?.code === 'CLOCK_SKEW') {
      const [ours, theirs] = [new Date(this.options.clock.now()).toISOString(), refusal.details.serverTime];
      this.enter('CLOCK_OFF', `our clock says ${ours}, the service's ${theirs ?? 'another time'}`);
    } else {
      this.enter(
        'UNAUTHORIZED',
        `the service answers ${status}: is the key or token that of this gateway, and not revoked?`,
      );
    }
    return this.slowly();
  }

  private bodyOf(items: readonly UplinkItem[]): string {
    const batch: UplinkBatch = {
      gatewayId: this.options.gatewayId,
      siteId: this.options.siteId,
      streamId: this.stream.streamId,
      sentAt: this.options.clock.now(),
      items: items.map((item) => ({ ...item, sequence: item.sequence - this.stream.itemsBefore })),
    };
    return JSON.stringify(batch);
  }

  private async onAnswer(
    head: readonly UplinkItem[],
    answer: PostAnswer,
    kind: 'taken' | 'gap',
  ): Promise<number | null> {
    const committed = committedOf(answer.body);
    if (committed === null) return this.away(`an answer ${answer.status} without committedSequence`);
    const serviceHas = committed + this.stream.itemsBefore;
    const first = head[0]?.sequence ?? 0;
    const made = this.queue.last ?? 0;
    const isAhead = serviceHas > made && !this.options.isReplaying();
    if (serviceHas < first - 1 || isAhead) return this.outOfStep(serviceHas);
    const item = Math.min(serviceHas, made);
    this.confirm(item);
    if (item < first) return this.away(`the service answers ${answer.status} and commits nothing`);
    this.failures = 0;
    if (kind === 'taken') this.limit = Math.min(UPLINK_MAX_ITEMS, this.limit * 2);
    this.enter('OPEN', 'the service takes items');
    return null;
  }

  private confirm(item: number): void {
    if (item < this.confirmed) return;
    const first = this.queue.first;
    if (first !== null && item >= first) this.replaced = null;
    if (item > this.confirmed) this.isUntried = false;
    this.confirmed = item;
    this.queue.drop(item);
    this.options.onCommitted(item);
  }

  /**
   * The service has more than was ever made here, or less than it once had: its numbers and ours no longer mean the same, so a
   * new stream begins. One that the service has never seen before cannot be at fault: it is kept, and sent again more and more seldom.
   */
  private async outOfStep(serviceHas: number): Promise<number> {
    this.options.log.error(
      { streamId: this.stream.streamId, serviceHas, confirmed: this.confirmed, made: this.queue.last },
      'the service and this spool disagree about what is committed',
    );
    this.enter('OUT_OF_STEP', `the service says that it has everything up to item ${serviceHas}`);
    try {
      if (!this.isUntried) this.stream = await this.options.beginStream(this.confirmed);
      this.isUntried = true;
    } catch (error) {
      return this.away(`no new stream could be written: ${String(error)}`);
    }
    return this.growing(this.options.pauses.slowMs);
  }

  private async onRefusal(head: readonly UplinkItem[], answer: PostAnswer): Promise<number | null> {
    if (head.length > 1) {
      this.limit = Math.ceil(head.length / 2);
      return null;
    }
    const item = head[0];
    if (item === undefined) return null;
    const why = `${answer.status} ${answer.body}`.slice(0, 500);
    if (this.replaced !== null) {
      this.queue.replaceFirst(this.replaced.original);
      this.replaced = null;
      this.enter('REFUSED', `the service refuses whatever is sent: ${why}`);
      return this.slowly();
    }
    try {
      if (this.keptItem !== item.sequence) await this.options.keepRefused(item, why);
      this.keptItem = item.sequence;
    } catch (error) {
      return this.away(`a refused item could not be kept: ${String(error)}`);
    }
    this.options.log.error(
      { item: item.sequence, why },
      'the service refuses an item; it is kept and reported as refused',
    );
    this.replaced = { original: item };
    this.queue.replaceFirst(refusedInPlaceOf(item, why, this.options.clock.now()));
    return null;
  }

  private away(why: string): number {
    this.enter('AWAY', why);
    return this.growing(this.options.pauses.maxMs);
  }

  /** Twice the pause before, up to `mostMs`, less up to a half by chance. */
  private growing(mostMs: number): number {
    const full = Math.min(mostMs, this.options.pauses.firstMs * 2 ** Math.min(this.failures, 20));
    this.failures++;
    return full * (1 - this.options.random() / 2);
  }

  private slowly(): number {
    this.failures++;
    return this.options.pauses.slowMs * (1 - this.options.random() / 2);
  }

  private enter(state: UplinkState, why: string): void {
    if (state === this.current) return;
    this.current = state;
    this.since = this.options.clock.now();
    const words = { state, why, unsent: this.queue.length };
    if (state === 'OPEN') this.options.log.info(words, 'uplink');
    else if (state === 'AWAY') this.options.log.warn(words, 'uplink');
    else this.options.log.error(words, 'uplink');
  }

  /** One controller a request: `AbortSignal.any` over a signal that lives as long as the process keeps a trace of each request. */
  private async post(poster: JsonPoster, path: string, json: string): Promise<PostAnswer> {
    const { underWay } = this;
    if (underWay === null) throw new Error('the uplink is stopped');
    const { answerTimeoutMs } = this.options.pauses;
    const controller = new AbortController();
    const late = new Error(`no answer within ${answerTimeoutMs} ms`);
    const timer = setTimeout(() => controller.abort(late), answerTimeoutMs);
    underWay.add(controller);
    try {
      return await poster.post(path, json, controller.signal);
    } finally {
      clearTimeout(timer);
      underWay.delete(controller);
    }
  }

  private cutOff(): void {
    const cut = this.underWay ?? [];
    this.underWay = null;
    for (const controller of cut) controller.abort();
  }
}

function committedOf(body: string): number | null {
  const parsed = answerShape.safeParse(jsonOf(body));
  return parsed.success ? parsed.data.committedSequence : null;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // a proxy's page
    return null;
  }
}

function refusedInPlaceOf(item: UplinkItem, why: string, now: EpochMs): UplinkItem {
  return {
    sequence: item.sequence,
    kind: 'refused',
    refused: {
      ref: refOf(item),
      receivedAt: item.kind === 'observation' ? item.observation.receivedAt : now,
      reason: 'uplink',
      detail: why,
      hex: Buffer.from(JSON.stringify(item)).subarray(0, HEX_BYTES).toString('hex'),
    },
  };
}

function refOf(item: UplinkItem): ReadingRef {
  switch (item.kind) {
    case 'observation': {
      const { deviceId, boot, sequence } = item.observation;
      return { deviceId, boot, sequence };
    }
    case 'pass':
      return item.pass.causes[0] ?? { deviceId: item.pass.laneId, boot: item.pass.passId, sequence: 0 };
    case 'refused':
      return item.refused.ref;
  }
}
