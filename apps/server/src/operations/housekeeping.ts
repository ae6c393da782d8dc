import { watchPapers } from '#libs/identity';
import { systemClock, type EpochMs, type Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER } from './logger.token.js';

const EVERY_MS = 10 * 60_000;
/** Rows of one statement: few enough that no recording waits long for it. */
const MOST_ROWS = 5_000;

interface Kept {
  readonly table: string;
  readonly key: string;
  /** The column that tells how old a row is; the table has an index over it. */
  readonly age: 'created_at' | 'heard_at';
  readonly days: number;
  /** Of which rows; all when absent. */
  readonly only?: string;
}

const DELIVERY = '(endpoint_id, site_id, event_id)';

/** What is only of use for a while, and how long. */
const KEPT: readonly Kept[] = [
  // A follower begins at the end when it starts, so a day is more than one will ever read back.
  { table: 'outbox', key: 'position', age: 'created_at', days: 1 },
  // A caller that repeats itself does so within minutes; a week covers a weekend's outage.
  { table: 'idempotency', key: '(person_id, key)', age: 'created_at', days: 7 },
  // Codes are taken within days; failures are forgotten or cost a day at most.
  { table: 'one_time_code', key: 'code_hash', age: 'created_at', days: 7 },
  { table: 'phone_code', key: 'id', age: 'created_at', days: 2 },
  { table: 'sign_in_attempt', key: 'subject', age: 'created_at', days: 2 },
  // Sessions end within a day; who was signed in is asked for longer.
  { table: 'session', key: 'id', age: 'created_at', days: 180 },
  // A code lives a day at most; who drew it may want to see what came of it.
  { table: 'enrolment_code', key: 'id', age: 'created_at', days: 7 },
  // A request is refused by its time after five minutes, whatever is kept of its boot.
  { table: 'machine_boot', key: '(gateway_id, boot)', age: 'heard_at', days: 1 },
  // A receiver that lost what it had been told asks for it again within a month; dead letters are kept for a quarter.
  { table: 'webhook_delivery', key: DELIVERY, age: 'created_at', days: 30, only: `state = 'DELIVERED'` },
  { table: 'webhook_delivery', key: DELIVERY, age: 'created_at', days: 90, only: `state <> 'PENDING'` },
];

/** Removes what is too old to be asked for, so that neither table grows without end, and looks through the papers of organisations. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.sweep().catch((error: unknown) =>
        this.logger.warn({ err: error }, 'housekeeping could not be done; trying again later'),
      );
    }, EVERY_MS);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Each statement, and each page of organisations, in a transaction of its own. */
  async sweep(now: EpochMs = systemClock.now()): Promise<void> {
    let last: string | null = null;
    do {
      const behind: string | null = last;
      last = await this.database.write((tx) => watchPapers(tx, now, behind));
    } while (last !== null);
    for (const { table, key, age, days, only = 'true' } of KEPT) {
      let removed = MOST_ROWS;
      while (removed === MOST_ROWS) {
        const rows = await this.database.write((tx) =>
          tx.query(
            `DELETE FROM ${table} WHERE ${key} IN (
               SELECT ${key.replace(/[()]/g, '')} FROM ${table} WHERE ${age} < now() - make_interval(days => $1) AND ${only}
               ORDER BY ${age} LIMIT ${MOST_ROWS}) RETURNING 1`,
            [days],
          ),
        );
        removed = rows.length;
      }
    }
  }
}
