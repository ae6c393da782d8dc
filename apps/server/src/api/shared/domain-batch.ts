import type { Tx } from '#libs/persistence';
import type { Reader } from './reader.js';
import type { Batch } from './request-context.js';

/** A batch of a business domain, which knows transactions and no GraphQL. */
export function domainBatch<Key extends string, Value>(
  name: string,
  read: (tx: Tx, keys: readonly Key[]) => Promise<readonly Value[]>,
): Batch<Key, Value> {
  return { name, load: (reader: Reader, keys) => read(reader, keys) };
}
