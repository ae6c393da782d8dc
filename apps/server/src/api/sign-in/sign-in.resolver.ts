import { SignIn } from '#libs/identity';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { MutationChangePasswordArgs, MutationEnrolArgs, MutationSignInArgs } from '../schema.generated.js';
import { RequestContext } from '../shared/request-context.js';
import { signInPayload, type SignInPayloadRow } from './sign-in.payload.js';
import { SignInTally } from './sign-in-tally.js';

@Resolver()
export class SignInResolver {
  constructor(
    private readonly signIns: SignIn,
    private readonly tally: SignInTally,
  ) {}

  @Mutation('signIn')
  async signIn(@Args() { input }: MutationSignInArgs, @Context() context: RequestContext): Promise<SignInPayloadRow> {
    return signInPayload(
      await this.tally.of(
        'PASSWORD',
        this.signIns.withPassword(input.loginName, input.password, context.remoteAddress),
      ),
    );
  }

  @Mutation('enrol')
  async enrol(@Args() { input }: MutationEnrolArgs, @Context() context: RequestContext): Promise<SignInPayloadRow> {
    const enrolment = { ...input, loginName: input.loginName ?? null };
    return signInPayload(await this.tally.of('ENROLMENT', this.signIns.enrol(enrolment, context.remoteAddress)));
  }

  @Mutation('changePassword')
  async changePassword(
    @Args() { present, next }: MutationChangePasswordArgs,
    @Context() { principal }: RequestContext,
  ): Promise<true> {
    await this.signIns.changePassword(principal, present, next);
    return true;
  }
}
