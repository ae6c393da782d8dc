import type { Principal } from '#libs/identity';
import { DomainError, type ErrorDetails } from '#libs/kernel';
import DataLoader from 'dataloader';
import type { Account } from '../../audit/account.js';
import type { PlaceSource } from '../place/place-book.js';
import type { Demand } from './policy-table.js';
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
    /** Those that there are for the asker. */
    readonly places: PlaceSource,
    /** Whose points the operation takes. */
    readonly payer: Payer,
    /** Where it came from. */
    readonly remoteAddress: string,
    /** From where and why it is asked, for the audit. */
    readonly account: Account,
    /** What the browser keeps that came back from an issuer; null: nothing, and on a socket. */
    readonly browser: string | null = null,
  ) {}

  /** @throws DomainError UNAUTHENTICATED without a valid token */
  get reader(): Reader {
    if (this.asker instanceof Error) throw this.asker;
    return this.asker;
  }

  get principal(): Principal {
    return this.reader.principal;
  }

  /** undefined without a valid token. */
  get principalIfKnown(): Principal | undefined {
    return this.asker instanceof Error ? undefined : this.asker.principal;
  }

  /**
   * @throws DomainError UNAUTHENTICATED; SECOND_FACTOR_REQUIRED with `details.secondFactor`: what is to be done; FORBIDDEN when the
   *   principal has none of the roles, or their credential not the scope
   */
  meet(demand: Demand): void {
    const refusal = this.refusalOf(demand);
    if (refusal !== null) throw refusal;
  }

  /**
   * @returns null for what may be asked
   * @throws DomainError UNAUTHENTICATED
   */
  refusalOf({ operation, roles, scope, isInSession, isBeforeSecondFactor }: Demand): DomainError | null {
    if (roles === null) return null;
    const { role, scopes, secondFactor, credential } = this.principal;
    if (!isBeforeSecondFactor && (secondFactor === 'TO_VERIFY' || secondFactor === 'TO_ENROL')) {
      return new DomainError('SECOND_FACTOR_REQUIRED', { operation, secondFactor });
    }
    const forbidden = (details: ErrorDetails, message: string): DomainError =>
      new DomainError('FORBIDDEN', { operation, ...details }, { message });
    if (!roles.includes(role)) {
      return forbidden({ role, expected: roles.join(', ') }, `Your role, ${role}, may not do this.`);
    }
    if (scope !== null && !scopes.includes(scope)) {
      return forbidden({ scope, expected: `a token with the scope ${scope}` }, `Your token lacks the scope ${scope}.`);
    }
    if (isInSession && credential.kind !== 'SESSION') {
      return forbidden({ expected: 'a session' }, 'This is done in a session; a token may not do it.');
    }
    return null;
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
