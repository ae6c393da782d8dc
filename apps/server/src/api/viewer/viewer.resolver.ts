import { membershipsOfSession, type Principal } from '#libs/identity';
import { Database } from '#libs/persistence';
import { Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { personId } from '../person/person-id.js';
import { found } from '../place/place.queries.js';
import { RequestContext } from '../shared/request-context.js';
import { membershipRow, type MembershipRow } from '../sign-in/sign-in.payload.js';
import { ORGANISATION_BY_ID, type OrganisationRow } from './organisation.queries.js';

@Resolver('Viewer')
export class ViewerResolver {
  constructor(private readonly database: Database) {}

  @Query('viewer')
  viewer(@Context() context: RequestContext): Principal {
    return context.principal;
  }

  @ResolveField('id')
  id(@Parent() viewer: Principal): string {
    return personId(viewer.personId);
  }

  @ResolveField('organisation')
  async organisation(@Parent() viewer: Principal, @Context() context: RequestContext): Promise<OrganisationRow> {
    return found(await context.load(ORGANISATION_BY_ID, viewer.organisationId), 'organisation', viewer.organisationId);
  }

  @ResolveField('memberships')
  async memberships(@Parent() viewer: Principal): Promise<MembershipRow[]> {
    return (await membershipsOfSession(this.database, viewer)).map(membershipRow);
  }
}
