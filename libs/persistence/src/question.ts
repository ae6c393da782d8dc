import type { Tx } from './database.js';
import type { Visibility } from './reader-seal.js';

type Key = string | readonly string[];

/**
 * What the database is asked about keys, as one statement. Where the keys come from is the asker's: they are bound, or
 * another statement finds them.
 */
export interface Question<K extends Key, Row extends object, Value> {
  /** One type for each part of a key. */
  readonly keyTypes: readonly ('text' | 'uuid')[];
  /** @param keys for each part of a key the SQL of an array; all have one length */
  sql(keys: readonly string[], bind: (value: unknown) => string, visibility: Visibility): string;
  /** Fields of a row that hold a time: JSON has none, so they are made of its text. */
  readonly instants: readonly (keyof Row & string)[];
  /** In the order of the keys. */
  answers(keys: readonly K[], rows: readonly Row[], visibility: Visibility): readonly Value[];
}

/** The parts of all keys that stand at one place. */
export const partsOf = (keys: readonly Key[], part: number): string[] =>
  keys.map((key) => (typeof key === 'string' ? key : (key[part] ?? '')));

/** Asks with keys that are known. */
export async function ask<K extends Key, Row extends object, Value>(
  tx: Tx,
  visibility: Visibility,
  question: Question<K, Row, Value>,
  keys: readonly K[],
): Promise<readonly Value[]> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const arrays = question.keyTypes.map((type, part) => `${bind(partsOf(keys, part))}::${type}[]`);
  return question.answers(keys, await tx.query<Row>(question.sql(arrays, bind, visibility), values), visibility);
}
