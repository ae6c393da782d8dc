import type { Principal } from '#libs/identity';
import { Database, runOnce, type Tx } from '#libs/persistence';
import { Injectable } from '@nestjs/common';
import { canonicalHash } from '../api/shared/canonical.js';
import { beginCommand, recordCommand } from '../audit/audited.js';

/** Runs a command once for its key, in one transaction with the key; a repetition gets the kept answer. */
@Injectable()
export class OncePerKey {
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly database: Database) {}

  /** @param work its answer is kept as JSON for a week: it holds no secret */
  run<T>(
    { personId, organisationId }: Principal,
    operation: string,
    { idempotencyKey, ...asked }: { readonly idempotencyKey: string } & Readonly<Record<string, unknown>>,
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    const request = { personId, key: idempotencyKey, operation, requestHash: canonicalHash([organisationId, asked]) };
    return this.inTurn(`${personId}/${idempotencyKey}`, () =>
      this.database.write((tx) => {
        beginCommand();
        return runOnce(tx, request, async () => {
          const answer = await work(tx);
          await recordCommand(tx, answer);
          return answer;
        });
      }),
    );
  }

  /** Repetitions of one key wait here and not in PostgreSQL, where each would hold a connection that others need. */
  private async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(key);
    const own = before === undefined ? work() : before.then(work, work);
    this.turns.set(key, own);
    try {
      return await own;
    } finally {
      if (this.turns.get(key) === own) this.turns.delete(key);
    }
  }
}
