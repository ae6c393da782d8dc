import { OidcSignIn } from '#libs/identity';
import type { Logger } from '#libs/kernel';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER } from '../../operations/logger.token.js';
import { browserCookie, browserSecretIn } from './browser-cookies.js';

/** The way of a browser to an OpenID Connect issuer and back. The page at its end takes its session by `redeemSignIn`. */
@Controller('auth/oidc')
export class OidcController {
  constructor(
    private readonly oidc: OidcSignIn,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get(':issuer/start')
  async start(
    @Param('issuer') issuer: string,
    @Query('return') returnTo: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { url, browser } = await this.oidc.start(issuer, returnTo ?? '/', request.ip);
    await reply
      .header('set-cookie', browserCookie('boxtrail_oidc', browser, this.isSecure(request)))
      .header('cache-control', 'no-store')
      .redirect(url, 303);
  }

  @Get(':issuer/callback')
  async callback(
    @Param('issuer') issuer: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const browser = browserSecretIn('boxtrail_oidc', request.headers.cookie);
    const query = new URL(request.url, 'http://here').searchParams;
    try {
      const { code, returnTo } = await this.oidc.callback(issuer, query, browser);
      await reply
        .header('set-cookie', [
          browserCookie('boxtrail_oidc', null, this.isSecure(request)),
          browserCookie('boxtrail_hand_over', browser, this.isSecure(request)),
        ])
        .header('cache-control', 'no-store')
        // behind #, which no server is told
        .redirect(`${returnTo}#sign-in=${code}`, 303);
    } catch (error) {
      // The person is told no more than that it is refused; the operator sees what the issuer got wrong.
      this.logger.warn({ err: error, issuer }, 'a sign-in at an issuer came to nothing');
      throw error;
    }
  }

  /** By the proxy's word, or by the address that browsers are told to come to. */
  private isSecure({ protocol }: FastifyRequest): boolean {
    return protocol === 'https' || this.oidc.isOverHttps;
  }
}
