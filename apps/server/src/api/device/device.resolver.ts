import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { LaneRow, SiteRow } from '../place/place-book.js';
import { laneOf, siteOf } from '../place/place.queries.js';
import type { QueryDevicesArgs, QueryGatewaysArgs, QueryRefusedInputsArgs } from '../schema.generated.js';
import type { PageInfo } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import {
  devicesOf,
  gatewaysOf,
  refusedInputPage,
  type DeviceRow,
  type GatewayRow,
  type RefusedInputRow,
} from './device.queries.js';

@Resolver('Device')
export class DeviceResolver {
  @Query('devices')
  devices(@Args() args: QueryDevicesArgs, @Context() context: RequestContext): Promise<DeviceRow[]> {
    return devicesOf(context, args.site);
  }

  @Query('refusedInputs')
  refusedInputs(
    @Args() args: QueryRefusedInputsArgs,
    @Context() context: RequestContext,
  ): Promise<{ readonly nodes: readonly RefusedInputRow[]; readonly pageInfo: PageInfo }> {
    return refusedInputPage(context, args);
  }

  @ResolveField('site')
  site(@Parent() device: DeviceRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, device);
  }

  @ResolveField('lane')
  lane(@Parent() device: DeviceRow, @Context() context: RequestContext): Promise<LaneRow | null> {
    return laneOf(context, device);
  }
}

@Resolver('Gateway')
export class GatewayResolver {
  @Query('gateways')
  gateways(@Args() args: QueryGatewaysArgs, @Context() context: RequestContext): Promise<GatewayRow[]> {
    return gatewaysOf(context, args.site);
  }

  @ResolveField('site')
  site(@Parent() gateway: GatewayRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, gateway);
  }
}
