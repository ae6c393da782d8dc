import { bearerToken, Identity } from '#libs/identity';
import { Database } from '#libs/persistence';
import { Injectable } from '@nestjs/common';
import { Metrics } from '../../operations/metrics.js';
import { PlaceBook } from '../place/place-book.js';
import { Reader } from './reader.js';
import { RequestContext } from './request-context.js';

/** What of a request says who asks. */
interface AskingRequest {
  readonly headers: { readonly authorization?: string | undefined };
  readonly ip: string;
}

/** Makes a fresh context for each operation. */
@Injectable()
export class ContextFactory {
  private readonly made = new WeakMap<AskingRequest, Promise<RequestContext>>();

  constructor(
    private readonly identity: Identity,
    private readonly database: Database,
    private readonly places: PlaceBook,
    private readonly metrics: Metrics,
  ) {}

  /** The one context of a request, which holds one operation: the gate before GraphQL makes it. */
  of(request: AskingRequest): Promise<RequestContext> {
    const made = this.made.get(request) ?? this.create(request.headers.authorization, request.ip);
    this.made.set(request, made);
    return made;
  }

  /** Never rejects: whoever asks without a valid token is told so by what they ask. */
  async create(authorization: string | undefined, address: string): Promise<RequestContext> {
    const asker = await this.reader(authorization).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    const payer = asker instanceof Error ? { address } : { principal: asker.principal.personId };
    return new RequestContext(asker, this.places, payer);
  }

  /** @throws DomainError UNAUTHENTICATED */
  async reader(authorization: string | undefined): Promise<Reader> {
    const principal = await this.identity.principalOf(bearerToken(authorization));
    return new Reader(this.database, principal, this.metrics.statements);
  }
}
