import { randomInt, timingSafeEqual } from 'node:crypto';
import { DomainError, newId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { normalisedDatum } from '../personal-data.js';
import { addressSubjects, forgive, reserveAttempt } from './attempts.js';
import { beginSession, type NewSession } from './sessions.js';
import type { SignInParts } from './sign-in.js';
import type { SmsSender } from './sms-sender.js';

const DIGITS = 6;
const LASTS_S = 5 * 60;
const HOUR_S = 3_600;
/** Of one number: a person who waits for a message asks again once or twice. */
const MOST_CODES = 5;
/**
 * Wrong guesses at all codes of one number that were drawn within an hour, from whatever addresses: so a code dies of four, and the
 * codes of a day bear 24 × 4 = 96 guesses. Each is right in one of 10⁶ cases: 96 in 10⁶, less than 1 : 10,000 a day. With a fifth it
 * would be 120. A stranger who spends them shuts a driver out until an hour after the code that they were spent on was drawn.
 */
const MOST_GUESSES = 4;

/** Sign-in of drivers by a code that is sent to their telephone. */
export class PhoneCodes {
  /**
   * @param sender null: none is configured
   * @param onUnsent told why a code could not be sent, without it
   */
  constructor(
    private readonly parts: SignInParts,
    private readonly sender: SmsSender | null,
    private readonly onUnsent: (error: unknown) => void,
  ) {}

  /**
   * Sends a code when a driver has this number. Whether one has is not told: the answer is the same, and does not wait for the sending.
   * @returns when the code ends
   * @throws DomainError UNAVAILABLE without a sender, INVALID_INPUT, RATE_LIMITED with `details.retryAfterSeconds`: an hour at most
   */
  async request(phone: string, address: string | null): Promise<Date> {
    const { sender } = this;
    if (sender === null) throw new DomainError('UNAVAILABLE', { part: 'a sender of text messages' });
    const number = normalisedDatum('PHONE', phone, 'phone');
    const { database, vault } = this.parts;
    const code = randomInt(10 ** DIGITS)
      .toString()
      .padStart(DIGITS, '0');
    const { expiresAt, isKnown } = await database.write(async (tx) => {
      await reserveAttempt(tx, addressSubjects(vault, address));
      const index = vault.blindIndex('PHONE', number);
      await hold(tx, index);
      await refuseTooMany(tx, index);
      const drivers = await tx.query(DRIVER, [index]);
      return { expiresAt: await this.keep(tx, index, code), isKnown: drivers.length > 0 };
    });
    if (isKnown) void sender.send(number, code).catch(this.onUnsent);
    return expiresAt;
  }

  /**
   * @throws DomainError SIGN_IN_REFUSED for a wrong, used or late code, for the right one once too many were wrong, and for a number
   *   that no driver has; RATE_LIMITED
   */
  async signIn(phone: string, code: string, address: string | null): Promise<NewSession> {
    const { database, vault } = this.parts;
    const subjects = addressSubjects(vault, address);
    const index = vault.blindIndex('PHONE', normalisedDatum('PHONE', phone, 'phone'));
    const drawn = await database.write(async (tx) => {
      await reserveAttempt(tx, subjects);
      await hold(tx, index);
      const [row] = await tx.query<{ id: string; code_hash: Buffer }>(ATTEMPT, [index]);
      return row;
    });
    if (drawn === undefined || !timingSafeEqual(this.hashOf(drawn.id, code), drawn.code_hash)) {
      throw new DomainError('SIGN_IN_REFUSED');
    }
    return database.write(async (tx) => {
      const taken = await tx.query(
        'UPDATE phone_code SET used_at = now(), attempts = attempts - 1 WHERE id = $1 AND used_at IS NULL RETURNING 1',
        [drawn.id],
      );
      const [driver] = await tx.query<{ person_id: string }>(DRIVER, [index]);
      if (taken.length === 0 || driver === undefined) throw new DomainError('SIGN_IN_REFUSED');
      await forgive(tx, subjects);
      return beginSession(tx, vault, { personId: driver.person_id, method: 'PHONE', address });
    });
  }

  /** Whoever asks again has the newest code alone. */
  private async keep(tx: Tx, index: Buffer, code: string): Promise<Date> {
    await tx.query('UPDATE phone_code SET used_at = now() WHERE phone_index = $1 AND used_at IS NULL', [index]);
    const id = newId();
    const [row] = await tx.query<{ expires_at: Date }>(
      `INSERT INTO phone_code (id, phone_index, code_hash, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(secs => ${LASTS_S})) RETURNING expires_at`,
      [id, index, this.hashOf(id, code)],
    );
    if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
    return row.expires_at;
  }

  private hashOf(id: string, code: string): Buffer {
    return this.parts.vault.blindIndex(`PHONE CODE ${id}`, code);
  }
}

const DRIVER = `
SELECT d.person_id FROM personal_datum d
WHERE d.kind = 'PHONE' AND d.blind_index = $1
  AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = d.person_id AND m.role = 'DRIVER')`;

/** Counted before it is compared, so that guesses at once count too; taken back when it was right. */
const ATTEMPT = `
UPDATE phone_code SET attempts = attempts + 1 WHERE id = (
  SELECT c.id FROM phone_code c
  WHERE c.phone_index = $1 AND c.used_at IS NULL AND c.expires_at > now()
    AND ${MOST_GUESSES} > (SELECT sum(b.attempts) FROM phone_code b
      WHERE b.phone_index = c.phone_index AND b.created_at > c.created_at - interval '${HOUR_S} seconds')
  ORDER BY c.created_at DESC LIMIT 1)
RETURNING id, code_hash`;

/** A number's codes of the last hour, newest first, what they have borne, and for how long each still counts. */
const LATELY = `
SELECT attempts, ceil(extract(epoch FROM created_at + interval '${HOUR_S} seconds' - now()))::integer AS wait_s
FROM phone_code WHERE phone_index = $1 AND created_at > now() - interval '${HOUR_S} seconds' ORDER BY created_at DESC`;

/** What is asked for one number comes one after the other until the transaction's end: each counts those before it. */
async function hold(tx: Tx, index: Buffer): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [index.readBigInt64BE()]);
}

/** @throws DomainError RATE_LIMITED with `details.retryAfterSeconds`: until the youngest that must have gone is an hour old */
async function refuseTooMany(tx: Tx, index: Buffer): Promise<void> {
  const rows = await tx.query<{ attempts: number; wait_s: number }>(LATELY, [index]);
  let guesses = 0;
  for (const [at, { attempts, wait_s: retryAfterSeconds }] of rows.entries()) {
    guesses += attempts;
    if (at + 1 >= MOST_CODES)
      throw new DomainError('RATE_LIMITED', { limit: 'codes for one number', retryAfterSeconds });
    if (guesses >= MOST_GUESSES)
      throw new DomainError('RATE_LIMITED', { limit: 'wrong codes for one number', retryAfterSeconds });
  }
}
