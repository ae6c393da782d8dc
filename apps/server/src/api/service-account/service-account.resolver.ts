import type { ServiceAccountEntry } from '#libs/identity';
import { Database } from '#libs/persistence';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CredentialDesk } from '../../commands/credential-desk.js';
import { parseOrganisationId, parseUuid } from '../person/person-id.js';
import type {
  MutationCloseServiceAccountArgs,
  MutationCreateServiceAccountArgs,
  QueryServiceAccountsArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import { serviceAccountPage, serviceAccountRow } from './service-account.queries.js';

@Resolver('ServiceAccount')
export class ServiceAccountResolver {
  constructor(
    private readonly desk: CredentialDesk,
    private readonly database: Database,
  ) {}

  @Query('serviceAccounts')
  serviceAccounts(
    @Args() args: QueryServiceAccountsArgs,
    @Context() { principal }: RequestContext,
  ): Promise<Connection<ServiceAccountEntry>> {
    return serviceAccountPage(this.database, principal, args);
  }

  @Mutation('createServiceAccount')
  async createServiceAccount(
    @Args() { input, idempotencyKey }: MutationCreateServiceAccountArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly serviceAccount: ServiceAccountEntry }> {
    const { name, role, organisation } = input;
    const organisationId = organisation ? parseOrganisationId(organisation, 'input.organisation') : null;
    const account = await this.desk.createServiceAccount(principal, idempotencyKey, { name, role, organisationId });
    return { serviceAccount: serviceAccountRow(account) };
  }

  @Mutation('closeServiceAccount')
  async closeServiceAccount(
    @Args() { id, idempotencyKey }: MutationCloseServiceAccountArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly serviceAccount: ServiceAccountEntry }> {
    const account = await this.desk.closeServiceAccount(principal, idempotencyKey, parseUuid(id, 'id'));
    return { serviceAccount: serviceAccountRow(account) };
  }
}
