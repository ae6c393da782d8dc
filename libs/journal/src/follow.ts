import type { Logger } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import { OUTBOX_CHANNEL, type OutboxEntry } from './append.js';

/** A place in the outbox. Commit order is not insert order, so a reader stops at the oldest transaction still in flight. */
export interface OutboxCursor {
  readonly xid: string;
  readonly position: string;
}

interface OutboxRow {
  readonly xid: string;
  readonly position: string;
  readonly topic: OutboxEntry['topic'];
  readonly site_id: string;
  readonly subject_id: string;
}

/** Stands for rows that wait for an older transaction to end. */
interface BlockedRow {
  readonly topic: null;
}

/** Most entries that `deliver` is given at once. */
export const OUTBOX_PAGE = 500;
/** $1 xid and $2 position behind which to read. Without a row to tell, one of nulls says that some wait. */
const PAGE_BEHIND = `
WITH page AS (
  SELECT xid, position, topic, site_id, subject_id FROM outbox
  WHERE (xid, position) > ($1::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
  ORDER BY xid, position LIMIT ${OUTBOX_PAGE})
SELECT page.xid::text, page.position::text, topic, site_id, subject_id FROM (SELECT 1) AS one LEFT JOIN page ON true
WHERE topic IS NOT NULL OR EXISTS (SELECT 1 FROM outbox WHERE (xid, position) > ($1::xid8, $2::bigint))
ORDER BY page.xid, page.position`;
/** Wakes by itself this often, should a notification be lost with its connection. */
const POLL_MS = 500;
/** While an older transaction is in flight, rows of younger ones wait behind it; this is how soon to look again. */
const BLOCKED_MS = 5;
const RECONNECT_MS = 500;

/** The end of the outbox as of now: what a new follower begins behind. */
export async function outboxEnd(tx: Tx): Promise<OutboxCursor> {
  const [row] = await tx.query<{ xid: string }>(`SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid`);
  return { xid: row?.xid ?? '0', position: '0' };
}

/**
 * Tells every committed outbox row to `deliver`, in (xid, position) order, at least once and none skipped.
 * `deliver` is awaited: a slow consumer holds its own cursor, nobody else's.
 */
export class OutboxFollower {
  private cursor: OutboxCursor | undefined;
  private stopped = false;
  private woken = false;
  private endSleep: () => void = () => undefined;
  private loop: Promise<void> | undefined;
  private unlisten: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly deliver: (entries: readonly OutboxEntry[]) => Promise<void>,
    private readonly logger: Logger,
    private readonly pollMs = POLL_MS,
  ) {}

  async start(): Promise<void> {
    this.cursor = await this.database.write(outboxEnd);
    await this.listen();
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
    this.unlisten?.();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      let pause: number;
      this.woken = false;
      try {
        if (this.unlisten === undefined) await this.listen();
        pause = await this.drain();
      } catch (error) {
        this.logger.warn({ err: error }, 'the outbox cannot be read now; trying again');
        pause = RECONNECT_MS;
      }
      if (pause > 0) await this.sleep(pause);
    }
  }

  /** @returns how long to sleep: 0 when more may be waiting */
  private async drain(): Promise<number> {
    const from = this.cursor ?? { xid: '0', position: '0' };
    const rows = await this.database.readRecorded<OutboxRow | BlockedRow>(PAGE_BEHIND, [from.xid, from.position]);
    const entries = rows.filter((row) => row.topic !== null);
    const last = entries.at(-1);
    if (last === undefined) return rows.length > 0 ? BLOCKED_MS : this.pollMs;
    await this.deliver(entries.map((row) => ({ topic: row.topic, siteId: row.site_id, subjectId: row.subject_id })));
    this.cursor = { xid: last.xid, position: last.position };
    return 0;
  }

  private async listen(): Promise<void> {
    const client = await this.database.listenConnection();
    const onNotification = (): void => this.wake();
    const onEnd = (): void => {
      this.unlisten = undefined;
      client.removeAllListeners('notification');
      client.release(true);
      this.wake();
    };
    client.on('notification', onNotification);
    client.once('error', onEnd);
    await client.query(`LISTEN ${OUTBOX_CHANNEL}`);
    this.unlisten = () => {
      client.off('error', onEnd);
      client.off('notification', onNotification);
      client.release(true);
    };
  }

  private wake(): void {
    this.woken = true;
    this.endSleep();
  }

  /** Returns at once when woken since the last look: a notification between the look and the sleep is not lost. */
  private sleep(ms: number): Promise<void> {
    if (this.woken || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
