import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DomainError, parseConfig, systemClock, type Clock } from '#libs/kernel';
import * as openid from 'openid-client';
import { z } from 'zod';
import { indexOf } from '../personal-data.js';
import { addressSubjects, forgive, reserveAttempt } from './attempts.js';
import { drawCode, takeCode } from './one-time-codes.js';
import { beginSession, type NewSession } from './sessions.js';
import type { SignInParts } from './sign-in.js';

const LOCAL = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/;

const issuerSchema = z.strictObject({
  /** Stands in our addresses: /auth/oidc/<name>/start. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** OpenID Connect Discovery 1.0: its metadata stand below this address. Plain HTTP on this machine alone. */
  issuer: z.url().refine((url) => url.startsWith('https://') || LOCAL.test(url), 'expected https://'),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  /** The claim whose value a person is known by. `sub` never changes; others are as good as their issuer keeps them. */
  claim: z.string().min(1).default('sub'),
  scope: z
    .string()
    .regex(/\bopenid\b/)
    .default('openid'),
  /** RFC 8176: values of `amr` by which the issuer says that it asked for a second factor. */
  secondFactorAmr: z.array(z.string()).default([]),
});

export type OidcIssuer = z.output<typeof issuerSchema>;

/** @throws DomainError INVALID_CONFIG */
export function readIssuers(path: string): readonly OidcIssuer[] {
  return parseIssuers(JSON.parse(readFileSync(path, 'utf8')), path);
}

/** @throws DomainError INVALID_CONFIG */
export function parseIssuers(input: unknown, source: string): readonly OidcIssuer[] {
  return parseConfig(z.array(issuerSchema), input, source);
}

/** What a person is known by, of all issuers. */
export function oidcSubject(issuer: string, value: string): string {
  return `${issuer}\n${value}`;
}

const TIMEOUT_S = 10;
/** Issuers change their keys and addresses seldom; what has changed is seen within this. */
const METADATA_KEPT_MS = 3_600_000;

interface Metadata {
  readonly until: number;
  readonly config: Promise<openid.Configuration>;
}

const stateSchema = z.object({
  issuer: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  browser: z.string(),
  returnTo: z.string(),
});

const handOverSchema = z.object({ browser: z.string(), hasShownTwoFactors: z.boolean() });

/** Sign-in at any OpenID Connect issuer: authorization code flow with PKCE (RFC 7636), state and nonce. */
export class OidcSignIn {
  private readonly known = new Map<string, Metadata>();

  /** @param publicUrl where browsers reach this service; the issuer sends them back to it */
  constructor(
    private readonly parts: SignInParts,
    private readonly issuers: readonly OidcIssuer[],
    private readonly publicUrl: string,
    private readonly clock: Clock = systemClock,
  ) {}

  get isOverHttps(): boolean {
    return this.publicUrl.startsWith('https:');
  }

