import type { Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER } from './logger.token.js';

const EVERY_MS = 10 * 60_000;
/** Rows of one statement: few enough that no recording waits long for it. */
const MOST_ROWS = 5_000;

/** What is only of use for a while, and how long. Each table has an index over `created_at`. */
const KEPT: readonly { readonly table: string; readonly key: string; readonly days: number }[] = [
  // A follower begins at the end when it starts, so a day is more than one will ever read back.
  { table: 'outbox', key: 'position', days: 1 },
  // A caller that repeats itself does so within minutes; a week covers a weekend's outage.
  { table: 'idempotency', key: '(person_id, key)', days: 7 },
  // Codes are taken within days; failures are forgotten or cost a day at most.
  { table: 'one_time_code', key: 'code_hash', days: 7 },
  { table: 'phone_code', key: 'id', days: 2 },
  { table: 'sign_in_attempt', key: 'subject', days: 2 },
  // Sessions end within a day; who was signed in is asked for longer.
  { table: 'session', key: 'id', days: 180 },
];

/** Removes what is too old to be asked for, so that neither table grows without end. */
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
        this.logger.warn({ err: error }, 'what is too old could not be removed; trying again later'),
      );
    }, EVERY_MS);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Each statement in a transaction of its own. */
  async sweep(): Promise<void> {
    for (const { table, key, days } of KEPT) {
      let removed = MOST_ROWS;
      while (removed === MOST_ROWS) {
        const rows = await this.database.write((tx) =>
          tx.query(
            `DELETE FROM ${table} WHERE ${key} IN (
               SELECT ${key.replace(/[()]/g, '')} FROM ${table} WHERE created_at < now() - make_interval(days => $1)
               ORDER BY created_at LIMIT ${MOST_ROWS}) RETURNING 1`,
            [days],
          ),
        );
        removed = rows.length;
      }
    }
  }
}
