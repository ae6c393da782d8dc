import { DomainError } from '#libs/kernel';
import { isBehind, journalPage, type JournalPlace } from '../api/tracking-event/journal-pages.js';
import { asksTheDatabase, matches } from '../api/tracking-event/event-filter.js';
import { isFound, type TrackingEventRow } from '../api/tracking-event/tracking-event.queries.js';
import type { TrackingEventFilter } from '../api/schema.generated.js';
import type { Reader } from '../api/shared/reader.js';
import type { LiveHub } from './live-hub.js';

/** Events read at once while catching up. */
const PAGE = 200;
/** Before every event. */
const BEGINNING: JournalPlace = { xid: 0n, position: 0n };

/**
 * A reader's events from a place in the journal on, or from now on: first page by page what is stored, then what is told live. The live
 * part begins before the last page is read, and what that page held is passed over, so nothing is missing and nothing comes twice.
 * A reader that lets more wait than the hub keeps for it goes on reading what is stored, and is told live again when it has caught up.
 */
export class FollowedEvents<Payload> implements AsyncIterableIterator<Payload> {
  private stored: TrackingEventRow[] = [];
  private live: AsyncIterableIterator<TrackingEventRow> | null = null;
  private caughtUp = false;
  private ended = false;
  private place: JournalPlace;

  /** @param from the place behind which to begin; null: now */
  constructor(
    private readonly hub: LiveHub,
    private readonly reader: Reader,
    from: JournalPlace | null,
    private readonly filter: TrackingEventFilter | null | undefined,
    private readonly toPayload: (event: TrackingEventRow) => Payload,
  ) {
    this.place = from ?? BEGINNING;
    if (from !== null) return;
    this.live = this.listen();
    this.caughtUp = true;
  }

  async next(): Promise<IteratorResult<Payload>> {
    try {
      while (!this.ended) {
        const event = this.stored.shift() ?? (this.caughtUp ? await this.nextLive() : await this.nextStored());
        if (event === 'more') continue;
        if (event === 'end') break;
        return { done: false, value: this.toPayload(event) };
      }
    } catch (error) {
      // Whoever iterates takes a failure for the end and does not call `return`: the hub would go on telling nobody.
      await this.return();
      throw error;
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Payload>> {
    this.ended = true;
    await this.live?.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async nextStored(): Promise<TrackingEventRow | 'more'> {
    const page = await journalPage(this.reader, this.place, this.filter, PAGE);
    this.place = page.end;
    this.stored = [...page.rows];
    if (page.isFull) return 'more';
    this.caughtUp = this.live !== null;
    this.live ??= this.listen();
    return 'more';
  }

  private async nextLive(): Promise<TrackingEventRow | 'more' | 'end'> {
    const told = await this.toldLive();
    if (told === 'more' || told === 'end') return told;
    if (!isBehind(told, this.place)) return 'more';
    // Told in the journal's order, so that here one may begin again.
    this.place = { xid: BigInt(told.xid), position: BigInt(told.position) };
    const { reader, filter } = this;
    return !asksTheDatabase(filter) || (await isFound(reader, filter, told)) ? told : 'more';
  }

  private async toldLive(): Promise<TrackingEventRow | 'more' | 'end'> {
    try {
      const told = await this.live?.next();
      return told === undefined || told.done === true ? 'end' : told.value;
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'LIMIT_EXCEEDED')) throw error;
      this.live = null;
      this.caughtUp = false;
      return 'more';
    }
  }

  private listen(): AsyncIterableIterator<TrackingEventRow> {
    const live = this.hub.subscribe('event', this.reader.visibility, (event) =>
      matches(this.filter, event) ? event : null,
    );
    if (this.ended) void live.return?.();
    return live;
  }
}
