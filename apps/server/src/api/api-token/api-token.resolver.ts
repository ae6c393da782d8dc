import { Vault, type ApiTokenEntry } from '#libs/identity';
import { Database } from '#libs/persistence';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CredentialDesk } from '../../commands/credential-desk.js';
import { parseUuid } from '../person/person-id.js';
import type {
  MutationCreateApiTokenArgs,
  MutationRevokeApiTokenArgs,
  QueryApiTokensArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import { apiToken, apiTokenPage, type Kept } from './api-token.queries.js';

@Resolver('ApiToken')
export class ApiTokenResolver {
  private readonly kept: Kept;

  constructor(
    private readonly desk: CredentialDesk,
    database: Database,
    vault: Vault,
  ) {
    this.kept = { database, vault };
  }

  @Query('apiTokens')
  apiTokens(
    @Args() args: QueryApiTokensArgs,
    @Context() { principal }: RequestContext,
  ): Promise<Connection<ApiTokenEntry>> {
    return apiTokenPage(this.kept, principal, args);
  }

  @Mutation('createApiToken')
  async createApiToken(
    @Args() { input, idempotencyKey }: MutationCreateApiTokenArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly token: string | null; readonly apiToken: ApiTokenEntry }> {
    const { name, scopes, expiresAt, serviceAccount } = input;
    const serviceAccountId = serviceAccount ? parseUuid(serviceAccount, 'input.serviceAccount') : null;
    const asked = { name, scopes, expiresAt, serviceAccountId };
    const { id, token } = await this.desk.createApiToken(principal, idempotencyKey, asked);
    return { token, apiToken: await apiToken(this.kept, principal, id) };
  }

  @Mutation('revokeApiToken')
  async revokeApiToken(
    @Args() args: MutationRevokeApiTokenArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly apiToken: ApiTokenEntry }> {
    const id = parseUuid(args.id, 'id');
    await this.desk.revokeApiToken(principal, args.idempotencyKey, id);
    return { apiToken: await apiToken(this.kept, principal, id) };
  }
}
