import { recordSignIn } from '#libs/audit';
import type { NewSession, SignInMethod } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Injectable } from '@nestjs/common';
import type { Account } from '../../audit/account.js';
import { Metrics } from '../../operations/metrics.js';

/** Counts and audits sign-ins by their way and what came of them. */
@Injectable()
export class SignInTally {
  constructor(private readonly metrics: Metrics) {}

  /** A session whose record cannot be written is told to nobody. */
  async of(method: SignInMethod, { trail, origin }: Account, attempt: Promise<NewSession>): Promise<NewSession> {
    let session: NewSession;
    try {
      session = await attempt;
    } catch (error) {
      const outcome = error instanceof DomainError ? error.code : 'INTERNAL';
      this.metrics.signIns.inc({ method, outcome });
      await recordSignIn(trail, { ...origin, method, personId: null, organisationId: null, role: null, outcome });
      throw error;
    }
    const { personId, organisationId, role } = session;
    this.metrics.signIns.inc({ method, outcome: 'SIGNED_IN' });
    await recordSignIn(trail, { ...origin, method, personId, organisationId, role, outcome: 'DONE' });
    return session;
  }
}
