import { OUTBOX_PAGE, OutboxFollower, type OutboxEntry, type OutboxTopic } from '#libs/journal';
import type { Logger } from '#libs/kernel';
import { Database, type Visibility } from '#libs/persistence';
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

/** Most of what may wait for one slow reader. A page is told at once: a reader that keeps up must have room for it. */
const MAX_WAITING = 2 * OUTBOX_PAGE;
/** Visibilities that are read for at once: fewer than the pool has connections, so that questions are answered meanwhile. */
const MAX_READS = 4;
/** Audiences that one transaction reads for. */
const AUDIENCES_A_READ = 64;

type AnyRow = Told[OutboxTopic];

/** All who subscribed with one visibility. */
interface Audience {
  readonly visibility: Visibility;
  readonly listeners: Map<OutboxTopic, Set<(row: AnyRow) => void>>;
}

/**
 * Tells subscribers what was stored. For each page of the outbox the rows are read once for each distinct visibility that
 * somebody subscribed with and that they may concern, under its row-level policies: nobody is told of a row that they could not
 * have asked for.
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
   * @returns ends with LIMIT_EXCEEDED, behind what waits, when its reader lets too much wait
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
    const concerned = await this.concernedBy(entries);
    const parts = chunks(concerned, AUDIENCES_A_READ);
    const worker = async (): Promise<void> => {
      for (let part = parts.pop(); part !== undefined; part = parts.pop()) await this.tell(part);
    };
    await Promise.all(Array.from({ length: MAX_READS }, worker));
  }

  /** Whom each entry may concern: by site, or by the windows that hold the event. Row-level security has the last word. */
  private async concernedBy(entries: readonly OutboxEntry[]): Promise<Concern[]> {
    const audiences = [...this.audiences.values()];
    const holders = audiences.some(({ visibility }) => visibility.scope === 'COMPANY')
      ? await this.windowHolders(entries.filter(({ topic }) => topic === 'event'))
      : new Map<string, readonly OutboxEntry[]>();
    return audiences.flatMap((audience) => {
      const { visibility, listeners } = audience;
      const mine =
        'siteIds' in visibility
          ? entries.filter(({ siteId }) => visibility.siteIds.includes(siteId))
          : (holders.get(visibility.organisationId) ?? []);
      const asked = mine.filter(({ topic }) => listeners.has(topic));
      return asked.length === 0 ? [] : [{ audience, entries: asked }];
    });
  }

  private async windowHolders(events: readonly OutboxEntry[]): Promise<Map<string, OutboxEntry[]>> {
    const byCompany = new Map<string, OutboxEntry[]>();
    if (events.length === 0) return byCompany;
    const rows = await this.database.readRecorded<{ organisation: string; ordinal: number }>(WINDOW_HOLDERS, [
      events.map(({ siteId }) => siteId),
      events.map(({ subjectId }) => subjectId),
    ]);
    for (const { organisation, ordinal } of rows) {
      const entry = events[ordinal - 1];
      if (entry === undefined) continue;
      const known = byCompany.get(organisation);
      if (known === undefined) byCompany.set(organisation, [entry]);
      else known.push(entry);
    }
    return byCompany;
  }

  private async tell(concerned: readonly Concern[]): Promise<void> {
    const asks = concerned.flatMap(({ audience, entries }) =>
      [...new Set(entries.map(({ topic }) => topic))].map((topic) => ({
        audience,
        topic,
        entries: entries.filter((entry) => entry.topic === topic),
      })),
    );
    const answers = await this.database.readEach<AnyRow>(
      asks.map(({ audience: { visibility }, topic, entries }) => ({
        visibility,
        sql: STATEMENTS[topic],
        values: [entries.map(({ siteId }) => siteId), entries.map(({ subjectId }) => subjectId)],
      })),
    );
    for (const [index, { audience, topic, entries }] of asks.entries()) {
      const rows = new Map(answers[index]?.map((row) => [keyOf(row.siteId, row.uuid), row]));
      for (const { siteId, subjectId } of entries) {
        const row = rows.get(keyOf(siteId, subjectId));
        if (row === undefined) continue;
        const seen = topic === 'event' ? asSeenBy(audience.visibility, row as TrackingEventRow) : row;
        for (const listener of audience.listeners.get(topic) ?? []) listener(seen);
      }
    }
  }
}

interface Concern {
  readonly audience: Audience;
  readonly entries: readonly OutboxEntry[];
}

/** $1 sites, $2 ids of events: which companies have a window that holds which of them. */
const WINDOW_HOLDERS = `
SELECT DISTINCT w.organisation_id::text AS organisation, asked.ordinal::int AS ordinal
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked(site, id, ordinal)
JOIN tracking_event e ON e.site_id = asked.site AND e.id = asked.id
JOIN company_window w ON w.container_number = e.container_number
  AND e.occurred_at >= w.valid_from AND (w.valid_to IS NULL OR e.occurred_at < w.valid_to)
ORDER BY 2`;

const keyOf = (site: string, id: string): string => `${site}/${id}`;

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
