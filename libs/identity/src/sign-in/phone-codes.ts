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
const MOST_ATTEMPTS = 5;
/** Of one number: a person who waits for a message asks again once or twice. */
const MOST_PER_HOUR = 5;
const HOUR_S = 3_600;

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
   * @throws DomainError UNAVAILABLE without a sender, INVALID_INPUT, RATE_LIMITED with `details.retryAfterSeconds`
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
      await refuseTooMany(tx, index);
      const drivers = await tx.query(DRIVER, [index]);
      return { expiresAt: await this.keep(tx, index, code), isKnown: drivers.length > 0 };
    });
    if (isKnown) void sender.send(number, code).catch(this.onUnsent);
    return expiresAt;
  }

  /** @throws DomainError SIGN_IN_REFUSED for a wrong, used or late code and for a number that no driver has; RATE_LIMITED */
  async signIn(phone: string, code: string, address: string | null): Promise<NewSession> {
    const { database, vault } = this.parts;
    const subjects = addressSubjects(vault, address);
    const index = vault.blindIndex('PHONE', normalisedDatum('PHONE', phone, 'phone'));
    const drawn = await database.write(async (tx) => {
      await reserveAttempt(tx, subjects);
      const [row] = await tx.query<{ id: string; code_hash: Buffer }>(ATTEMPT, [index]);
      return row;
    });
    if (drawn === undefined || !timingSafeEqual(this.hashOf(drawn.id, code), drawn.code_hash)) {
      throw new DomainError('SIGN_IN_REFUSED');
    }
    return database.write(async (tx) => {
      const taken = await tx.query(
        'UPDATE phone_code SET used_at = now() WHERE id = $1 AND used_at IS NULL RETURNING 1',
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

/** Counted before it is compared, so that guesses at once count too. */
const ATTEMPT = `
UPDATE phone_code SET attempts = attempts + 1 WHERE id = (
  SELECT id FROM phone_code
  WHERE phone_index = $1 AND used_at IS NULL AND expires_at > now() AND attempts < ${MOST_ATTEMPTS}
  ORDER BY created_at DESC LIMIT 1 FOR UPDATE)
RETURNING id, code_hash`;

async function refuseTooMany(tx: Tx, index: Buffer): Promise<void> {
  // Requests for one number come one after the other: each counts those before it.
  await tx.query('SELECT pg_advisory_xact_lock($1)', [index.readBigInt64BE()]);
  const rows = await tx.query<{ wait_s: number }>(
    `SELECT ceil(extract(epoch FROM created_at + interval '${HOUR_S} seconds' - now()))::integer AS wait_s FROM phone_code
     WHERE phone_index = $1 AND created_at > now() - interval '${HOUR_S} seconds' ORDER BY created_at DESC LIMIT ${MOST_PER_HOUR}`,
    [index],
  );
  const oldest = rows.at(MOST_PER_HOUR - 1);
  if (oldest !== undefined)
    throw new DomainError('RATE_LIMITED', { limit: 'codes for one number', retryAfterSeconds: oldest.wait_s });
}
