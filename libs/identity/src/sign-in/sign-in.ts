import { DomainError } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import type { Vault } from '../cryptography/vault.js';
import type { Identity } from '../identity.js';
import { isOutdated, refuseWeakPassword, type Passwords } from '../passwords.js';
import { indexOf, keepPersonalData, openFor } from '../personal-data.js';
import type { Principal } from '../principal.js';
import { endTokens } from '../tokens.js';
import { addressSubjects, forgive, reserveAttempt, subjectOf } from './attempts.js';
import { endCodes, takeCode } from './one-time-codes.js';
import { beginSession, endSessions, type NewSession } from './sessions.js';

/** Longer ones are nobody's; they are not even hashed. */
const MOST_NAME = 100;
const MOST_PASSWORD = 512;

export interface SignInParts {
  readonly database: Database;
  readonly vault: Vault;
  readonly identity: Identity;
  readonly passwords: Passwords;
}

interface Candidate {
  readonly person_id: string;
  readonly hash: string | null;
}

/** Who somebody is, from what they know. Every refusal is SIGN_IN_REFUSED, alike for whatever reason. */
export class SignIn {
  constructor(private readonly parts: SignInParts) {}

  /**
   * @param address remote address; null when it is not known
   * @throws DomainError SIGN_IN_REFUSED: no such name and a wrong password alike, by the same work; RATE_LIMITED with
   *   `details.retryAfterSeconds`
   */
  async withPassword(loginName: string, password: string, address: string | null): Promise<NewSession> {
    const { database, vault, passwords } = this.parts;
    if (loginName.length > MOST_NAME || password.length > MOST_PASSWORD) throw new DomainError('SIGN_IN_REFUSED');
    // A name that nobody can have is counted like any other.
    const index = indexOf(vault, 'LOGIN_NAME', loginName) ?? Buffer.alloc(0);
    const subjects = [
      subjectOf(vault, 'LOGIN_NAME', loginName.normalize('NFKC').toLowerCase().trim()),
      ...addressSubjects(vault, address),
    ];
    await database.write((tx) => reserveAttempt(tx, subjects));
    const [candidate] = await database.readRecorded<Candidate>(CANDIDATE, [index]);
    const isRight = await passwords.verify(candidate?.hash ?? null, password);
    if (candidate === undefined || !isRight) throw new DomainError('SIGN_IN_REFUSED');
    const { person_id: personId, hash } = candidate;
    const renewed = hash !== null && isOutdated(hash) ? await passwords.hash(password) : null;
    return database.write(async (tx) => {
      // A change or reset ends the sessions that there are: one that waits for it does not begin by the password from before.
      const still = await tx.query('SELECT 1 FROM password WHERE person_id = $1 AND hash = $2 FOR UPDATE', [
        personId,
        hash,
      ]);
      if (still.length === 0) throw new DomainError('SIGN_IN_REFUSED');
      await forgive(tx, subjects);
      if (renewed !== null) await keepHash(tx, personId, renewed);
      return beginSession(tx, vault, { personId, method: 'PASSWORD', address });
    });
  }

  /**
   * Sets the first password, or the one after a reset, by an enrolment code.
   * @param loginName kept when the person has none, or wants another
   * @throws DomainError SIGN_IN_REFUSED for a code that is not taken; INVALID_INPUT for a weak password and CONFLICT for a login
   *   name that is taken, both of which leave the code as it was
   */
  enrol(
    {
      code,
      password,
      loginName,
    }: { readonly code: string; readonly password: string; readonly loginName: string | null },
    address: string | null,
  ): Promise<NewSession> {
    const { database, vault, passwords } = this.parts;
    return database.write(async (tx) => {
      const { personId } = await takeCode(tx, 'ENROLMENT', code);
      if (personId === null) throw new DomainError('SIGN_IN_REFUSED');
      const name = loginName ?? (await loginNameOf(tx, vault, personId));
      if (name === null)
        throw new DomainError('INVALID_INPUT', {
          field: 'input.loginName',
          expected: 'a login name: you have none yet',
        });
      refuseWeakPassword('input.password', password, [name]);
      if (loginName !== null) await keepPersonalData(tx, vault, personId, { LOGIN_NAME: loginName });
      await keepHash(tx, personId, await passwords.hash(password));
      return beginSession(tx, vault, { personId, method: 'ENROLMENT', address });
    });
  }

  /**
   * Another password; the person's other sessions end, and codes that were drawn for them. API tokens are credentials of their own:
   * programs hold them, and whoever learnt the password has none by that. They stay unless asked otherwise.
   * @throws DomainError SIGN_IN_REFUSED for a wrong present one, RATE_LIMITED, INVALID_INPUT
   */
  async changePassword(
    { personId, credential }: Principal,
    { present, next, endsTokens }: { readonly present: string; readonly next: string; readonly endsTokens: boolean },
  ): Promise<void> {
    const { database, vault, passwords, identity } = this.parts;
    const [kept] = await database.readRecorded<{ hash: string }>('SELECT hash FROM password WHERE person_id = $1', [
      personId,
    ]);
    const name = await database.write((tx) => loginNameOf(tx, vault, personId));
    refuseWeakPassword('next', next, name === null ? [] : [name]);
    const subjects = [subjectOf(vault, 'PERSON', personId)];
    await database.write((tx) => reserveAttempt(tx, subjects));
    if (!(await passwords.verify(kept?.hash ?? null, present)))
      throw new DomainError('SIGN_IN_REFUSED', { field: 'present' });
    const hash = await passwords.hash(next);
    await database.write(async (tx) => {
      await forgive(tx, subjects);
      await keepHash(tx, personId, hash);
      await endCodes(tx, personId);
      await endSessions(tx, { personId, except: credential.id });
      if (endsTokens) await endTokens(tx, personId);
    });
    // Tokens of others may have been drawn with those that ended.
    identity.forget(endsTokens ? {} : { personId });
  }
}

const CANDIDATE = `
SELECT d.person_id, w.hash FROM personal_datum d LEFT JOIN password w ON w.person_id = d.person_id
WHERE d.kind = 'LOGIN_NAME' AND d.blind_index = $1`;

async function keepHash(tx: Tx, personId: string, hash: string): Promise<void> {
  await tx.query(
    `INSERT INTO password (person_id, hash) VALUES ($1, $2)
     ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, changed_at = now()`,
    [personId, hash],
  );
}

async function loginNameOf(tx: Tx, vault: Vault, personId: string): Promise<string | null> {
  const [row] = await tx.query<{ wrapped: Buffer | null; sealed: Buffer | null }>(
    `SELECT k.wrapped, d.sealed FROM personal_datum d JOIN person_key k USING (person_id)
     WHERE d.person_id = $1 AND d.kind = 'LOGIN_NAME'`,
    [personId],
  );
  return row === undefined ? null : (openFor(vault, personId, 'LOGIN_NAME', row)?.toString() ?? null);
}
