import { Args, Context, Info, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { LiveHub } from '../../live/live-hub.js';
import { FollowedEvents } from '../../live/followed-events.js';
import { PASS_BY_KEY, type GatePassRow } from '../gate-pass/gate-pass.queries.js';
import type { QueryEventsArgs, SubscriptionEventRecordedArgs } from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { globalId } from '../shared/global-id.js';
import { RequestContext } from '../shared/request-context.js';
import { asksTheDatabase, checkFilter } from './event-filter.js';
import { journalCursor, journalEnd, placeOf } from './journal-pages.js';
import { eventPage, type AssetRow, type TrackingEventRow } from './tracking-event.queries.js';

@Resolver('TrackingEvent')
export class TrackingEventResolver {
  constructor(private readonly hub: LiveHub) {}

  @Query('events')
  events(
    @Args() args: QueryEventsArgs,
    @Context() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<TrackingEventRow>> {
    return eventPage(context, args.filter, args, info);
  }

  @Subscription('eventRecorded')
  async eventRecorded(
    @Args() { filter, after }: SubscriptionEventRecordedArgs,
    @Context() { reader, places }: RequestContext,
  ): Promise<AsyncIterableIterator<{ eventRecorded: TrackingEventRow }>> {
    await checkFilter(places, filter, 'filter');
    const toPayload = (event: TrackingEventRow) => ({ eventRecorded: event });
    const from = after ?? (asksTheDatabase(filter) ? await journalEnd(reader) : null);
    return new FollowedEvents(this.hub, reader, from === null ? null : placeOf(from), filter, toPayload);
  }

  @Query('journalEnd')
  journalEnd(@Context() { reader }: RequestContext): Promise<string> {
    return journalEnd(reader);
  }

  @ResolveField('journalCursor')
  journalCursor(@Parent() event: TrackingEventRow): string {
    return journalCursor(event);
  }

  @ResolveField('asset')
  asset(@Parent() event: TrackingEventRow): AssetRow {
    return { kind: event.assetKind, code: event.assetCode };
  }

  @ResolveField('withdraws')
  withdraws(@Parent() event: TrackingEventRow): string | null {
    return event.withdrawsUuid === null ? null : globalId('TrackingEvent', event.siteId, event.withdrawsUuid);
  }

  @ResolveField('pass')
  pass(@Parent() event: TrackingEventRow, @Context() context: RequestContext): Promise<GatePassRow | null> | null {
    return event.passId === null ? null : context.load(PASS_BY_KEY, [event.siteId, event.passId]);
  }
}
