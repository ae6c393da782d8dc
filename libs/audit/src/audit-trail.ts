import { DomainError, type Logger } from '#libs/kernel';
import { sqlState, type Database, type Tx } from '#libs/persistence';
import { insertRecords, type AuditFact } from './audit-record.js';

/** Records of one transaction. */
const MOST_AT_ONCE = 200;
/** Records that may wait for theirs: more are refused, and with them what they would have recorded. */
const MOST_WAITING = 10_000;

interface Waiting {
  readonly fact: AuditFact;
  readonly resolve: () => void;
  readonly reject: (error: DomainError) => void;
}

/**
 * Writes the audit. What was read waits here for its record's commit before its answer may leave; whatever comes while one
 * transaction is under way shares the next one.
 */
export class AuditTrail {
  private waiting: Waiting[] = [];
  private isWriting = false;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /** How many records wait now. */
  get length(): number {
    return this.waiting.length;
  }

  /**
   * Resolves behind the commit.
   * @throws DomainError UNAVAILABLE when it cannot be recorded
   */
  record(fact: AuditFact): Promise<void> {
    if (this.waiting.length >= MOST_WAITING) return Promise.reject(unavailable());
    return new Promise((resolve, reject) => {
      this.waiting.push({ fact, resolve, reject });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      await this.write(this.waiting.splice(0, MOST_AT_ONCE));
    }
    this.isWriting = false;
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    const facts = batch.map(({ fact }) => fact);
    try {
      await this.database.write((tx) => insertRecords(tx, facts));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      // A record that cannot be stored is refused without those that came with it.
      if (batch.length > 1 && sqlState(error)?.startsWith('22') === true) {
        for (const one of batch) await this.write([one]);
        return;
      }

      this.logger.error(
        { err: error, records: batch.length },
        'the audit cannot be written; what it would record is refused',
      );
      for (const { reject } of batch) reject(unavailable(error));
    }
  }
}

/** A command's record, in the command's own transaction and at its end: the one is not stored without the other. */
export function recordWith(tx: Tx, fact: AuditFact): Promise<void> {
  return insertRecords(tx, [fact]);
}

function unavailable(cause?: unknown): DomainError {
  return new DomainError('UNAVAILABLE', { part: 'audit' }, { message: 'The audit cannot be written now.', cause });
}
