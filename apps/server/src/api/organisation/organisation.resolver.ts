import { requiredPapers, type OrganisationState, type PaperKind } from '#libs/identity';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OrganisationDesk } from '../../commands/organisation-desk.js';
import { found } from '../place/place.queries.js';
import type {
  MutationBeginVerificationArgs,
  MutationLiftSuspensionArgs,
  MutationRegisterOrganisationArgs,
  MutationRejectOrganisationArgs,
  MutationSubmitPapersArgs,
  MutationSuspendOrganisationArgs,
  MutationVerifyOrganisationArgs,
  QueryOrganisationsArgs,
  QueryPaperAlertsArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { globalId } from '../shared/global-id.js';
import { RequestContext } from '../shared/request-context.js';
import { ORGANISATION_BY_ID, type OrganisationRow } from '../viewer/organisation.queries.js';
import {
  HISTORY_OF_ORGANISATION,
  organisationPage,
  paperAlertPage,
  PAPERS_OF_ORGANISATION,
  PAPER_BY_ID,
  statesAhead,
  type PaperAlertRow,
  type PaperRow,
  type TransitionRow,
} from './organisation.queries.js';

type Payload = Promise<{ organisation: OrganisationRow }>;

@Resolver('Organisation')
export class OrganisationResolver {
  constructor(private readonly desk: OrganisationDesk) {}

  @Query('organisations')
  organisations(
    @Args() args: QueryOrganisationsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<OrganisationRow>> {
    return organisationPage(context, args);
  }

  @Mutation('registerOrganisation')
  async register(@Args() args: MutationRegisterOrganisationArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.register(context.principal, args));
  }

  @Mutation('submitPapers')
  async submitPapers(@Args() args: MutationSubmitPapersArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.submitPapers(context.principal, args));
  }

  @Mutation('beginVerification')
  async begin(@Args() args: MutationBeginVerificationArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.move(context.principal, 'BEGIN', args));
  }

  @Mutation('verifyOrganisation')
  async verify(@Args() args: MutationVerifyOrganisationArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.move(context.principal, 'VERIFY', args));
  }

  @Mutation('rejectOrganisation')
  async reject(@Args() args: MutationRejectOrganisationArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.move(context.principal, 'REJECT', args));
  }

  @Mutation('suspendOrganisation')
  async suspend(@Args() args: MutationSuspendOrganisationArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.move(context.principal, 'SUSPEND', args));
  }

  @Mutation('liftSuspension')
  async lift(@Args() args: MutationLiftSuspensionArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.move(context.principal, 'LIFT', args));
  }

  @ResolveField('nextStates')
  nextStates(
    @Parent() organisation: OrganisationRow,
    @Context() context: RequestContext,
  ): Promise<readonly OrganisationState[]> {
    return statesAhead(context, organisation);
  }

  @ResolveField('requiredPapers')
  requiredPapers(@Parent() { kind }: OrganisationRow): readonly PaperKind[] {
    return requiredPapers(kind);
  }

  @ResolveField('papers')
  papers(@Parent() { uuid }: OrganisationRow, @Context() context: RequestContext): Promise<readonly PaperRow[]> {
    return context.load(PAPERS_OF_ORGANISATION, uuid);
  }

  @ResolveField('history')
  history(@Parent() { uuid }: OrganisationRow, @Context() context: RequestContext): Promise<readonly TransitionRow[]> {
    return context.load(HISTORY_OF_ORGANISATION, uuid);
  }
}

async function payload(context: RequestContext, id: string): Payload {
  return { organisation: found(await context.load(ORGANISATION_BY_ID, id), 'organisation', id) };
}

const personId = (id: string | null): string | null => (id === null ? null : globalId('Person', id));

@Resolver('OrganisationPaper')
export class OrganisationPaperResolver {
  @ResolveField('verifiedBy')
  verifiedBy(@Parent() { verifierId }: PaperRow): string | null {
    return personId(verifierId);
  }
}

@Resolver('OrganisationTransition')
export class OrganisationTransitionResolver {
  @ResolveField('by')
  by(@Parent() { actorId }: TransitionRow): string | null {
    return personId(actorId);
  }
}

@Resolver('PaperAlert')
export class PaperAlertResolver {
  @Query('paperAlerts')
  paperAlerts(
    @Args() args: QueryPaperAlertsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<PaperAlertRow>> {
    return paperAlertPage(context, args);
  }

  @ResolveField('organisation')
  async organisation(@Parent() alert: PaperAlertRow, @Context() context: RequestContext): Promise<OrganisationRow> {
    return found(await context.load(ORGANISATION_BY_ID, alert.organisationId), 'organisation', alert.organisationId);
  }

  @ResolveField('paper')
  async paper(@Parent() alert: PaperAlertRow, @Context() context: RequestContext): Promise<PaperRow> {
    return found(await context.load(PAPER_BY_ID, alert.paperId), 'paper', alert.paperId);
  }
}
