import type {
  LegRow,
  MilestoneReachedRow,
  MilestoneRow,
  ShipmentContainerRow,
  ShipmentPartyRow,
  ShipmentRow,
  ShipmentStatus,
} from '#libs/shipments';
import { Args, Context, Info, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { CONTAINER_BY_NUMBER, type ContainerRow } from '../container/container.queries.js';
import { found } from '../place/place.queries.js';
import type { QueryShipmentArgs, QueryShipmentsArgs, ShipmentEventsArgs } from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import { EVENT_BY_KEY, shipmentEvents, type TrackingEventRow } from '../tracking-event/tracking-event.queries.js';
import { ORGANISATION_BY_ID, type OrganisationRow } from '../viewer/organisation.queries.js';
import {
  CONTAINERS_OF_SHIPMENT,
  findShipment,
  LEGS_OF_SHIPMENT,
  MILESTONES_OF_SHIPMENT,
  milestonesToCome,
  NUMBERS_OF_SHIPMENT,
  PARTIES_OF_SHIPMENT,
  shipmentPage,
  statusOfShipment,
} from './shipment.queries.js';

@Resolver('Shipment')
export class ShipmentResolver {
  @Query('shipment')
  shipment(
    @Args() { reference }: QueryShipmentArgs,
    @Context() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ShipmentRow> {
    return findShipment(context, reference, info);
  }

  @Query('shipments')
  shipments(@Args() args: QueryShipmentsArgs, @Context() context: RequestContext): Promise<Connection<ShipmentRow>> {
    return shipmentPage(context, args.filter, args);
  }

  @ResolveField('bookingNumber')
  async bookingNumber(@Parent() shipment: ShipmentRow, @Context() context: RequestContext): Promise<string | null> {
    return (await context.load(NUMBERS_OF_SHIPMENT, shipment.uuid)).BOOKING ?? null;
  }

  @ResolveField('billNumber')
  async billNumber(@Parent() shipment: ShipmentRow, @Context() context: RequestContext): Promise<string | null> {
    return (await context.load(NUMBERS_OF_SHIPMENT, shipment.uuid)).BILL ?? null;
  }

  @ResolveField('status')
  status(@Parent() shipment: ShipmentRow, @Context() context: RequestContext): Promise<ShipmentStatus> {
    return statusOfShipment(context, shipment);
  }

  @ResolveField('parties')
  parties(@Parent() shipment: ShipmentRow, @Context() context: RequestContext): Promise<readonly ShipmentPartyRow[]> {
    return context.load(PARTIES_OF_SHIPMENT, shipment.uuid);
  }

  @ResolveField('containers')
  containers(
    @Parent() shipment: ShipmentRow,
    @Context() context: RequestContext,
  ): Promise<readonly ShipmentContainerRow[]> {
    return context.load(CONTAINERS_OF_SHIPMENT, shipment.uuid);
  }

  @ResolveField('legs')
  legs(@Parent() shipment: ShipmentRow, @Context() context: RequestContext): Promise<readonly LegRow[]> {
    return context.load(LEGS_OF_SHIPMENT, shipment.uuid);
  }

  @ResolveField('milestones')
  milestones(@Parent() shipment: ShipmentRow, @Context() context: RequestContext): Promise<readonly MilestoneRow[]> {
    return context.load(MILESTONES_OF_SHIPMENT, shipment.uuid);
  }

  @ResolveField('milestonesToCome')
  milestonesToCome(
    @Parent() shipment: ShipmentRow,
    @Context() context: RequestContext,
  ): Promise<readonly MilestoneRow[]> {
    return milestonesToCome(context, shipment);
  }

  @ResolveField('events')
  events(
    @Parent() shipment: ShipmentRow,
    @Args() args: ShipmentEventsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<TrackingEventRow>> {
    return shipmentEvents(context, shipment.uuid, args);
  }
}

@Resolver('ShipmentParty')
export class ShipmentPartyResolver {
  @ResolveField('organisation')
  async organisation(@Parent() party: ShipmentPartyRow, @Context() context: RequestContext): Promise<OrganisationRow> {
    return found(await context.load(ORGANISATION_BY_ID, party.organisationId), 'organisation', party.organisationId);
  }
}

@Resolver('ShipmentContainer')
export class ShipmentContainerResolver {
  @ResolveField('container')
  async container(@Parent() box: ShipmentContainerRow, @Context() context: RequestContext): Promise<ContainerRow> {
    return found(await context.load(CONTAINER_BY_NUMBER, box.number), 'container', box.number);
  }
}

@Resolver('MilestoneReached')
export class MilestoneReachedResolver {
  @ResolveField('event')
  async event(@Parent() reached: MilestoneReachedRow, @Context() context: RequestContext): Promise<TrackingEventRow> {
    return found(await context.load(EVENT_BY_KEY, [reached.siteId, reached.eventId]), 'event', reached.eventId);
  }
}
