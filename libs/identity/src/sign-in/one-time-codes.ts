import { randomBytes } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { SUITES } from '../cryptography/suites.js';

const CODE_BYTES = 32;
const MINUTE = 60_000;

/** What codes are drawn for, and how long they are taken. */
const PURPOSES = {
  /** Handed over by an administrator: a weekend fits in. */
  ENROLMENT: { prefix: 'bxe_', lastsMs: 72 * 60 * MINUTE },
  /** From the page that an OIDC issuer sends a browser back to, to the page that asks the API. */
  HAND_OVER: { prefix: 'bxh_', lastsMs: MINUTE },
  /** A person finds the key and types its PIN. */
  CERTIFICATE_NONCE: { prefix: 'bxn_', lastsMs: 5 * MINUTE },
  /** A person signs in at the issuer. */
  OIDC_STATE: { prefix: 'bxo_', lastsMs: 10 * MINUTE },
} as const;

export type CodePurpose = keyof typeof PURPOSES;

/** Codes are as random as tokens and live for days at most; one digest does for both suites. */
const digestOf = (code: string): Buffer => SUITES.INTERNATIONAL.digest(code);

export interface DrawnCode {
  /** Told once, stored nowhere. */
  readonly code: string;
  readonly expiresAt: Date;
}

export async function drawCode(
  tx: Tx,
  purpose: CodePurpose,
  { personId = null, details = {} }: { readonly personId?: string | null; readonly details?: object } = {},
): Promise<DrawnCode> {
  const { prefix, lastsMs } = PURPOSES[purpose];
  const code = `${prefix}${randomBytes(CODE_BYTES).toString('base64url')}`;
  const [row] = await tx.query<{ expires_at: Date }>(
    `INSERT INTO one_time_code (code_hash, purpose, person_id, details, expires_at)
     VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5)) RETURNING expires_at`,
    [digestOf(code), purpose, personId, JSON.stringify(details), lastsMs / 1_000],
  );
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
  return { code, expiresAt: row.expires_at };
}

/** What was drawn for somebody and not brought back yet is not taken any more. */
export async function endCodes(tx: Tx, personId: string): Promise<void> {
  await tx.query('DELETE FROM one_time_code WHERE person_id = $1', [personId]);
}

export interface TakenCode {
  readonly personId: string | null;
  readonly details: unknown;
}

/**
 * Takes a code once: whoever brings it a second time, late or for another purpose is refused alike.
 * @throws DomainError SIGN_IN_REFUSED
 */
export async function takeCode(tx: Tx, purpose: CodePurpose, code: string): Promise<TakenCode> {
  const [row] = await tx.query<{ person_id: string | null; details: unknown }>(
    `DELETE FROM one_time_code WHERE code_hash = $1 AND purpose = $2 AND expires_at > now() RETURNING person_id, details`,
    [digestOf(code), purpose],
  );
  if (row === undefined) throw new DomainError('SIGN_IN_REFUSED');
  return { personId: row.person_id, details: row.details };
}
