import {
  addPerson,
  changePerson,
  closeServiceAccount,
  createApiToken,
  createServiceAccount,
  endSessions,
  eraseAnybody,
  Identity,
  refuseOthersOffice,
  resetPerson,
  revokeApiToken,
  switchMembership,
  Vault,
  type NewApiToken,
  type PersonalData,
  type PersonToAdd,
  type Principal,
  type Role,
  type ServiceAccountEntry,
} from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Database, type Tx } from '#libs/persistence';
import { Injectable } from '@nestjs/common';
import { OncePerKey } from './once-per-key.js';

/** Whom a command is for, when it is not the asker. */
type Which = { readonly sessionId: string } | { readonly personId: string | null };

/**
 * What people change of credentials: each once for its key, and known to this process at once. Secrets are told to whoever asked
 * first and kept nowhere, so a repetition of the key gets null in their place.
 */
@Injectable()
export class CredentialDesk {
  constructor(
    private readonly database: Database,
    private readonly once: OncePerKey,
    private readonly vault: Vault,
    private readonly identity: Identity,
  ) {}

  async createApiToken(
    principal: Principal,
    idempotencyKey: string,
    asked: NewApiToken,
  ): Promise<{ readonly id: string; readonly token: string | null }> {
    const { answer, secret } = await this.withSecret(
      principal,
      'createApiToken',
      { idempotencyKey, asked },
      async (tx) => {
        const { id, token } = await createApiToken(tx, this.vault, principal, asked);
        return { answer: { id }, secret: token };
      },
    );
    return { ...answer, token: secret };
  }

  async revokeApiToken(principal: Principal, idempotencyKey: string, id: string): Promise<void> {
    await this.once.run(principal, 'revokeApiToken', { idempotencyKey, id }, async (tx) => {
      await revokeApiToken(tx, principal, id);
      return true;
    });
    // Nobody has looked whose tokens ended with it.
    this.identity.forget();
  }

  createServiceAccount(
    principal: Principal,
    idempotencyKey: string,
    asked: Parameters<typeof createServiceAccount>[2],
  ): Promise<ServiceAccountEntry> {
    return this.once.run(principal, 'createServiceAccount', { idempotencyKey, asked }, (tx) =>
      createServiceAccount(tx, principal, asked),
    );
  }

  async closeServiceAccount(principal: Principal, idempotencyKey: string, id: string): Promise<ServiceAccountEntry> {
    const closed = await this.once.run(principal, 'closeServiceAccount', { idempotencyKey, id }, (tx) =>
      closeServiceAccount(tx, principal, id),
    );
    this.identity.forget({ personId: id });
    return closed;
  }

  async addPerson(
    principal: Principal,
    idempotencyKey: string,
    asked: PersonToAdd,
  ): Promise<{ readonly personId: string; readonly code: string | null }> {
    const { answer, secret } = await this.withSecret(principal, 'addPerson', { idempotencyKey, asked }, async (tx) => {
      const { personId, code } = await addPerson(tx, this.vault, principal, asked);
      return { answer: { personId }, secret: code };
    });
    return { ...answer, code: secret };
  }

  async changePerson(
    principal: Principal,
    idempotencyKey: string,
    asked: { readonly personId: string; readonly data: PersonalData },
  ): Promise<void> {
    await this.blindly(principal, 'changePerson', { idempotencyKey, asked }, async (tx) => {
      await changePerson(tx, this.vault, principal, asked.personId, asked.data);
      return true;
    });
    this.identity.forget({ personId: asked.personId });
  }

  async resetCredentials(
    principal: Principal,
    idempotencyKey: string,
    asked: { readonly personId: string; readonly secondFactor: boolean },
  ): Promise<string | null> {
    const { secret } = await this.withSecret(principal, 'resetCredentials', { idempotencyKey, asked }, async (tx) => {
      const { code } = await resetPerson(tx, this.vault, principal, asked.personId, asked);
      return { answer: null, secret: code };
    });
    this.identity.forget();
    return secret;
  }

  async erasePerson(principal: Principal, idempotencyKey: string, personId: string): Promise<void> {
    await this.once.run(principal, 'erasePerson', { idempotencyKey, personId }, async (tx) => {
      await eraseAnybody(tx, personId);
      return true;
    });
    this.identity.forget();
  }

  /**
   * One's own, and for security administrators anybody's.
   * @returns how many lived until now
   * @throws DomainError NOT_FOUND for somebody else's, FORBIDDEN for another administrator's
   */
  async revokeSessions(principal: Principal, idempotencyKey: string, which: Which): Promise<number> {
    const isAnybodys = principal.role === 'SECURITY_ADMINISTRATOR';
    const ended = await this.once.run(principal, 'revokeSessions', { idempotencyKey, which }, async (tx) => {
      if ('sessionId' in which) {
        await refuseOthersOffice(tx, principal, 'session', which.sessionId);
        return endSessions(tx, { ...which, personId: isAnybodys ? null : principal.personId });
      }
      const personId = reachedPerson(principal, which.personId);
      await refuseOthersOffice(tx, principal, 'person', personId);
      return endSessions(tx, {
        personId,
        ...(personId === principal.personId ? { except: principal.credential.id } : {}),
      });
    });
    for (const credentialId of ended) this.identity.forget({ credentialId });
    return ended.length;
  }

  /** Once done it is done: nothing comes of asking again, so it has no key. */
  async signOut({ personId, credential }: Principal): Promise<void> {
    await this.database.write((tx) => endSessions(tx, { sessionId: credential.id, personId }));
    this.identity.forget({ credentialId: credential.id });
  }

  async switchMembership({ credential }: Principal, to: { organisationId: string; role: Role }): Promise<void> {
    await this.database.write((tx) => switchMembership(tx, credential.id, to));
    this.identity.forget({ credentialId: credential.id });
  }

  private async withSecret<Answer>(
    principal: Principal,
    operation: string,
    { idempotencyKey, asked }: { readonly idempotencyKey: string; readonly asked: object },
    work: (tx: Tx) => Promise<{ readonly answer: Answer; readonly secret: string }>,
  ): Promise<{ readonly answer: Answer; readonly secret: string | null }> {
    let secret: string | null = null;
    const answer = await this.blindly(principal, operation, { idempotencyKey, asked }, async (tx) => {
      const done = await work(tx);
      secret = done.secret;
      return done.answer;
    });
    return { answer, secret };
  }

  /** What is asked may be personal: its hash is kept for a week, and must not tell a telephone number to whoever tries them all. */
  private blindly<Answer>(
    principal: Principal,
    operation: string,
    { idempotencyKey, asked }: { readonly idempotencyKey: string; readonly asked: object },
    work: (tx: Tx) => Promise<Answer>,
  ): Promise<Answer> {
    const blind = this.vault.blindIndex('REQUEST', JSON.stringify(asked)).toString('base64');
    return this.once.run(principal, operation, { idempotencyKey, blind }, work);
  }
}

/**
 * Whose sessions somebody sees and ends: their own, and for security administrators anybody's.
 * @throws DomainError NOT_FOUND
 */
export function reachedPerson({ personId, role }: Principal, asked: string | null): string {
  if (asked === null || asked === personId || role === 'SECURITY_ADMINISTRATOR') return asked ?? personId;
  throw new DomainError('NOT_FOUND', { field: 'person' });
}
