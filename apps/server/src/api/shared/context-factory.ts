import { AuditTrail } from '#libs/audit';
import { bearerToken, Identity } from '#libs/identity';
import { Database } from '#libs/persistence';
import { Injectable } from '@nestjs/common';
import { Account, type Told } from '../../audit/account.js';
import { Metrics } from '../../operations/metrics.js';
import { PlaceBook } from '../place/place-book.js';
import { Reader } from './reader.js';
import { RequestContext } from './request-context.js';

/** Makes a fresh context for each operation. */
@Injectable()
export class ContextFactory {
  constructor(
    private readonly identity: Identity,
    private readonly database: Database,
    private readonly places: PlaceBook,
    private readonly metrics: Metrics,
    private readonly trail: AuditTrail,
  ) {}

  /** Never rejects: whoever asks without a valid token is told so by what they ask. */
  async create(
    authorization: string | undefined,
    address: string,
    told: Omit<Told, 'address'> = {},
  ): Promise<RequestContext> {
    const asker = await this.readerOf(authorization, true).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    const payer = asker instanceof Error ? { address } : { principal: asker.principal.personId };
    const places = this.places.of(asker instanceof Error ? null : asker.principal.organisationId);
    return new RequestContext(asker, places, payer, address, new Account(this.trail, { ...told, address }));
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
