import { Identity, Passwords, SecondFactors, SignIn, Vault } from '#libs/identity';
import { systemClock, type Clock } from '#libs/kernel';
import { Database } from '#libs/persistence';
import type { Provider } from '@nestjs/common';
import { SignInTally } from './api/sign-in/sign-in-tally.js';
import { CredentialDesk } from './commands/credential-desk.js';
import { OncePerKey } from './commands/once-per-key.js';
import { Metrics } from './operations/metrics.js';

/** What the operator says of how people prove who they are. */
export interface CredentialOptions {
  /** Absent: one that ends with the process, for specs. */
  readonly vault?: Vault;
  /** What codes of authenticators are held against. */
  readonly clock?: Clock;
}

/** Who somebody is, and how they prove it. */
export function credentialProviders({ vault = Vault.unkept(), clock = systemClock }: CredentialOptions): Provider[] {
  return [
    { provide: Vault, useValue: vault },
    { provide: Identity, inject: [Database], useFactory: (database: Database) => new Identity(database, { vault }) },
    {
      provide: Passwords,
      inject: [Metrics],
      useFactory: (metrics: Metrics) => new Passwords(() => metrics.passwordsVerified.inc()),
    },
    {
      provide: SignIn,
      inject: [Database, Identity, Passwords],
      useFactory: (database: Database, identity: Identity, passwords: Passwords) =>
        new SignIn({ database, vault, identity, passwords }),
    },
    {
      provide: SecondFactors,
      inject: [Database, Identity, Passwords],
      useFactory: (database: Database, identity: Identity, passwords: Passwords) =>
        new SecondFactors({ database, vault, identity, passwords }, clock),
    },
    SignInTally,
    OncePerKey,
    CredentialDesk,
  ];
}