  /**
   * @param returnTo a path of ours, where the browser goes at last
   * @returns where the browser goes now, and what it keeps in a cookie until it comes back
   * @throws DomainError NOT_FOUND for an issuer that is not configured, INVALID_INPUT, UNAVAILABLE, RATE_LIMITED
   */
  async start(
    name: string,
    returnTo: string,
    address: string | null,
  ): Promise<{ readonly url: string; readonly browser: string }> {
    const issuer = this.issuerNamed(name);
    if (!/^\/(?![/\\])[\x21-\x7e]{0,200}$/.test(returnTo)) {
      throw new DomainError('INVALID_INPUT', { field: 'return', expected: 'a path of this service' });
    }
    const config = await this.metadataOf(issuer);
    const verifier = openid.randomPKCECodeVerifier();
    const [nonce, browser] = [openid.randomNonce(), randomBytes(32).toString('base64url')];
    const details = { issuer: name, nonce, verifier, browser: hashOf(browser), returnTo };
    const { database, vault } = this.parts;
    const { code: state } = await database.write(async (tx) => {
      await reserveAttempt(tx, addressSubjects(vault, address));
      return drawCode(tx, 'OIDC_STATE', { details });
    });
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: this.callbackOf(issuer),
      scope: issuer.scope,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, browser };
  }

  /**
   * The browser comes back. Its state is used up, whatever comes of it.
   * @param query of the address that it came to
   * @param browser what it kept
   * @returns a code for `redeem`, and where the browser goes
   * @throws DomainError NOT_FOUND, SIGN_IN_REFUSED, UNAVAILABLE
   */
  async callback(
    name: string,
    query: URLSearchParams,
    browser: string | null,
  ): Promise<{ readonly code: string; readonly returnTo: string }> {
    const issuer = this.issuerNamed(name);
    const { database, vault } = this.parts;
    const state = query.get('state') ?? '';
    const { details } = await database.write((tx) => takeCode(tx, 'OIDC_STATE', state));
    const begun = stateSchema.parse(details);
    if (begun.issuer !== name || begun.browser !== hashOf(browser ?? '')) throw new DomainError('SIGN_IN_REFUSED');
    const claims = await this.claimsOf(issuer, query, { ...begun, state });
    const value = claims[issuer.claim];
    const index = typeof value === 'string' ? indexOf(vault, 'OIDC_SUBJECT', oidcSubject(issuer.issuer, value)) : null;
    const amr: readonly unknown[] = Array.isArray(claims['amr']) ? claims['amr'] : [];
    const hasShownTwoFactors = issuer.secondFactorAmr.some((word) => amr.includes(word));
    return database.write(async (tx) => {
      const [known] = await tx.query<{ person_id: string }>(
        `SELECT person_id FROM personal_datum WHERE kind = 'OIDC_SUBJECT' AND blind_index = $1`,
        [index],
      );
      if (known === undefined) throw new DomainError('SIGN_IN_REFUSED');
      const { code } = await drawCode(tx, 'HAND_OVER', {
        personId: known.person_id,
        details: { browser: begun.browser, hasShownTwoFactors },
      });
      return { code, returnTo: begun.returnTo };
    });
  }

  /**
   * The page that the browser came to takes its session. A code that somebody else's browser brings is not taken (RFC 9700, 4.5 and 4.7):
   * neither one that was stolen, nor one of whoever would have others work under their name.
   * @param browser what the browser that began keeps in a cookie; null: nothing
   * @throws DomainError SIGN_IN_REFUSED; the code is then as it was
   */
  redeem(code: string, browser: string | null, address: string | null): Promise<NewSession> {
    const { database, vault } = this.parts;
    return database.write(async (tx) => {
      const { personId, details } = await takeCode(tx, 'HAND_OVER', code);
      const { browser: begunIn, hasShownTwoFactors } = handOverSchema.parse(details);
      if (personId === null || begunIn !== hashOf(browser ?? '')) throw new DomainError('SIGN_IN_REFUSED');
      await forgive(tx, addressSubjects(vault, address));
      return beginSession(tx, vault, { personId, method: 'OIDC', address, hasShownTwoFactors });
    });
  }

  private async claimsOf(
    issuer: OidcIssuer,
    query: URLSearchParams,
    { nonce, verifier, state }: { readonly nonce: string; readonly verifier: string; readonly state: string },
  ): Promise<Readonly<Record<string, unknown>>> {
    const config = await this.metadataOf(issuer);
    const came = new URL(this.callbackOf(issuer));
    came.search = query.toString();
    try {
      const tokens = await openid.authorizationCodeGrant(config, came, {
        expectedNonce: nonce,
        expectedState: state,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      return tokens.claims() ?? {};
    } catch (cause) {
      if (isAway(cause)) throw new DomainError('UNAVAILABLE', { part: issuer.name }, { cause });
      throw new DomainError('SIGN_IN_REFUSED', {}, { cause });
    }
  }

  private issuerNamed(name: string): OidcIssuer {
    const issuer = this.issuers.find((candidate) => candidate.name === name);
    if (issuer === undefined) throw new DomainError('NOT_FOUND', { field: 'issuer' });
    return issuer;
  }

  private callbackOf({ name }: OidcIssuer): string {
    return new URL(`/auth/oidc/${name}/callback`, this.publicUrl).href;
  }

  /** @throws DomainError UNAVAILABLE when the issuer does not answer; asked again then */
  private async metadataOf(issuer: OidcIssuer): Promise<openid.Configuration> {
    const kept = this.known.get(issuer.name);
    const fresh: Metadata =
      kept !== undefined && kept.until > this.clock.now()
        ? kept
        : { until: this.clock.now() + METADATA_KEPT_MS, config: discover(issuer) };
    this.known.set(issuer.name, fresh);
    try {
      return await fresh.config;
    } catch (cause) {
      if (this.known.get(issuer.name) === fresh) this.known.delete(issuer.name);
      throw new DomainError('UNAVAILABLE', { part: issuer.name }, { cause });
    }
  }
}

function discover({ issuer, clientId, clientSecret }: OidcIssuer): Promise<openid.Configuration> {
  return openid.discovery(new URL(issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), {
    // The signature of the ID token is checked too, though it comes from the issuer itself.
    execute: [openid.enableNonRepudiationChecks, ...(LOCAL.test(issuer) ? [openid.allowInsecureRequests] : [])],
    timeout: TIMEOUT_S,
  });
}

/** The issuer did not answer, or not as one: that says nothing of the person. `fetch` fails with a TypeError. */
function isAway(error: unknown): boolean {
  const code = error instanceof openid.ClientError ? error.code : undefined;
  return (error instanceof TypeError && error.message === 'fetch failed') || code === 'OAUTH_TIMEOUT';
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
