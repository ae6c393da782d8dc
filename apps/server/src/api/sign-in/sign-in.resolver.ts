import { CertificateSignIn, OidcSignIn, PhoneCodes, SignIn, type NewSession, type SignInMethod } from '#libs/identity';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type {
  MutationChangePasswordArgs,
  MutationEnrolArgs,
  MutationRedeemSignInArgs,
  MutationRequestPhoneCodeArgs,
  MutationSignInArgs,
  MutationSignInByCertificateArgs,
  MutationSignInByPhoneArgs,
} from '../schema.generated.js';
import { RequestContext } from '../shared/request-context.js';
import { signInPayload, type SignInPayloadRow } from './sign-in.payload.js';
import { SignInTally } from './sign-in-tally.js';

@Resolver()
export class SignInResolver {
  constructor(
    private readonly signIns: SignIn,
    private readonly phones: PhoneCodes,
    private readonly certificates: CertificateSignIn,
    private readonly oidc: OidcSignIn,
    private readonly tally: SignInTally,
  ) {}

  @Mutation('signIn')
  signIn(@Args() { input }: MutationSignInArgs, @Context() context: RequestContext): Promise<SignInPayloadRow> {
    const attempt = this.signIns.withPassword(input.loginName, input.password, context.remoteAddress);
    return this.begin('PASSWORD', context, attempt);
  }

  @Mutation('enrol')
  enrol(@Args() { input }: MutationEnrolArgs, @Context() context: RequestContext): Promise<SignInPayloadRow> {
    const enrolment = { ...input, loginName: input.loginName ?? null };
    return this.begin('ENROLMENT', context, this.signIns.enrol(enrolment, context.remoteAddress));
  }

  @Mutation('requestPhoneCode')
  async requestPhoneCode(
    @Args() { phone }: MutationRequestPhoneCodeArgs,
    @Context() context: RequestContext,
  ): Promise<{ readonly expiresAt: Date }> {
    return { expiresAt: await this.phones.request(phone, context.remoteAddress) };
  }

  @Mutation('signInByPhone')
  signInByPhone(
    @Args() { phone, code }: MutationSignInByPhoneArgs,
    @Context() context: RequestContext,
  ): Promise<SignInPayloadRow> {
    return this.begin('PHONE', context, this.phones.signIn(phone, code, context.remoteAddress));
  }

  @Mutation('requestCertificateNonce')
  async requestCertificateNonce(
    @Context() context: RequestContext,
  ): Promise<{ readonly nonce: string; readonly expiresAt: Date }> {
    const { code, expiresAt } = await this.certificates.nonce(context.remoteAddress);
    return { nonce: code, expiresAt };
  }

  @Mutation('signInByCertificate')
  signInByCertificate(
    @Args() { input }: MutationSignInByCertificateArgs,
    @Context() context: RequestContext,
  ): Promise<SignInPayloadRow> {
    return this.begin('CERTIFICATE', context, this.certificates.signIn(input, context.remoteAddress));
  }

  @Mutation('redeemSignIn')
  redeemSignIn(
    @Args() { code }: MutationRedeemSignInArgs,
    @Context() context: RequestContext,
  ): Promise<SignInPayloadRow> {
    return this.begin('OIDC', context, this.oidc.redeem(code, context.browser, context.remoteAddress));
  }

  @Mutation('changePassword')
  async changePassword(
    @Args() { present, next, endTokens: endsTokens }: MutationChangePasswordArgs,
    @Context() { principal }: RequestContext,
  ): Promise<true> {
    await this.signIns.changePassword(principal, { present, next, endsTokens });
    return true;
  }

  private async begin(
    method: SignInMethod,
    { account }: RequestContext,
    attempt: Promise<NewSession>,
  ): Promise<SignInPayloadRow> {
    return signInPayload(await this.tally.of(method, account, attempt));
  }
}
