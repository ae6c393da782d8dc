import { randomBytes } from 'node:crypto';
import { DomainError, systemClock, type Clock } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { openFor, sealFor } from '../personal-data.js';
import type { Principal } from '../principal.js';
import { base32, matchingStep, otpauthUri, TOTP_SECRET_BYTES } from '../totp.js';
import { forgive, reserveAttempt, subjectOf } from './attempts.js';
import { raiseSession, type NewSession } from './sessions.js';
import type { SignInParts } from './sign-in.js';

const RECOVERY_CODES = 10;
/** 80 bits: more than anybody guesses, and few enough to write down. */
const RECOVERY_CODE_BYTES = 10;
const MOST_CODE = 40;

export interface OfferedFactor {
  /** Base32, for typing. */
  readonly secret: string;
  /** For a picture. */
  readonly uri: string;
}

interface FactorRow {
  readonly wrapped: Buffer | null;
  readonly secret: Buffer | null;
  readonly pending_secret: Buffer | null;
}

/** Time-based one-time passwords (RFC 6238), with recovery codes for whoever lost the telephone. */
export class SecondFactors {
  constructor(
    private readonly parts: SignInParts,
    private readonly clock: Clock = systemClock,
  ) {}

  /** A secret that counts once a code of it is confirmed; a factor from before counts until then. */
  async offer({ personId, displayName, secondFactor }: Principal): Promise<OfferedFactor> {
    if (secondFactor === 'TO_VERIFY') throw new DomainError('SECOND_FACTOR_REQUIRED', { secondFactor });
    const secret = randomBytes(TOTP_SECRET_BYTES);
    const { database, vault } = this.parts;
    await database.write(async (tx) => {
      const sealed = await sealFor(tx, vault, personId, 'TOTP', secret);
      await tx.query(
        `INSERT INTO second_factor (person_id, pending_secret) VALUES ($1, $2)
         ON CONFLICT (person_id) DO UPDATE SET pending_secret = excluded.pending_secret`,
        [personId, sealed],
      );
    });
    return { secret: base32(secret), uri: otpauthUri(secret, displayName) };
  }

  /**
   * The offered secret counts from now on; earlier recovery codes end.
   * @returns recovery codes, told once, and the session under a new token
   * @throws DomainError SIGN_IN_REFUSED for another code, CONFLICT when nothing was offered, RATE_LIMITED
   */
  async confirm(
    principal: Principal,
    code: string,
  ): Promise<{ recoveryCodes: readonly string[]; session: NewSession }> {
    const { personId, credential } = principal;
    if (principal.secondFactor === 'TO_VERIFY')
      throw new DomainError('SECOND_FACTOR_REQUIRED', { secondFactor: 'TO_VERIFY' });
    return this.attempt(personId, async (tx, row) => {
      if (!row?.pending_secret)
        throw new DomainError('CONFLICT', { expected: 'a second factor that was offered before' });
      const step = this.stepOf(personId, row.wrapped, row.pending_secret, code);
      if (step === null) return null;
      await tx.query(
        `UPDATE second_factor SET secret = pending_secret, pending_secret = NULL, confirmed_at = now(), last_step = $2
         WHERE person_id = $1`,
        [personId, step],
      );
      const recoveryCodes = await this.drawRecoveryCodes(tx, personId);
      return { recoveryCodes, session: await raiseSession(tx, this.parts.vault, credential.id) };
    });
  }

  /**
   * Shows the second factor in a session.
   * @param code of the authenticator, or a recovery code; each is taken once
   * @throws DomainError SIGN_IN_REFUSED, RATE_LIMITED
   */
  async verify({ personId, credential }: Principal, code: string): Promise<NewSession> {
    return this.attempt(personId, async (tx, row) => {
      const isShown = (await this.takeTimed(tx, personId, row, code)) || (await this.takeRecovery(tx, personId, code));
      return isShown ? raiseSession(tx, this.parts.vault, credential.id) : null;
    });
  }

  /** @param work null: the code was wrong */
  private async attempt<T>(
    personId: string,
    work: (tx: Tx, row: FactorRow | undefined) => Promise<T | null>,
  ): Promise<T> {
    const { database, vault, identity } = this.parts;
    const subjects = [subjectOf(vault, 'PERSON', personId)];
    await database.write((tx) => reserveAttempt(tx, subjects));
    const done = await database.write(async (tx) => {
      const [row] = await tx.query<FactorRow>(FACTOR, [personId]);
      const result = await work(tx, row);
      if (result !== null) await forgive(tx, subjects);
      return result;
    });
    if (done === null) throw new DomainError('SIGN_IN_REFUSED', { field: 'code' });
    identity.forget({ personId });
    return done;
  }

  private async takeTimed(tx: Tx, personId: string, row: FactorRow | undefined, code: string): Promise<boolean> {
    const step = row === undefined ? null : this.stepOf(personId, row.wrapped, row.secret, code);
    if (step === null) return false;
    // RFC 6238, 5.2: a code is taken once; neither it nor one before it comes again.
    const taken = await tx.query(
      'UPDATE second_factor SET last_step = $2 WHERE person_id = $1 AND last_step < $2 RETURNING 1',
      [personId, step],
    );
    return taken.length === 1;
  }

  private async takeRecovery(tx: Tx, personId: string, code: string): Promise<boolean> {
    const taken = await tx.query(
      'UPDATE recovery_code SET used_at = now() WHERE person_id = $1 AND code_hash = $2 AND used_at IS NULL RETURNING 1',
      [personId, this.recoveryHash(personId, code)],
    );
    return taken.length === 1;
  }

  private async drawRecoveryCodes(tx: Tx, personId: string): Promise<readonly string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, () =>
      (base32(randomBytes(RECOVERY_CODE_BYTES)).match(/.{4}/g) ?? []).join('-'),
    );
    await tx.query('DELETE FROM recovery_code WHERE person_id = $1', [personId]);
    await tx.query('INSERT INTO recovery_code (person_id, code_hash) SELECT $1, unnest($2::bytea[])', [
      personId,
      codes.map((code) => this.recoveryHash(personId, code)),
    ]);
    return codes;
  }

  /** However it was typed. */
  private recoveryHash(personId: string, code: string): Buffer {
    const bare = code
      .slice(0, MOST_CODE)
      .toUpperCase()
      .replaceAll(/[^A-Z2-7]/g, '');
    return this.parts.vault.blindIndex(`RECOVERY ${personId}`, bare);
  }

  private stepOf(personId: string, wrapped: Buffer | null, sealed: Buffer | null, code: string): number | null {
    const secret = openFor(this.parts.vault, personId, 'TOTP', { wrapped, sealed });
    return secret === null ? null : matchingStep(secret, code.replaceAll(' ', ''), this.clock.now());
  }
}

const FACTOR = `
SELECT k.wrapped, f.secret, f.pending_secret FROM second_factor f JOIN person_key k USING (person_id)
WHERE f.person_id = $1 FOR UPDATE OF f`;
