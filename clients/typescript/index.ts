import { createClient } from 'graphql-ws';
import { BoxtrailError, errorOf, type ToldError } from './boxtrail-error.js';
import type { Document } from './document.js';
import {
  EventsLive,
  JournalEnd,
  type EventsLiveSubscription,
  type EventsLiveSubscriptionVariables,
} from './operations.generated.js';

export { BoxtrailError } from './boxtrail-error.js';
export type { Document } from './document.js';
export * from './operations.generated.js';

export interface BoxtrailOptions {
  /** `https://boxtrail.example`: where the console is. */
  readonly url: string;
  readonly token: string;
  /** Why customs ask (案件编号, 查验编号): their reads are refused without one. */
  readonly caseNumber?: string;
  /** The WebSocket class of `ws` where the runtime has none, as Node before 22. */
  readonly webSocketImpl?: unknown;
  /** Before a lost subscription is taken up again; doubled each time, up to 30 s. */
  readonly firstPauseMs?: number;
}

export interface FollowOptions {
  readonly filter?: EventsLiveSubscriptionVariables['filter'];
  /** The `journalCursor` of the last event that one had; absent: from now on. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

type RecordedEvent = EventsLiveSubscription['eventRecorded'];

const LONGEST_PAUSE_MS = 30_000;
/** Closed by the service for good: bad request, unauthorised, forbidden. */
const FINAL_CODES = new Set([4400, 4401, 4403]);

/** The API with types, for Node ≥ 20.19 and browsers. */
export class BoxtrailClient {
  constructor(private readonly options: BoxtrailOptions) {}

  /** @throws BoxtrailError */
  async ask<Data, Variables>(document: Document<Data, Variables>, variables: Variables): Promise<Data> {
    const { url, token, caseNumber } = this.options;
    const answer = await fetch(new URL('/graphql', url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        // A header holds no Chinese.
        ...(caseNumber === undefined ? {} : { 'x-case-number': encodeURIComponent(caseNumber) }),
      },
      body: JSON.stringify({ query: document.text, variables }),
    });
    const body = (await answer.json()) as { data?: Data | null; errors?: readonly ToldError[] };
    const [error] = body.errors ?? [];
    if (error !== undefined) throw errorOf(error);
    if (body.data === undefined || body.data === null)
      throw new Error(`the service answered ${answer.status} without data`);
    return body.data;
  }

  /**
   * Events as they are stored, for ever. A lost connection is taken up behind the last event that was told, so that none is missed
   * and none comes twice.
   * @throws BoxtrailError when the service refuses, such as for a token that ended
   */
  async *follow({ filter, after, signal }: FollowOptions = {}): AsyncGenerator<RecordedEvent> {
    const { firstPauseMs = 250 } = this.options;
    let cursor = after ?? (await this.ask(JournalEnd, {})).journalEnd;
    let pauseMs = firstPauseMs;
    const isOver = (): boolean => signal?.aborted === true;
    while (!isOver()) {
      try {
        for await (const event of this.subscribe({ filter: filter ?? null, after: cursor }, signal)) {
          cursor = event.journalCursor;
          pauseMs = firstPauseMs;
          yield event;
        }
      } catch (error) {
        if (isFinal(error)) throw error;
      }
      if (isOver()) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }

  private async *subscribe(
    variables: EventsLiveSubscriptionVariables,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<RecordedEvent> {
    const url = new URL('/graphql', this.options.url);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = createClient({
      url: url.href,
      connectionParams: {
        authorization: `Bearer ${this.options.token}`,
        ...(this.options.caseNumber === undefined ? {} : { caseNumber: encodeURIComponent(this.options.caseNumber) }),
      },
      // Taking it up again is ours: the service must be told from where.
      retryAttempts: 0,
      ...(this.options.webSocketImpl === undefined ? {} : { webSocketImpl: this.options.webSocketImpl }),
    });
    const end = (): void => socket.terminate();
    signal?.addEventListener('abort', end, { once: true });
    try {
      const query = EventsLive.text;
      for await (const { data, errors } of socket.iterate<EventsLiveSubscription>({
        query,
        variables: { ...variables },
      })) {
        const [error] = errors ?? [];
        if (error !== undefined) throw errorOf(error);
        if (data) yield data.eventRecorded;
      }
    } catch (error) {
      throw Array.isArray(error) ? errorOf(error[0] as ToldError) : error;
    } finally {
      signal?.removeEventListener('abort', end);
      await socket.dispose();
    }
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof BoxtrailError) return !error.retryable;
  return typeof error === 'object' && error !== null && 'code' in error && FINAL_CODES.has(Number(error.code));
}
