import { listSessions, Vault } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CredentialDesk, reachedPerson } from '../../commands/credential-desk.js';
import { parseOrganisationId, parsePersonId, parseUuid } from '../person/person-id.js';
import type {
  MutationRevokeSessionArgs,
  MutationRevokeSessionsArgs,
  MutationSwitchMembershipArgs,
  QuerySessionsArgs,
} from '../schema.generated.js';
import { RequestContext } from '../shared/request-context.js';
import { sessionRow, type SessionRow } from './session.queries.js';

@Resolver('Session')
export class SessionResolver {
  constructor(
    private readonly desk: CredentialDesk,
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  @Query('sessions')
  async sessions(
    @Args() { person }: QuerySessionsArgs,
    @Context() { principal }: RequestContext,
  ): Promise<SessionRow[]> {
    const whose = reachedPerson(principal, person ? parsePersonId(person, 'person') : null);
    const sessions = await listSessions(this.database, this.vault, whose);
    return sessions.map((session) => sessionRow(session, principal));
  }

  @Mutation('switchMembership')
  async switchMembership(
    @Args() { organisation, role }: MutationSwitchMembershipArgs,
    @Context() { principal }: RequestContext,
  ): Promise<true> {
    const organisationId = parseOrganisationId(organisation, 'organisation');
    await this.desk.switchMembership(principal, { organisationId, role });
    return true;
  }

  @Mutation('signOut')
  async signOut(@Context() { principal }: RequestContext): Promise<true> {
    await this.desk.signOut(principal);
    return true;
  }

  @Mutation('revokeSession')
  async revokeSession(
    @Args() { id, idempotencyKey }: MutationRevokeSessionArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ ended: number }> {
    const ended = await this.desk.revokeSessions(principal, idempotencyKey, { sessionId: parseUuid(id, 'id') });
    if (ended === 0) throw new DomainError('NOT_FOUND', { field: 'id' });
    return { ended };
  }

  @Mutation('revokeSessions')
  async revokeSessions(
    @Args() { person, idempotencyKey }: MutationRevokeSessionsArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ ended: number }> {
    const personId = person ? parsePersonId(person, 'person') : null;
    return { ended: await this.desk.revokeSessions(principal, idempotencyKey, { personId }) };
  }
}
