import { TARGET_STATES, type TargetState } from '#libs/targeting';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { TargetDesk } from '../../commands/target-desk.js';
import type { SiteRow } from '../place/place-book.js';
import { found, siteOf } from '../place/place.queries.js';
import type {
  MutationNoticeTargetArgs,
  MutationReleaseTargetArgs,
  MutationTargetContainerArgs,
  MutationWithdrawTargetArgs,
  QueryInspectionTargetsArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import {
  INSPECTION_TARGET_BY_ID,
  inspectionTargetPage,
  type InspectionTargetRow,
} from './inspection-target.queries.js';

interface Payload {
  readonly target: InspectionTargetRow;
}

@Resolver('InspectionTarget')
export class InspectionTargetResolver {
  constructor(private readonly desk: TargetDesk) {}

  @Query('inspectionTargets')
  inspectionTargets(
    @Args() args: QueryInspectionTargetsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<InspectionTargetRow>> {
    return inspectionTargetPage(context, args);
  }

  @Mutation('targetContainer')
  async targetContainer(
    @Args() args: MutationTargetContainerArgs,
    @Context() context: RequestContext,
  ): Promise<Payload> {
    return payload(context, await this.desk.select(context, args));
  }

  @Mutation('withdrawTarget')
  async withdrawTarget(@Args() args: MutationWithdrawTargetArgs, @Context() context: RequestContext): Promise<Payload> {
    return payload(context, await this.desk.command(context, 'withdrawTarget', args));
  }

  @Mutation('noticeTarget')
  async noticeTarget(@Args() args: MutationNoticeTargetArgs, @Context() context: RequestContext): Promise<Payload> {
    return payload(context, await this.desk.command(context, 'noticeTarget', args));
  }

  @Mutation('releaseTarget')
  async releaseTarget(@Args() args: MutationReleaseTargetArgs, @Context() context: RequestContext): Promise<Payload> {
    return payload(context, await this.desk.command(context, 'releaseTarget', args));
  }

  @ResolveField('site')
  site(@Parent() target: InspectionTargetRow, @Context() context: RequestContext): Promise<SiteRow> {
    return siteOf(context, target);
  }

  @ResolveField('nextStates')
  nextStates(@Parent() { state }: InspectionTargetRow): readonly TargetState[] {
    return TARGET_STATES.after(state);
  }
}

async function payload(context: RequestContext, targetId: string): Promise<Payload> {
  return { target: found(await context.load(INSPECTION_TARGET_BY_ID, targetId), 'inspection target', targetId) };
}
