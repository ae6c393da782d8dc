import { DomainError } from '#libs/kernel';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { documentId, OWN_DOCUMENTS } from '../../documents/index.js';
import { costOf, type Variables } from './cost.js';
import { refuseUnbounded } from './limits.js';
import {
  OBJECTS_PER_POINT,
  RATE_OPTIONS,
  RateLimits,
  type Payer,
  type RateOptions,
  type RateState,
} from './rate-limits.js';

export interface GateOptions {
  readonly rates?: Partial<RateOptions>;
  /** Documents besides our own, by id. */
  readonly documents?: ReadonlyMap<string, string>;
  /** Nothing but listed documents is answered: for closed networks. */
  readonly listedOnly?: boolean;
}

/** What a client sends for one operation, over HTTP or a socket. */
export interface AskedDocument {
  readonly query?: unknown;
  readonly documentId?: unknown;
}

/**
 * What every operation passes before it is executed, the same over HTTP and WebSocket: points, the list of documents, the bounds
 * of its text, and what its answer could cost.
 */
export class OperationGate {
  private readonly rates: RateLimits;
  private readonly documents: ReadonlyMap<string, string>;
  private readonly listedOnly: boolean;

  constructor({ rates, documents = new Map(), listedOnly = false }: GateOptions = {}) {
    this.rates = new RateLimits({ ...RATE_OPTIONS, ...rates });
    this.documents = new Map([...OWN_DOCUMENTS, ...documents]);
    this.listedOnly = listedOnly;
  }

  /** @throws DomainError RATE_LIMITED */
  take(payer: Payer, points = 1): Promise<RateState> {
    return this.rates.take(payer, points);
  }

  /**
   * The text to execute, bounded.
   * @returns null when there is none, which GraphQL's own server complains of
   * @throws DomainError DOCUMENT_UNKNOWN for an id that is not listed, and for any text that is not where only listed ones are answered;
   *   LIMIT_EXCEEDED
   */
  textOf({ query, documentId: id }: AskedDocument): string | null {
    if (id !== undefined && id !== null) return this.listed(id);
    if (typeof query !== 'string') return null;
    if (this.listedOnly && !this.documents.has(documentId(query))) {
      throw new DomainError('DOCUMENT_UNKNOWN', {
        field: 'query',
        expected: 'a listed document; others are not answered',
      });
    }
    refuseUnbounded(query);
    return query;
  }

  /**
   * Points for what the answer can cost, besides the one that was taken.
   * @throws DomainError INVALID_PAGE_SIZE, LIMIT_EXCEEDED
   */
  furtherPoints(
    schema: GraphQLSchema,
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
  ): number {
    return Math.floor(costOf(schema, document, operationName, variables) / OBJECTS_PER_POINT);
  }

  private listed(id: unknown): string {
    const text = typeof id === 'string' ? this.documents.get(id) : undefined;
    if (text === undefined) {
      throw new DomainError('DOCUMENT_UNKNOWN', {
        field: 'documentId',
        value: typeof id === 'string' ? id.slice(0, 100) : typeof id,
        expected: 'the id of a listed document, sha256:…',
      });
    }
    return text;
  }
}
