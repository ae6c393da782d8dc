import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

/** What an ID token says, before it is signed. */
export interface Claims extends JWTPayload {
  nonce?: string;
}

export interface Lie {
  /** Changes what is said. */
  readonly claims?: (claims: Claims) => Claims;
  /** Signs with a key that is not published. */
  readonly foreignKey?: boolean;
  /** Answers without an ID token. */
  readonly silent?: boolean;
}

interface Begun {
  readonly nonce: string;
  readonly challenge: string;
}

/**
 * An issuer that signs everybody in at once, checks client and PKCE as it should, and lies in its ID tokens when it is told to:
 * what no good provider does.
 */
export class LyingIssuer {
  lie: Lie = {};
  subject = 'somebody';
  private readonly begun = new Map<string, Begun>();

  private constructor(
    private readonly server: Server,
    private readonly key: CryptoKey,
    private readonly foreign: CryptoKey,
    private readonly published: JWK,
  ) {}

  static async open(): Promise<LyingIssuer> {
    const [own, foreign] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')];
    const published = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'ES256', use: 'sig' };
    const server = createServer();
    const issuer = new LyingIssuer(server, own.privateKey, foreign.privateKey, published);
    server.on('request', (request, response) => {
      issuer.answer(request, response).catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', this.url);
    const json = (body: object, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    switch (asked.pathname) {
      case '/.well-known/openid-configuration':
        return json({
          issuer: this.url,
          authorization_endpoint: `${this.url}/authorize`,
          token_endpoint: `${this.url}/token`,
          jwks_uri: `${this.url}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
          code_challenge_methods_supported: ['S256'],
        });
      case '/jwks':
        return json({ keys: [this.published] });
      case '/authorize': {
        const code = randomBytes(16).toString('hex');
        const {
          nonce = '',
          code_challenge: challenge = '',
          redirect_uri: back = '',
          state = '',
        } = Object.fromEntries(asked.searchParams);
        this.begun.set(code, { nonce, challenge });
        response.writeHead(303, { location: `${back}?${new URLSearchParams({ code, state }).toString()}` }).end();
        return;
      }
      case '/token':
        return this.token(await bodyOf(request), request.headers.authorization, json);
      default:
        return json({}, 404);
    }
  }

  private async token(
    form: URLSearchParams,
    authorization: string | undefined,
    json: (body: object, status?: number) => void,
  ): Promise<void> {
    const begun = this.begun.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const client = `Basic ${Buffer.from('boxtrail:secret').toString('base64')}`;
    if (begun === undefined || challenge !== begun.challenge || authorization !== client)
      return json({ error: 'invalid_grant' }, 400);
    this.begun.delete(form.get('code') ?? '');
    const now = Math.floor(Date.now() / 1_000);
    const claims: Claims = {
      iss: this.url,
      aud: 'boxtrail',
      sub: this.subject,
      iat: now,
      exp: now + 300,
      nonce: begun.nonce,
    };
    const said = this.lie.claims?.(claims) ?? claims;
    const key = this.lie.foreignKey === true ? this.foreign : this.key;
    const idToken = await new SignJWT(said).setProtectedHeader({ alg: 'ES256', kid: 'own' }).sign(key);
    json({ access_token: 'x', token_type: 'Bearer', ...(this.lie.silent === true ? {} : { id_token: idToken }) });
  }
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
