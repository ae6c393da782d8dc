import { AuditTrail } from '#libs/audit';
import { bearerToken, Identity } from '#libs/identity';
import { Database } from '#libs/persistence';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Account, type Told } from '../../audit/account.js';
import { toldBy } from '../../audit/told-by.js';
import { Metrics } from '../../operations/metrics.js';
import { PlaceBook } from '../place/place-book.js';
import { browserSecretIn } from '../sign-in/browser-cookies.js';
import { Reader } from './reader.js';
import { RequestContext } from './request-context.js';

/** Makes a fresh context for each operation. */
@Injectable()
export class ContextFactory {
  private readonly made = new WeakMap<FastifyRequest, Promise<RequestContext>>();

  constructor(
    private readonly identity: Identity,
    private readonly database: Database,
    private readonly places: PlaceBook,
    private readonly metrics: Metrics,
    private readonly trail: AuditTrail,
  ) {}

  /** The one context of a request, which holds one operation: the gate before GraphQL makes it. */
  of(request: FastifyRequest): Promise<RequestContext> {
    const made = this.made.get(request) ?? this.asked(request);
    this.made.set(request, made);
    return made;
  }

  private asked(request: FastifyRequest): Promise<RequestContext> {
    const { authorization, cookie } = request.headers;
    return this.create(authorization, request.ip, toldBy(request), browserSecretIn('boxtrail_hand_over', cookie));
  }

  /** Never rejects: whoever asks without a valid token is told so by what they ask. */
  async create(
    authorization: string | undefined,
    address: string,
    told: Omit<Told, 'address'> = {},
    browser: string | null = null,
  ): Promise<RequestContext> {
    const asker = await this.readerOf(authorization, true).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    const payer = asker instanceof Error ? { address } : { principal: asker.principal.personId };
    const places = this.places.of(asker instanceof Error ? null : asker.principal.organisationId);
    return new RequestContext(asker, places, payer, address, new Account(this.trail, { ...told, address }), browser);
  }

  /**
   * Whether a token still holds, without using it.
   * @throws DomainError UNAUTHENTICATED, ORGANISATION_SUSPENDED
   */
  reader(authorization: string | undefined): Promise<Reader> {
    return this.readerOf(authorization, false);
  }

  private async readerOf(authorization: string | undefined, isUse: boolean): Promise<Reader> {
    const { principal, endsAt } = await this.identity.holderOf(bearerToken(authorization), { isUse });
    return new Reader(this.database, principal, this.metrics.statements, endsAt);
  }
}
