import type { ShipmentRow } from '#libs/shipments';
import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { ShipmentDesk } from '../../commands/shipment-desk.js';
import { found } from '../place/place.queries.js';
import type {
  MutationBookShipmentArgs,
  MutationEndShipmentArgs,
  MutationMergeShipmentsArgs,
  MutationReleaseContainerArgs,
  MutationRollOverArgs,
  MutationSplitShipmentArgs,
  MutationSwapContainerArgs,
} from '../schema.generated.js';
import { globalId } from '../shared/global-id.js';
import { SHIPMENT_BY_ID } from '../shared/nodes.js';
import { RequestContext } from '../shared/request-context.js';
import { ORGANISATION_BY_ID, type OrganisationRow } from '../viewer/organisation.queries.js';
import { HISTORY_OF_SHIPMENT, type ShipmentChangeRow } from './booking.queries.js';

type Payload = Promise<{ shipment: ShipmentRow }>;

@Resolver('Shipment')
export class BookingResolver {
  constructor(private readonly desk: ShipmentDesk) {}

  @Mutation('bookShipment')
  async book(@Args() args: MutationBookShipmentArgs, @Context() context: RequestContext): Payload {
    return { shipment: await shipmentOf(context, await this.desk.book(context.principal, args)) };
  }

  @Mutation('swapContainer')
  async swap(@Args() args: MutationSwapContainerArgs, @Context() context: RequestContext): Payload {
    return { shipment: await shipmentOf(context, await this.desk.swap(context.principal, args)) };
  }

  @Mutation('rollOver')
  async rollOver(@Args() args: MutationRollOverArgs, @Context() context: RequestContext): Payload {
    return { shipment: await shipmentOf(context, await this.desk.rollOver(context.principal, args)) };
  }

  @Mutation('splitShipment')
  async split(
    @Args() args: MutationSplitShipmentArgs,
    @Context() context: RequestContext,
  ): Promise<{ shipment: ShipmentRow; split: ShipmentRow }> {
    const { shipmentId, splitId } = await this.desk.split(context.principal, args);
    return { shipment: await shipmentOf(context, shipmentId), split: await shipmentOf(context, splitId) };
  }

  @Mutation('mergeShipments')
  async merge(@Args() args: MutationMergeShipmentsArgs, @Context() context: RequestContext): Payload {
    return { shipment: await shipmentOf(context, await this.desk.merge(context.principal, args)) };
  }

  @Mutation('endShipment')
  async end(@Args() args: MutationEndShipmentArgs, @Context() context: RequestContext): Payload {
    return { shipment: await shipmentOf(context, await this.desk.end(context.principal, args)) };
  }

  @Mutation('releaseContainer')
  async release(
    @Args() args: MutationReleaseContainerArgs,
    @Context() context: RequestContext,
  ): Promise<{ container: string }> {
    return { container: await this.desk.release(context.principal, args) };
  }

  @ResolveField('history')
  history(@Parent() shipment: ShipmentRow, @Context() context: RequestContext): Promise<readonly ShipmentChangeRow[]> {
    return context.load(HISTORY_OF_SHIPMENT, shipment.uuid);
  }
}

async function shipmentOf(context: RequestContext, id: string): Promise<ShipmentRow> {
  return found(await context.load(SHIPMENT_BY_ID, id), 'shipment', id);
}

@Resolver('ShipmentChange')
export class ShipmentChangeResolver {
  @ResolveField('by')
  by(@Parent() { actorId }: ShipmentChangeRow): string {
    return globalId('Person', actorId);
  }

  @ResolveField('organisation')
  organisation(
    @Parent() { organisationId }: ShipmentChangeRow,
    @Context() context: RequestContext,
  ): Promise<OrganisationRow | null> {
    return context.load(ORGANISATION_BY_ID, organisationId);
  }
}
