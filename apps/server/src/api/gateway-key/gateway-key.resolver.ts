import { statesAfter, type MachineKeyState } from '#libs/identity';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { MachineDesk } from '../../commands/machine-desk.js';
import type { SiteRow } from '../place/place-book.js';
import { found, siteOf } from '../place/place.queries.js';
import type {
  MutationChangeGatewayKeyArgs,
  MutationEnrolGatewayArgs,
  MutationRevokeGatewayKeysArgs,
  QueryGatewayKeysArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import { GATEWAY_KEY_BY_ID, gatewayKeyPage, type GatewayKeyRow } from './gateway-key.queries.js';

@Resolver('GatewayKey')
export class GatewayKeyResolver {
  constructor(private readonly desk: MachineDesk) {}

  @Query('gatewayKeys')
  gatewayKeys(
    @Args() args: QueryGatewayKeysArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<GatewayKeyRow>> {
    return gatewayKeyPage(context, args);
  }

  @Mutation('enrolGateway')
  enrolGateway(
    @Args() args: MutationEnrolGatewayArgs,
    @Context() context: RequestContext,
  ): Promise<{ code: string; expiresAt: string }> {
    return this.desk.enrol(context.principal, args);
  }

  @Mutation('changeGatewayKey')
  async changeGatewayKey(
    @Args() args: MutationChangeGatewayKeyArgs,
    @Context() context: RequestContext,
  ): Promise<{ key: GatewayKeyRow }> {
    return { key: await keyOf(context, await this.desk.change(context.principal, args)) };
  }

  @Mutation('revokeGatewayKeys')
  async revokeGatewayKeys(
    @Args() args: MutationRevokeGatewayKeysArgs,
    @Context() context: RequestContext,
  ): Promise<{ keys: GatewayKeyRow[] }> {
    const ended = await this.desk.revoke(context.principal, args);
    return { keys: await Promise.all(ended.map((keyId) => keyOf(context, keyId))) };
  }

  @ResolveField('site')
  site(@Parent() key: GatewayKeyRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, key);
  }

  @ResolveField('nextStates')
  nextStates(@Parent() { state }: GatewayKeyRow): readonly MachineKeyState[] {
    return statesAfter(state);
  }
}

async function keyOf(context: RequestContext, keyId: string): Promise<GatewayKeyRow> {
  return found(await context.load(GATEWAY_KEY_BY_ID, keyId), 'gateway key', keyId);
}
