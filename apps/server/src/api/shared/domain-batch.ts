import type { Question } from '#libs/persistence';
import type { Batch } from './request-context.js';

/** A batch whose rows one statement gives, so that another statement can ask along with its own. */
export interface QuestionBatch<Key extends string | readonly string[], Value> extends Batch<Key, Value> {
  // What a row is stays the question's own affair.
  readonly question: Question<Key, never, Value>;
}

/** A batch of what a business domain asks, which knows SQL and no GraphQL. */
export function domainBatch<Key extends string | readonly string[], Row extends object, Value>(
  name: string,
  question: Question<Key, Row, Value>,
): QuestionBatch<Key, Value> {
  return {
    name,
    question: question,
    load: (reader, keys) => reader.ask(question, keys),
  };
}
