import { ENDPOINT_STATES, type EndpointState } from '#libs/exchange';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { WebhookDesk } from '../../webhooks/webhook-desk.js';
import type {
  MutationCommandWebhookArgs,
  MutationCreateWebhookArgs,
  MutationReplaceWebhookSecretArgs,
  MutationReplayWebhookArgs,
  MutationRetryWebhookDeliveryArgs,
  WebhookEndpointDeliveriesArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import { EVENT_BY_KEY, type TrackingEventRow } from '../tracking-event/tracking-event.queries.js';
import {
  deliveriesOf,
  WEBHOOK_ENDPOINT_BY_ID,
  webhookEndpoints,
  type WebhookDeliveryRow,
  type WebhookEndpointRow,
} from './webhook.queries.js';

interface Answered {
  readonly endpoint: WebhookEndpointRow | null;
}

@Resolver('WebhookEndpoint')
export class WebhookEndpointResolver {
  constructor(private readonly desk: WebhookDesk) {}

  @Query('webhookEndpoints')
  webhookEndpoints(@Context() context: RequestContext): Promise<WebhookEndpointRow[]> {
    return webhookEndpoints(context);
  }

  @Mutation('createWebhook')
  async createWebhook(@Args() args: MutationCreateWebhookArgs, @Context() context: RequestContext) {
    const { id, secret } = await this.desk.create(context, args);
    return { ...(await answered(context, id)), secret };
  }

  @Mutation('commandWebhook')
  async commandWebhook(@Args() args: MutationCommandWebhookArgs, @Context() context: RequestContext) {
    return answered(context, await this.desk.command(context.principal, args));
  }

  @Mutation('replaceWebhookSecret')
  async replaceWebhookSecret(@Args() args: MutationReplaceWebhookSecretArgs, @Context() context: RequestContext) {
    const { id, secret } = await this.desk.replaceSecret(context.principal, args);
    return { ...(await answered(context, id)), secret };
  }

  @Mutation('replayWebhook')
  async replayWebhook(@Args() args: MutationReplayWebhookArgs, @Context() context: RequestContext) {
    return answered(context, await this.desk.replay(context.principal, args));
  }

  @Mutation('retryWebhookDelivery')
  async retryWebhookDelivery(@Args() args: MutationRetryWebhookDeliveryArgs, @Context() context: RequestContext) {
    return answered(context, await this.desk.retry(context.principal, args));
  }

  @ResolveField('nextStates')
  nextStates(@Parent() { state }: WebhookEndpointRow): readonly EndpointState[] {
    return ENDPOINT_STATES.after(state);
  }

  @ResolveField('deliveries')
  deliveries(
    @Parent() endpoint: WebhookEndpointRow,
    @Args() args: WebhookEndpointDeliveriesArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<WebhookDeliveryRow>> {
    return deliveriesOf(context, endpoint.uuid, args);
  }
}

@Resolver('WebhookDelivery')
export class WebhookDeliveryResolver {
  @ResolveField('event')
  event(
    @Parent() { siteId, eventId }: WebhookDeliveryRow,
    @Context() context: RequestContext,
  ): Promise<TrackingEventRow | null> {
    return context.load(EVENT_BY_KEY, [siteId, eventId]);
  }
}

async function answered(context: RequestContext, id: string): Promise<Answered> {
  return { endpoint: await context.load(WEBHOOK_ENDPOINT_BY_ID, id) };
}
