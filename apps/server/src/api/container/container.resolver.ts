import type { ShipmentRow } from '#libs/shipments';
import { Args, Context, Info, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type {
  ContainerChainArgs,
  ContainerEventsArgs,
  ContainerStatus,
  QueryContainerArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { loadNode, type NodeObject } from '../shared/nodes.js';
import { RequestContext } from '../shared/request-context.js';
import { containerEvents, type TrackingEventRow } from '../tracking-event/tracking-event.queries.js';
import { chainSummary, containerChain, type ChainRow } from './chain.queries.js';
import {
  containerByNumber,
  containerPlace,
  containerStatus,
  SHIPMENTS_OF_CONTAINER,
  type ContainerRow,
  type PlaceRow,
} from './container.queries.js';

@Resolver('Container')
export class ContainerResolver {
  @Query('container')
  container(
    @Args() { number }: QueryContainerArgs,
    @Context() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ContainerRow> {
    return containerByNumber(context, number, info);
  }

  @ResolveField('status')
  status(@Parent() container: ContainerRow, @Context() context: RequestContext): Promise<ContainerStatus> {
    return containerStatus(context, container);
  }

  @ResolveField('place')
  place(@Parent() container: ContainerRow, @Context() context: RequestContext): Promise<PlaceRow | null> {
    return containerPlace(context, container);
  }

  @ResolveField('events')
  events(
    @Parent() container: ContainerRow,
    @Args() { filter, ...page }: ContainerEventsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<TrackingEventRow>> {
    return containerEvents(context, container.number, filter, page);
  }

  @ResolveField('shipments')
  shipments(@Parent() container: ContainerRow, @Context() context: RequestContext): Promise<readonly ShipmentRow[]> {
    return context.load(SHIPMENTS_OF_CONTAINER, container.number);
  }

  @ResolveField('chain')
  chain(
    @Parent() container: ContainerRow,
    @Args() args: ContainerChainArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<ChainRow>> {
    return containerChain(context, container.number, args);
  }
}

const NODE_OF_LINK = { EVENT: 'TrackingEvent', PASS: 'GatePass', RESOLUTION: 'UnresolvedObservation' } as const;

@Resolver('ChainLink')
export class ChainLinkResolver {
  @ResolveField('summary')
  summary(@Parent() link: ChainRow): string {
    return chainSummary(link).en;
  }

  @ResolveField('summaryZh')
  summaryZh(@Parent() link: ChainRow): string {
    return chainSummary(link).zh;
  }

  @ResolveField('node')
  node(@Parent() link: ChainRow, @Context() context: RequestContext): Promise<NodeObject | null> | null {
    if (link.kind === 'BINDING' || link.kind === 'OBSERVATION' || link.siteId === null || link.uuid === null)
      return null;
    return loadNode(context, { type: NODE_OF_LINK[link.kind], key: [link.siteId, link.uuid] });
  }
}
