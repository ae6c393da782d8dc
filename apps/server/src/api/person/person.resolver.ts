import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { CredentialDesk } from '../../commands/credential-desk.js';
import type {
  MutationAddPersonArgs,
  MutationErasePersonArgs,
  MutationResetCredentialsArgs,
} from '../schema.generated.js';
import { RequestContext } from '../shared/request-context.js';
import { parseOrganisationId, parsePersonId, personId } from './person-id.js';

@Resolver()
export class PersonResolver {
  constructor(private readonly desk: CredentialDesk) {}

  @Mutation('addPerson')
  async addPerson(
    @Args() { input, idempotencyKey }: MutationAddPersonArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly personId: string; readonly code: string | null }> {
    const { displayName, role, organisation, loginName, email, phone } = input;
    const added = await this.desk.addPerson(principal, idempotencyKey, {
      organisationId: organisation ? parseOrganisationId(organisation, 'input.organisation') : null,
      role,
      data: {
        DISPLAY_NAME: displayName,
        ...(loginName ? { LOGIN_NAME: loginName } : {}),
        ...(email ? { E_MAIL: email } : {}),
        ...(phone ? { PHONE: phone } : {}),
      },
    });
    return { ...added, personId: personId(added.personId) };
  }

  @Mutation('resetCredentials')
  async resetCredentials(
    @Args() { person, secondFactor, idempotencyKey }: MutationResetCredentialsArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly code: string | null }> {
    const asked = { personId: parsePersonId(person, 'person'), secondFactor };
    return { code: await this.desk.resetCredentials(principal, idempotencyKey, asked) };
  }

  @Mutation('erasePerson')
  async erasePerson(
    @Args() { person, idempotencyKey }: MutationErasePersonArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly personId: string }> {
    await this.desk.erasePerson(principal, idempotencyKey, parsePersonId(person, 'person'));
    return { personId: person };
  }
}
