import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { devicesOfLane, type DeviceRow } from '../device/device.queries.js';
import { lanePasses, type GatePassRow } from '../gate-pass/gate-pass.queries.js';
import type { LanePassesArgs, QueryLanesArgs, QueryZonesArgs } from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import type { GateRow, LaneRow, SiteRow, ZoneRow } from './place-book.js';
import { allSites, found, gateOf, lanesOf, lanesOfGate, siteOf, zonesOf } from './place.queries.js';

@Resolver()
export class PlaceResolver {
  @Query('sites')
  sites(@Context() context: RequestContext): Promise<SiteRow[]> {
    return allSites(context);
  }

  @Query('zones')
  zones(@Args() args: QueryZonesArgs, @Context() context: RequestContext): Promise<ZoneRow[]> {
    return zonesOf(context, args.site, args.kind);
  }

  @Query('lanes')
  lanes(@Args() args: QueryLanesArgs, @Context() context: RequestContext): Promise<LaneRow[]> {
    return lanesOf(context, args.site);
  }
}

@Resolver('Gate')
export class GateResolver {
  @ResolveField('site')
  site(@Parent() gate: GateRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, gate);
  }

  @ResolveField('lanes')
  lanes(@Parent() gate: GateRow, @Context() context: RequestContext): Promise<LaneRow[]> {
    return lanesOfGate(context, gate);
  }
}

@Resolver('Lane')
export class LaneResolver {
  @ResolveField('gate')
  async gate(@Parent() lane: LaneRow, @Context() context: RequestContext): Promise<GateRow> {
    return found(await gateOf(context, lane), 'gate', lane.gateId);
  }

  @ResolveField('passes')
  passes(
    @Parent() lane: LaneRow,
    @Args() args: LanePassesArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<GatePassRow>> {
    return lanePasses(context, lane, args);
  }

  @ResolveField('devices')
  devices(@Parent() lane: LaneRow, @Context() context: RequestContext): Promise<readonly DeviceRow[]> {
    return devicesOfLane(context, lane);
  }
}
