import { OidcSignIn } from '#libs/identity';
import type { Logger } from '#libs/kernel';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER } from '../../operations/logger.token.js';

const COOKIE = 'boxtrail_oidc';
/** As long as a state is taken. */
const COOKIE_S = 600;

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
      .header('set-cookie', cookie(browser, COOKIE_S, request))
      .header('cache-control', 'no-store')
      .redirect(url, 303);
  }

  @Get(':issuer/callback')
  async callback(
    @Param('issuer') issuer: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [, browser] = new RegExp(`(?:^|; )${COOKIE}=([\\w-]{1,64})(?:;|$)`).exec(request.headers.cookie ?? '') ?? [];
    const query = new URL(request.url, 'http://here').searchParams;
    try {
      const { code, returnTo } = await this.oidc.callback(issuer, query, browser);
      await reply
        .header('set-cookie', cookie('', 0, request))
        .header('cache-control', 'no-store')
        // behind #, which no server is told
        .redirect(`${returnTo}#sign-in=${code}`, 303);
    } catch (error) {
      // The person is told no more than that it is refused; the operator sees what the issuer got wrong.
      this.logger.warn({ err: error, issuer }, 'a sign-in at an issuer came to nothing');
      throw error;
    }
  }
}

function cookie(value: string, seconds: number, { protocol }: FastifyRequest): string {
  const secure = protocol === 'https' ? '; Secure' : '';
  return `${COOKIE}=${value}; Path=/auth/oidc; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
}
