import { DomainError } from '#libs/kernel';
import type { Tx } from './database.js';

/** One intent of one person. */
export interface IdempotentRequest {
  readonly personId: string;
  /** Drawn by the caller; unique per person. */
  readonly key: string;
  readonly operation: string;
  /** SHA-256 of the operation's canonical input. */
  readonly requestHash: Uint8Array;
}

interface IdempotencyRow {
  readonly operation: string;
  readonly request_hash: Buffer;
  readonly answer: unknown;
}

/**
 * Runs `work` once for a key, in the transaction that also keeps its answer; a repetition gets the kept answer.
 * Repetitions that come while the first is under way wait for its commit at the key's unique index; when it fails they run it anew.
 * @param work its answer must be JSON
 * @throws DomainError IDEMPOTENCY_MISMATCH when the key stands for another operation or input
 */
export async function runOnce<T>(tx: Tx, request: IdempotentRequest, work: () => Promise<T>): Promise<T> {
  const drawn = await tx.query(
    `INSERT INTO idempotency (person_id, key, operation, request_hash, answer) VALUES ($1, $2, $3, $4, 'null')
     ON CONFLICT (person_id, key) DO NOTHING RETURNING 1`,
    [request.personId, request.key, request.operation, Buffer.from(request.requestHash)],
  );
  if (drawn.length === 0) return keptAnswer<T>(tx, request);
  const answer = await work();
  await tx.query(`UPDATE idempotency SET answer = $3 WHERE person_id = $1 AND key = $2`, [
    request.personId,
    request.key,
    JSON.stringify(answer),
  ]);
  return answer;
}

async function keptAnswer<T>(tx: Tx, request: IdempotentRequest): Promise<T> {
  const [kept] = await tx.query<IdempotencyRow>(
    `SELECT operation, request_hash, answer FROM idempotency WHERE person_id = $1 AND key = $2`,
    [request.personId, request.key],
  );
  // Removed by age between the two statements: the caller may try again with the same key.
  if (kept === undefined) throw new DomainError('UNAVAILABLE', { field: 'idempotencyKey' });
  if (kept.operation !== request.operation || Buffer.compare(kept.request_hash, request.requestHash) !== 0) {
    throw new DomainError('IDEMPOTENCY_MISMATCH', {
      field: 'idempotencyKey',
      value: request.key,
      expected: 'a new key for a new request',
    });
  }
  return kept.answer as T;
}
