import { OutboxFollower, type OutboxEntry, type OutboxTopic } from '#libs/journal';
import type { Logger } from '#libs/kernel';
import { Database, type Tx, type Visibility } from '#libs/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { ALERTS_BY_KEYS, type AlertRow } from '../api/alert/alert.queries.js';
import { PASSES_BY_KEYS, type GatePassRow } from '../api/gate-pass/gate-pass.queries.js';
import { asSeenBy, EVENTS_BY_KEYS, type TrackingEventRow } from '../api/tracking-event/tracking-event.queries.js';
import { LOGGER } from '../operations/logger.token.js';
import { Metrics } from '../operations/metrics.js';
import { BoundedQueue } from './bounded-queue.js';

/** What each topic of the outbox tells. */
interface Told {
  readonly event: TrackingEventRow;
  readonly pass: GatePassRow;
  readonly alert: AlertRow;
}

/** How each topic's rows are read: $1 sites, $2 ids. */
const STATEMENTS: Readonly<Record<OutboxTopic, string>> = {
  event: EVENTS_BY_KEYS,
  pass: PASSES_BY_KEYS,
  alert: ALERTS_BY_KEYS,
};

/** Most of what may wait for one slow reader. */
const MAX_WAITING = 256;
/** Visibilities that are read for at once: fewer than the pool has connections, so that questions are answered meanwhile. */
const MAX_READS = 4;

type AnyRow = Told[OutboxTopic];

/** All who subscribed with one visibility. */
interface Audience {
  readonly visibility: Visibility;
  readonly listeners: Map<OutboxTopic, Set<(row: AnyRow) => void>>;
}

/**
 * Tells subscribers what was stored. For each page of the outbox the rows are read once for each distinct visibility that
 * somebody subscribed with, under its row-level policies: nobody is told of a row that they could not have asked for.
 */
@Injectable()
export class LiveHub {
  private readonly audiences = new Map<string, Audience>();
  private readonly follower: OutboxFollower;

  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.follower = new OutboxFollower(database, (entries) => this.deliver(entries), logger);
  }

  start(): Promise<void> {
    return this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  /**
   * @param toPayload null for a row that the subscriber did not ask for
   * @returns ends with LIMIT_EXCEEDED when its reader lets too much wait
   */
  subscribe<Topic extends OutboxTopic, Payload>(
    topic: Topic,
    visibility: Visibility,
    toPayload: (row: Told[Topic]) => Payload | null,
  ): AsyncIterableIterator<Payload> {
    const key = JSON.stringify(visibility);
    const audience: Audience = this.audiences.get(key) ?? { visibility, listeners: new Map() };
    this.audiences.set(key, audience);
    const listeners = audience.listeners.get(topic) ?? new Set<(row: AnyRow) => void>();
    audience.listeners.set(topic, listeners);
    const listener = (row: AnyRow): void => {
      const payload = toPayload(row as Told[Topic]);
      if (payload !== null) queue.push(payload);
    };
    const queue = new BoundedQueue<Payload>(MAX_WAITING, () => {
      listeners.delete(listener);
      if (listeners.size === 0 && audience.listeners.get(topic) === listeners) audience.listeners.delete(topic);
      if (audience.listeners.size === 0 && this.audiences.get(key) === audience) this.audiences.delete(key);
      this.metrics.subscriptions.dec({ topic });
    });
    listeners.add(listener);
    this.metrics.subscriptions.inc({ topic });
    this.metrics.subscriptionsBegun.inc({ topic });
    return queue;
  }

  private async deliver(entries: readonly OutboxEntry[]): Promise<void> {
    const waiting = [...this.audiences.values()];
    const worker = async (): Promise<void> => {
      for (let audience = waiting.pop(); audience !== undefined; audience = waiting.pop()) {
        await this.tell(audience, entries);
      }
    };
    await Promise.all(Array.from({ length: MAX_READS }, worker));
  }

  /** One transaction for all topics, so that what was stored together is also read together. */
  private async tell({ visibility, listeners }: Audience, entries: readonly OutboxEntry[]): Promise<void> {
    const own = entries.filter(
      ({ topic, siteId }) =>
        listeners.has(topic) && (!('siteIds' in visibility) || visibility.siteIds.includes(siteId)),
    );
    if (own.length === 0) return;
    const rows = await this.database.read(visibility, (tx) => rowsOf(tx, own), { prepared: true });
    for (const entry of own) {
      const row = rows.get(keyOf(entry.topic, entry.siteId, entry.subjectId));
      if (row === undefined) continue;
      const seen = entry.topic === 'event' ? asSeenBy(visibility, row as TrackingEventRow) : row;
      for (const listener of listeners.get(entry.topic) ?? []) listener(seen);
    }
  }
}

const keyOf = (topic: OutboxTopic, site: string, id: string): string => `${topic}/${site}/${id}`;

async function rowsOf(tx: Tx, entries: readonly OutboxEntry[]): Promise<ReadonlyMap<string, AnyRow>> {
  const topics = [...new Set(entries.map(({ topic }) => topic))];
  const answers = await Promise.all(
    topics.map(async (topic) => {
      const asked = entries.filter((entry) => entry.topic === topic);
      const rows = await tx.query<AnyRow>(STATEMENTS[topic], [
        asked.map(({ siteId }) => siteId),
        asked.map(({ subjectId }) => subjectId),
      ]);
      return rows.map((row) => [keyOf(topic, row.siteId, row.uuid), row] as const);
    }),
  );
  return new Map(answers.flat());
}
