import type { X509Certificate } from 'node:crypto';
import {
  CertificateSignIn,
  Identity,
  LoggedSms,
  OidcSignIn,
  Passwords,
  PhoneCodes,
  PostedSms,
  readAuthorities,
  readIssuers,
  RevocationFile,
  SecondFactors,
  SignIn,
  Vault,
  type OidcIssuer,
  type SignInParts,
  type SmsSender,
} from '#libs/identity';
import { systemClock, type Clock, type Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import type { Provider } from '@nestjs/common';
import { SignInTally } from './api/sign-in/sign-in-tally.js';
import { CredentialDesk } from './commands/credential-desk.js';
import { OncePerKey } from './commands/once-per-key.js';
import { LOGGER } from './operations/logger.token.js';
import { Metrics } from './operations/metrics.js';
import type { ServerConfig } from './server.config.js';

/** What the operator says of how people prove who they are. */
export interface CredentialOptions {
  /** Absent: one that ends with the process, for specs. */
  readonly vault?: Vault;
  /** What codes of authenticators and certificates are held against. */
  readonly clock?: Clock;
  /** Absent: nobody signs in by telephone. */
  readonly sms?: SmsSender;
  /** Where browsers reach the service, for issuers to send them back to. */
  readonly publicUrl?: string;
  readonly issuers?: readonly OidcIssuer[];
  /** Absent: nobody signs in by certificate. */
  readonly authorities?: readonly X509Certificate[];
  /** The file of their revocation lists. Absent: none is looked at. */
  readonly revocations?: string;
}

/** @throws DomainError INVALID_CONFIG */
export function credentialOptions(config: ServerConfig, vault: Vault, logger: Logger): CredentialOptions {
  const { BOXTRAIL_SMS_URL: smsUrl, BOXTRAIL_SMS_SECRET: smsSecret, BOXTRAIL_CA_CERTIFICATES: authorities } = config;
  const sms =
    smsUrl !== undefined && smsSecret !== undefined
      ? new PostedSms(smsUrl, smsSecret)
      : config.BOXTRAIL_DEMO === '1'
        ? new LoggedSms(logger)
        : undefined;
  return {
    vault,
    ...(sms === undefined ? {} : { sms }),
    ...(config.BOXTRAIL_PUBLIC_URL === undefined ? {} : { publicUrl: config.BOXTRAIL_PUBLIC_URL }),
    ...(config.BOXTRAIL_OIDC_FILE === undefined ? {} : { issuers: readIssuers(config.BOXTRAIL_OIDC_FILE) }),
    ...(authorities === undefined ? {} : { authorities: readAuthorities(authorities) }),
    ...(config.BOXTRAIL_CA_CRLS === undefined ? {} : { revocations: config.BOXTRAIL_CA_CRLS }),
  };
}

/** Who somebody is, and how they prove it. */
export function credentialProviders({
  vault = Vault.unkept(),
  clock = systemClock,
  sms,
  issuers = [],
  publicUrl = 'http://localhost',
  authorities = [],
  revocations,
}: CredentialOptions): Provider[] {
  /** Each way to sign in works with the same parts. */
  const way = <T>(
    provide: abstract new (...parts: never[]) => T,
    make: (parts: SignInParts, logger: Logger) => T,
  ): Provider => ({
    provide,
    inject: [Database, Identity, Passwords, LOGGER],
    useFactory: (database: Database, identity: Identity, passwords: Passwords, logger: Logger) =>
      make({ database, vault, identity, passwords }, logger),
  });
  return [
    { provide: Vault, useValue: vault },
    { provide: Identity, inject: [Database], useFactory: (database: Database) => new Identity(database, { vault }) },
    {
      provide: Passwords,
      inject: [Metrics],
      useFactory: (metrics: Metrics) => new Passwords(() => metrics.passwordsVerified.inc()),
    },
    way(SignIn, (parts) => new SignIn(parts)),
    way(SecondFactors, (parts) => new SecondFactors(parts, clock)),
    way(
      PhoneCodes,
      (parts, logger) =>
        new PhoneCodes(parts, sms ?? null, (error) =>
          logger.error({ err: error }, 'a code could not be sent to a telephone'),
        ),
    ),
    way(CertificateSignIn, (parts, logger) => {
      const onFault = (error: unknown): void =>
        logger.error(
          { err: error, path: revocations },
          'revocation lists could not be read; those from before count on',
        );
      const file = revocations === undefined ? null : new RevocationFile(revocations, authorities, onFault);
      return new CertificateSignIn(parts, authorities, file, clock);
    }),
    way(OidcSignIn, (parts) => new OidcSignIn(parts, issuers, publicUrl)),
    SignInTally,
    OncePerKey,
    CredentialDesk,
  ];
}
