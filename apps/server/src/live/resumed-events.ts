import { isBehind, journalPage, type JournalPlace } from '../api/tracking-event/journal-pages.js';
import { asksTheDatabase, matches } from '../api/tracking-event/event-filter.js';
import { isFound, type TrackingEventRow } from '../api/tracking-event/tracking-event.queries.js';
import type { TrackingEventFilter } from '../api/schema.generated.js';
import type { Reader } from '../api/shared/reader.js';
import type { LiveHub } from './live-hub.js';

/** Events read at once while catching up. */
const PAGE = 200;

/**
 * A reader's events from a place in the journal on: first page by page what is stored, then what is told live. The live part
 * begins before the last page is read, and what that page held is passed over, so nothing is missing and nothing comes twice.
 */
export class ResumedEvents<Payload> implements AsyncIterableIterator<Payload> {
  private stored: TrackingEventRow[] = [];
  private live: AsyncIterableIterator<TrackingEventRow> | null = null;
  private caughtUp = false;
  private ended = false;

  constructor(
    private readonly hub: LiveHub,
    private readonly reader: Reader,
    private place: JournalPlace,
    private readonly filter: TrackingEventFilter | null | undefined,
    private readonly toPayload: (event: TrackingEventRow) => Payload,
  ) {}

  async next(): Promise<IteratorResult<Payload>> {
    while (!this.ended) {
      const event = this.stored.shift() ?? (this.caughtUp ? await this.nextLive() : await this.nextStored());
      if (event === 'more') continue;
      if (event === 'end') break;
      return { done: false, value: this.toPayload(event) };
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
    const told = await this.live?.next();
    if (told === undefined || told.done === true) return 'end';
    if (!isBehind(told.value, this.place)) return 'more';
    const { reader, filter } = this;
    return !asksTheDatabase(filter) || (await isFound(reader, filter, told.value)) ? told.value : 'more';
  }

  private listen(): AsyncIterableIterator<TrackingEventRow> {
    const live = this.hub.subscribe('event', this.reader.visibility, (event) =>
      matches(this.filter, event) ? event : null,
    );
    if (this.ended) void live.return?.();
    return live;
  }
}
