import type { Principal } from '#libs/identity';
import { Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { found } from '../place/place.queries.js';
import { RequestContext } from '../shared/request-context.js';
import { ORGANISATION_BY_ID, type OrganisationRow } from './organisation.queries.js';

@Resolver('Viewer')
export class ViewerResolver {
  @Query('viewer')
  viewer(@Context() context: RequestContext): Principal {
    return context.principal;
  }

  @ResolveField('organisation')
  async organisation(@Parent() viewer: Principal, @Context() context: RequestContext): Promise<OrganisationRow> {
    return found(await context.load(ORGANISATION_BY_ID, viewer.organisationId), 'organisation', viewer.organisationId);
  }
}
