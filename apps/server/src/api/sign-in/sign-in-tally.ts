import type { SignInMethod } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Injectable } from '@nestjs/common';
import { Metrics } from '../../operations/metrics.js';

/** Counts sign-ins by their way and what came of them. */
@Injectable()
export class SignInTally {
  constructor(private readonly metrics: Metrics) {}

  async of<T>(method: SignInMethod, attempt: Promise<T>): Promise<T> {
    try {
      const session = await attempt;
      this.metrics.signIns.inc({ method, outcome: 'SIGNED_IN' });
      return session;
    } catch (error) {
      this.metrics.signIns.inc({ method, outcome: error instanceof DomainError ? error.code : 'INTERNAL' });
      throw error;
    }
  }
}
