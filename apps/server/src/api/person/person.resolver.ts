import { keyFingerprint, oidcSubject, parseCertificate, type PersonalData } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { CredentialDesk } from '../../commands/credential-desk.js';
import type {
  ChangePersonInput,
  MutationAddPersonArgs,
  MutationChangePersonArgs,
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
    const { role, organisation } = input;
    const added = await this.desk.addPerson(principal, idempotencyKey, {
      organisationId: organisation ? parseOrganisationId(organisation, 'input.organisation') : null,
      role,
      data: { ...dataOf(input), DISPLAY_NAME: input.displayName },
    });
    return { ...added, personId: personId(added.personId) };
  }

  @Mutation('changePerson')
  async changePerson(
    @Args() { person, input, idempotencyKey }: MutationChangePersonArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly personId: string }> {
    const asked = { personId: parsePersonId(person, 'person'), data: dataOf(input) };
    await this.desk.changePerson(principal, idempotencyKey, asked);
    return { personId: person };
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

/** @throws DomainError INVALID_INPUT for what is no certificate */
function dataOf({ displayName, loginName, email, phone, certificate, oidc }: ChangePersonInput): PersonalData {
  return {
    ...(displayName ? { DISPLAY_NAME: displayName } : {}),
    ...(loginName ? { LOGIN_NAME: loginName } : {}),
    ...(email ? { E_MAIL: email } : {}),
    ...(phone ? { PHONE: phone } : {}),
    ...(certificate ? { CERTIFICATE: fingerprintOf(certificate) } : {}),
    ...(oidc ? { OIDC_SUBJECT: oidcSubject(oidc.issuer, oidc.subject) } : {}),
  };
}

function fingerprintOf(pem: string): string {
  const certificate = parseCertificate(pem);
  if (certificate === null) {
    throw new DomainError('INVALID_INPUT', { field: 'input.certificate', expected: 'a certificate in PEM' });
  }
  return keyFingerprint(certificate);
}
