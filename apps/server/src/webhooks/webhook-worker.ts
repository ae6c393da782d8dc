import { setTimeout as pause } from 'node:timers/promises';
import {
  claimDue,
  DELIVERY_PAUSES_MS,
  disableEndpoint,
  enqueue,
  faultOf,
  faultText,
  mayTakeMore,
  postOutward,
  settle,
  signedHeaders,
  workingEndpoints,
  type AllowedNetworks,
  type Attempt,
  type ClaimedDelivery,
  type WorkingEndpoint,
} from '#libs/exchange';
import { standingOf, Vault } from '#libs/identity';
import type { Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { TrackingEventFilter } from '../api/schema.generated.js';
import { Reader } from '../api/shared/reader.js';
import { journalPage } from '../api/tracking-event/journal-pages.js';
import { asSeenBy, EVENTS_BY_KEYS, type TrackingEventRow } from '../api/tracking-event/tracking-event.queries.js';
import { LOGGER } from '../operations/logger.token.js';
import { isReadForACase, recordFollowing } from '../audit/followed.js';
import { Metrics } from '../operations/metrics.js';
import { WEBHOOK_NETWORKS } from './webhook-desk.js';
import { webhookMessage, webhookMessageId } from './webhook-message.js';
import { WebhookSecrets } from './webhook-secrets.js';

export interface WebhookTimes {
  /** Between two looks at the journal. */
  readonly pollMs: number;
  readonly answerMs: number;
  readonly pausesMs: readonly number[];
}

export const WEBHOOK_TIMES: WebhookTimes = { pollMs: 500, answerMs: 10_000, pausesMs: DELIVERY_PAUSES_MS };
export const WEBHOOK_TIMES_TOKEN = Symbol('WEBHOOK_TIMES');

/** Endpoints looked at together. */
const ENDPOINTS_AT_ONCE = 8;
const PAGE = 200;
/** Deliveries of one endpoint in one turn: others have their turn too. */
const DELIVERIES_A_TURN = 20;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Tells webhooks what happened. Each endpoint has a cursor in the journal and follows it as its maker would read: events become
 * deliveries in the transaction that moves the cursor, so none is missed; each delivery is then tried until it is taken or dead,
 * so at least once. Any number of service processes share the work by row locks.
 */
@Injectable()
export class WebhookWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private stopped = false;
  private running: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    private readonly secrets: WebhookSecrets,
    private readonly vault: Vault,
    @Inject(WEBHOOK_NETWORKS) private readonly networks: AllowedNetworks,
    @Inject(WEBHOOK_TIMES_TOKEN) private readonly times: WebhookTimes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.round();
      } catch (error) {
        this.logger.warn({ err: error }, 'webhooks cannot be worked on now; trying again');
      }
      // Rejects when the service ends: then nothing is waited for.
      await pause(this.times.pollMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async round(): Promise<void> {
    for (let after = NO_ID; !this.stopped;) {
      const endpoints = await this.database.write((tx) => workingEndpoints(tx, after, ENDPOINTS_AT_ONCE));
      const last = endpoints.at(-1);
      if (last === undefined) return;
      await Promise.all(endpoints.map((endpoint) => this.workOn(endpoint)));
      after = last.id;
    }
  }

  private async workOn(endpoint: WorkingEndpoint): Promise<void> {
    try {
      const reader = await this.readerOf(endpoint);
      if (isReadForACase(endpoint) && endpoint.caseNumber === null) {
        await this.database.write((tx) => disableEndpoint(tx, endpoint.id, 'it was made for no case; make another'));
        return;
      }
      if (reader === null) {
        await this.database.write((tx) => disableEndpoint(tx, endpoint.id, 'its maker may no longer read'));
        return;
      }
      if (mayTakeMore(endpoint)) await this.follow(endpoint, reader);
      if (!endpoint.rests) await this.deliver(endpoint, reader);
    } catch (error) {
      this.logger.warn({ err: error, endpoint: endpoint.id }, 'a webhook cannot be worked on now; trying again');
    }
  }

  private async readerOf({ organisationId, madeBy, madeWith, role }: WorkingEndpoint): Promise<Reader | null> {
    const stand = { personId: madeBy, organisationId, role, tokenId: madeWith };
    const principal = await this.database.write((tx) => standingOf(tx, this.vault, stand));
    return principal === null ? null : new Reader(this.database, principal, this.metrics.statements);
  }

  private async follow(endpoint: WorkingEndpoint, reader: Reader): Promise<void> {
    const from = { xid: BigInt(endpoint.cursor.xid), position: BigInt(endpoint.cursor.position) };
    const page = await journalPage(reader, from, filterOf(endpoint), PAGE);
    const { xid, position } = page.end;
    if (page.rows.length === 0 && xid === from.xid) return;
    // Else the cursor would pass over what a suspension hid.
    if (!(await reader.isBelieved())) return;
    await this.database.write(async (tx) => {
      const moved = await enqueue(tx, endpoint, page.rows, { xid: String(xid), position: String(position) });
      if (moved && page.rows.length > 0) await recordFollowing(tx, endpoint, page.rows.length);
    });
  }

  /** One after the other, so that the order holds; behind one that nobody answered the rest waits. */
  private async deliver(endpoint: WorkingEndpoint, reader: Reader): Promise<void> {
    for (let turn = 0; turn < DELIVERIES_A_TURN && !this.stopped; turn++) {
      const claimed = await this.claim(endpoint);
      if (claimed === null) return;
      const { delivery, secrets } = claimed;
      const [row] = await reader.query<TrackingEventRow>(EVENTS_BY_KEYS, [[delivery.siteId], [delivery.eventId]]);
      if (row === undefined && !(await reader.isBelieved())) return;
      const attempt: Attempt =
        row === undefined
          ? { kind: 'WITHHELD' }
          : await this.attempt(endpoint, delivery.url, secrets, asSeenBy(reader.visibility, row));
      await this.write(endpoint, delivery, attempt);
      if (attempt.kind === 'UNHEARD') return;
    }
  }

  /** Opened where it is claimed: with another installation's key nothing is tried, and nothing counts as tried. */
  private async claim({
    id,
  }: WorkingEndpoint): Promise<{ readonly delivery: ClaimedDelivery; readonly secrets: readonly Buffer[] } | null> {
    return this.database.write(async (tx) => {
      const delivery = await claimDue(tx, id);
      if (delivery === null) return null;
      const sealed = delivery.formerSecret === null ? [delivery.secret] : [delivery.secret, delivery.formerSecret];
      return { delivery, secrets: sealed.map((one) => this.secrets.open(id, one)) };
    });
  }

  private async write(endpoint: WorkingEndpoint, delivery: ClaimedDelivery, attempt: Attempt): Promise<void> {
    this.metrics.webhookAttempts.inc({ outcome: attempt.kind.toLowerCase() });
    await this.database.write((tx) => settle(tx, endpoint.id, delivery, attempt, this.times.pausesMs));
  }

  private async attempt(
    { id }: WorkingEndpoint,
    url: string,
    secrets: readonly Buffer[],
    event: TrackingEventRow,
  ): Promise<Attempt> {
    const body = webhookMessage(event);
    try {
      const { status, text } = await postOutward({
        url: new URL(url),
        headers: { ...signedHeaders(webhookMessageId(event), Date.now(), body, secrets), 'user-agent': 'Boxtrail' },
        body,
        timeoutMs: this.times.answerMs,
        allowed: this.networks,
      });
      if (status >= 200 && status < 300) return { kind: 'TAKEN', status };
      // Busy or broken over there: the same message may be taken later, and so may all behind it.
      if (status >= 500 || status === 408 || status === 429) return { kind: 'UNHEARD', error: `${status} ${text}` };
      return { kind: 'REFUSED', status, error: text, gone: status === 410 };
    } catch (error) {
      // The machine's own words tell of our side too: they stay here.
      const fault = faultOf(error);
      this.logger.info({ err: error, endpoint: id, fault }, 'a webhook gave no answer');
      return { kind: 'UNHEARD', error: faultText(fault) };
    }
  }
}

/** Kept as JSON, where instants are text. */
function filterOf({ filter }: WorkingEndpoint): TrackingEventFilter | null {
  if (filter === null) return null;
  const kept = filter as TrackingEventFilter & { period?: { from?: string | null; to?: string | null } | null };
  const instant = (text: string | null | undefined): Date | null => (text ? new Date(text) : null);
  return kept.period ? { ...kept, period: { from: instant(kept.period.from), to: instant(kept.period.to) } } : kept;
}
