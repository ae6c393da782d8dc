import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { CommandDesk } from '../../commands/command-desk.js';
import { LiveHub } from '../../live/live-hub.js';
import { PASS_BY_KEY, type GatePassRow } from '../gate-pass/gate-pass.queries.js';
import type { LaneRow, SiteRow } from '../place/place-book.js';
import { found, laneOf, siteOf } from '../place/place.queries.js';
import type {
  MutationAcknowledgeAlertArgs,
  QueryAlertsArgs,
  SubscriptionAlertRaisedArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import {
  UNRESOLVED_BY_KEY,
  type UnresolvedObservationRow,
} from '../unresolved-observation/unresolved-observation.queries.js';
import { ALERT_BY_KEY, alertPage, type AlertRow } from './alert.queries.js';

@Resolver('Alert')
export class AlertResolver {
  constructor(
    private readonly commands: CommandDesk,
    private readonly hub: LiveHub,
  ) {}

  @Query('alerts')
  alerts(@Args() args: QueryAlertsArgs, @Context() context: RequestContext): Promise<Connection<AlertRow>> {
    return alertPage(context, args);
  }

  @Mutation('acknowledgeAlert')
  async acknowledgeAlert(
    @Args() args: MutationAcknowledgeAlertArgs,
    @Context() context: RequestContext,
  ): Promise<{ alert: AlertRow }> {
    const { siteId, alertId } = await this.commands.acknowledgeAlert(context.principal, args);
    return { alert: found(await context.load(ALERT_BY_KEY, [siteId, alertId]), 'alert', alertId) };
  }

  @Subscription('alertRaised')
  alertRaised(
    @Args() { site }: SubscriptionAlertRaisedArgs,
    @Context() context: RequestContext,
  ): AsyncIterableIterator<{ alertRaised: AlertRow }> {
    return this.hub.subscribe('alert', context.reader.visibility, (alert) =>
      !site || alert.siteId === site ? { alertRaised: alert } : null,
    );
  }

  @ResolveField('site')
  site(@Parent() alert: AlertRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, alert);
  }

  @ResolveField('lane')
  lane(@Parent() alert: AlertRow, @Context() context: RequestContext): Promise<LaneRow | null> {
    return laneOf(context, alert);
  }

  @ResolveField('pass')
  pass(@Parent() alert: AlertRow, @Context() context: RequestContext): Promise<GatePassRow | null> | null {
    return alert.passId === null ? null : context.load(PASS_BY_KEY, [alert.siteId, alert.passId]);
  }

  @ResolveField('unresolved')
  unresolved(
    @Parent() alert: AlertRow,
    @Context() context: RequestContext,
  ): Promise<UnresolvedObservationRow | null> | null {
    return alert.unresolvedId === null ? null : context.load(UNRESOLVED_BY_KEY, [alert.siteId, alert.unresolvedId]);
  }
}
