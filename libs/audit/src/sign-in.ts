import { recordWith, type AuditTrail } from './audit-trail.js';
import type { AuditFact, Outcome } from './audit-record.js';
import type { Tx } from '#libs/persistence';

/** Somebody proved who they are, or did not. */
export interface SignInEvent {
  /** PASSWORD, TOTP, PHONE, OIDC, CERTIFICATE, SIGN_OUT, … */
  readonly method: string;
  /** null: nobody whom we know. */
  readonly personId: string | null;
  readonly organisationId: string | null;
  readonly role: string | null;
  readonly outcome: Outcome;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** Where sign-ins are recorded: in the transaction that makes the session, or, for a refusal, in one of the audit's own. */
export function recordSignIn(into: Tx | AuditTrail, event: SignInEvent): Promise<void> {
  const fact = signInFact(event);
  return 'record' in into ? into.record(fact) : recordWith(into, fact);
}

function signInFact({ method, personId, organisationId, role, outcome, address, requestId }: SignInEvent): AuditFact {
  return {
    actor: { kind: 'PERSON', id: personId ?? 'unknown', organisationId, role, address, requestId },
    operation: `SignIn.${method}`,
    subject: { type: 'Person', keys: personId === null ? [] : [personId] },
    asked: null,
    rows: null,
    caseNumber: null,
    outcome,
  };
}
