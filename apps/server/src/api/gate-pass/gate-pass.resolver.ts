import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { CommandDesk } from '../../commands/command-desk.js';
import { LiveHub } from '../../live/live-hub.js';
import type { GateRow, LaneRow, SiteRow } from '../place/place-book.js';
import { found, gateOf, laneOf, siteOf } from '../place/place.queries.js';
import type { MutationReportPassArgs, QueryPassesArgs, SubscriptionPassRecordedArgs } from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import { EVENTS_OF_PASS, type TrackingEventRow } from '../tracking-event/tracking-event.queries.js';
import { VISIT_BY_KEY, type TruckVisitRow } from '../truck-visit/truck-visit.queries.js';
import {
  UNRESOLVED_OF_PASS,
  type UnresolvedObservationRow,
} from '../unresolved-observation/unresolved-observation.queries.js';
import { PASS_BY_KEY, passPage, type GatePassRow } from './gate-pass.queries.js';

@Resolver('GatePass')
export class GatePassResolver {
  constructor(
    private readonly commands: CommandDesk,
    private readonly hub: LiveHub,
  ) {}

  @Query('passes')
  passes(@Args() args: QueryPassesArgs, @Context() context: RequestContext): Promise<Connection<GatePassRow>> {
    return passPage(context, args.filter, args);
  }

  @Mutation('reportPass')
  async reportPass(
    @Args() args: MutationReportPassArgs,
    @Context() context: RequestContext,
  ): Promise<{ pass: GatePassRow }> {
    const { siteId, passId } = await this.commands.reportPass(context.principal, args);
    return { pass: found(await context.load(PASS_BY_KEY, [siteId, passId]), 'pass', passId) };
  }

  @Subscription('passRecorded')
  passRecorded(
    @Args() { site, lanes }: SubscriptionPassRecordedArgs,
    @Context() context: RequestContext,
  ): AsyncIterableIterator<{ passRecorded: GatePassRow }> {
    return this.hub.subscribe('pass', context.reader.visibility, (pass) =>
      (!site || pass.siteId === site) && (!lanes || lanes.includes(pass.laneId)) ? { passRecorded: pass } : null,
    );
  }

  @ResolveField('laneTime')
  laneTime(@Parent() { occurredAt, closedAt }: GatePassRow): number {
    return Math.max(0, closedAt.getTime() - occurredAt.getTime());
  }

  @ResolveField('site')
  site(@Parent() pass: GatePassRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, pass);
  }

  @ResolveField('gate')
  gate(@Parent() pass: GatePassRow, @Context() context: RequestContext): Promise<GateRow | null> {
    return gateOf(context, pass);
  }

  @ResolveField('lane')
  lane(@Parent() pass: GatePassRow, @Context() context: RequestContext): Promise<LaneRow | null> {
    return laneOf(context, pass);
  }

  @ResolveField('visit')
  visit(@Parent() pass: GatePassRow, @Context() context: RequestContext): Promise<TruckVisitRow | null> | null {
    return pass.visitId === null ? null : context.load(VISIT_BY_KEY, [pass.siteId, pass.visitId]);
  }

  @ResolveField('events')
  events(@Parent() pass: GatePassRow, @Context() context: RequestContext): Promise<readonly TrackingEventRow[]> {
    return context.load(EVENTS_OF_PASS, pass.uuid);
  }

  @ResolveField('unresolved')
  unresolved(
    @Parent() pass: GatePassRow,
    @Context() context: RequestContext,
  ): Promise<readonly UnresolvedObservationRow[]> {
    return context.load(UNRESOLVED_OF_PASS, [pass.siteId, pass.uuid]);
  }
}
