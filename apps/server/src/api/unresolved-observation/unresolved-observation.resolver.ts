import { decodeEpc } from '#libs/identifiers';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CommandDesk } from '../../commands/command-desk.js';
import { PASS_BY_KEY, type GatePassRow } from '../gate-pass/gate-pass.queries.js';
import type { LaneRow } from '../place/place-book.js';
import { found, laneOf } from '../place/place.queries.js';
import type { MutationResolveObservationArgs, QueryUnresolvedObservationsArgs } from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import { EVENT_BY_KEY, type TrackingEventRow } from '../tracking-event/tracking-event.queries.js';
import { UNRESOLVED_BY_KEY, unresolvedPage, type UnresolvedObservationRow } from './unresolved-observation.queries.js';

@Resolver('UnresolvedObservation')
export class UnresolvedObservationResolver {
  constructor(private readonly commands: CommandDesk) {}

  @Query('unresolvedObservations')
  unresolvedObservations(
    @Args() args: QueryUnresolvedObservationsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<UnresolvedObservationRow>> {
    return unresolvedPage(context, args);
  }

  @Mutation('resolveObservation')
  async resolveObservation(
    @Args() args: MutationResolveObservationArgs,
    @Context() context: RequestContext,
  ): Promise<{ observation: UnresolvedObservationRow; events: readonly (TrackingEventRow | null)[] }> {
    const { siteId, observationId, eventIds } = await this.commands.resolveObservation(context.principal, args);
    const [observation, ...events] = await Promise.all([
      context.load(UNRESOLVED_BY_KEY, [siteId, observationId]),
      ...eventIds.map((id) => context.load(EVENT_BY_KEY, [siteId, id])),
    ]);
    return { observation: found(observation, 'unresolved observation', observationId), events };
  }

  @ResolveField('epcUri')
  epcUri(@Parent() { reason, seen }: UnresolvedObservationRow): string | null {
    const tag = reason === 'TAG_WITHOUT_BINDING' ? decodeEpc(seen) : null;
    return tag?.ok === true && 'tagUri' in tag.message ? tag.message.tagUri : null;
  }

  @ResolveField('lane')
  lane(@Parent() observation: UnresolvedObservationRow, @Context() context: RequestContext): Promise<LaneRow | null> {
    return laneOf(context, observation);
  }

  @ResolveField('pass')
  pass(
    @Parent() observation: UnresolvedObservationRow,
    @Context() context: RequestContext,
  ): Promise<GatePassRow | null> | null {
    return observation.passId === null ? null : context.load(PASS_BY_KEY, [observation.siteId, observation.passId]);
  }
}
