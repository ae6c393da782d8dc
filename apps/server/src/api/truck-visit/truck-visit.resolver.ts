import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { PASS_BY_KEY, PASSES_OF_VISIT, type GatePassRow } from '../gate-pass/gate-pass.queries.js';
import type { SiteRow } from '../place/place-book.js';
import { found, siteOf } from '../place/place.queries.js';
import type { QueryTruckVisitsArgs } from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { globalId } from '../shared/global-id.js';
import { RequestContext } from '../shared/request-context.js';
import {
  TRANSACTIONS_OF_VISIT,
  visitPage,
  type TruckVisitRow,
  type VisitTransactionRow,
} from './truck-visit.queries.js';

@Resolver('TruckVisit')
export class TruckVisitResolver {
  @Query('truckVisits')
  truckVisits(
    @Args() args: QueryTruckVisitsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<TruckVisitRow>> {
    return visitPage(context, args);
  }

  @ResolveField('site')
  site(@Parent() visit: TruckVisitRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, visit);
  }

  @ResolveField('turnTime')
  turnTime(@Parent() { openedAt, closedAt }: TruckVisitRow): number | null {
    return closedAt === null ? null : Math.max(0, closedAt.getTime() - openedAt.getTime());
  }

  @ResolveField('driverId')
  driverId(@Parent() visit: TruckVisitRow): string | null {
    return visit.driverUuid === null ? null : globalId('Person', visit.driverUuid);
  }

  @ResolveField('passes')
  passes(@Parent() visit: TruckVisitRow, @Context() context: RequestContext): Promise<readonly GatePassRow[]> {
    return context.load(PASSES_OF_VISIT, visit.uuid);
  }

  @ResolveField('transactions')
  transactions(
    @Parent() visit: TruckVisitRow,
    @Context() context: RequestContext,
  ): Promise<readonly VisitTransactionRow[]> {
    return context.load(TRANSACTIONS_OF_VISIT, [visit.siteId, visit.uuid]);
  }
}

@Resolver('VisitTransaction')
export class VisitTransactionResolver {
  @ResolveField('pass')
  async pass(@Parent() transaction: VisitTransactionRow, @Context() context: RequestContext): Promise<GatePassRow> {
    const { siteId, passId } = transaction;
    return found(await context.load(PASS_BY_KEY, [siteId, passId]), 'pass', passId);
  }
}
