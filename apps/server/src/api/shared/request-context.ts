import type { Principal, Role } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import DataLoader from 'dataloader';
import type { PlaceBook } from '../place/place-book.js';
import type { Payer } from './rate-limits.js';
import type { Reader } from './reader.js';

/** How many rows of one kind are loaded together. Its answers stand in the order of the keys. */
export interface Batch<Key extends string | readonly string[], Value> {
  readonly name: string;
  load(reader: Reader, keys: readonly Key[]): Promise<readonly Value[]>;
}

const MAX_BATCH = 1_000;

/** What one operation knows: who asks, and what was loaded for it already. */
export class RequestContext {
  private loaders = new Map<string, DataLoader<never, unknown, string>>();

  constructor(
    /** The reader of a principal, or why there is none. */
    private readonly asker: Reader | Error,
    readonly places: PlaceBook,
    /** Whose points the operation takes. */
    readonly payer: Payer,
  ) {}

  /** @throws DomainError UNAUTHENTICATED without a valid token */
  get reader(): Reader {
    if (this.asker instanceof Error) throw this.asker;
    return this.asker;
  }

  get principal(): Principal {
    return this.reader.principal;
  }

  /** @throws DomainError FORBIDDEN when the principal has none of the roles */
  requireRole(operation: string, roles: readonly Role[]): void {
    if (!roles.includes(this.principal.role)) {
      throw new DomainError('FORBIDDEN', { operation, role: this.principal.role, expected: roles.join(', ') });
    }
  }

  /** Loads one row together with all others of its kind that are asked for in the same turn. */
  load<Key extends string | readonly string[], Value>(batch: Batch<Key, Value>, key: Key): Promise<Value> {
    return this.loaderOf(batch).load(key);
  }

  /** Has it loaded already: what was asked for together with something else. */
  prime<Key extends string | readonly string[], Value>(batch: Batch<Key, Value>, key: Key, value: Value): void {
    this.loaderOf(batch).prime(key, value);
  }

  /** Forgets what was loaded: a subscription's next event is not answered with the last one's rows. */
  renew(): void {
    this.loaders = new Map();
  }

  private loaderOf<Key extends string | readonly string[], Value>(
    batch: Batch<Key, Value>,
  ): DataLoader<Key, Value, string> {
    let loader = this.loaders.get(batch.name) as unknown as DataLoader<Key, Value, string> | undefined;
    if (loader === undefined) {
      loader = new DataLoader<Key, Value, string>((keys) => batch.load(this.reader, keys), {
        cacheKeyFn: (asked) => (typeof asked === 'string' ? asked : JSON.stringify(asked)),
        maxBatchSize: MAX_BATCH,
      });
      this.loaders.set(batch.name, loader);
    }
    return loader;
  }
}
