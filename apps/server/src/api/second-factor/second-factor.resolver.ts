import { SecondFactors, type OfferedFactor } from '#libs/identity';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { MutationConfirmSecondFactorArgs, MutationVerifySecondFactorArgs } from '../schema.generated.js';
import { RequestContext } from '../shared/request-context.js';
import { signInPayload, type SignInPayloadRow } from '../sign-in/sign-in.payload.js';

@Resolver()
export class SecondFactorResolver {
  constructor(private readonly factors: SecondFactors) {}

  @Mutation('offerSecondFactor')
  offerSecondFactor(@Context() { principal }: RequestContext): Promise<OfferedFactor> {
    return this.factors.offer(principal);
  }

  @Mutation('confirmSecondFactor')
  async confirmSecondFactor(
    @Args() { code }: MutationConfirmSecondFactorArgs,
    @Context() { principal }: RequestContext,
  ): Promise<{ readonly recoveryCodes: readonly string[]; readonly session: SignInPayloadRow }> {
    const { recoveryCodes, session } = await this.factors.confirm(principal, code);
    return { recoveryCodes, session: signInPayload(session) };
  }

  @Mutation('verifySecondFactor')
  async verifySecondFactor(
    @Args() { code }: MutationVerifySecondFactorArgs,
    @Context() { principal }: RequestContext,
  ): Promise<SignInPayloadRow> {
    return signInPayload(await this.factors.verify(principal, code));
  }
}
