import { hash, verify } from '@node-rs/argon2';
import { DomainError } from '#libs/kernel';

/** Argon2id (RFC 9106) with the parameters that OWASP's Password Storage Cheat Sheet names first: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
/** `Algorithm.Argon2id`, an enum that exists for the compiler alone. */
const ARGON2ID = 2;
const AS_HASHED_NOW = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$`;

/** NIST SP 800-63B-4, 3.1.1.2: a password that may be the only factor has 15 characters; at least 64 must be taken. */
export const PASSWORD_LENGTH = { least: 15, most: 128 } as const;
/** Fewer different characters are a pattern, however long. */
const LEAST_DIFFERENT = 6;
/** Rows of keys and of the alphabet that people walk along. */
const WALKS = ['01234567890123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm'];

/** Most hashes computed or waited for at once, 19 MiB each: beyond, a caller is asked to come again. */
const MOST_AT_ONCE = 32;
const COME_AGAIN_S = 1;

/** Of no password: drawn once by `hash(randomBytes(32))` with the parameters above. */
const HASH_OF_NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$GIYf4gSCVSRXYIttFdt66w$XKPgzWSw37vm9yTPwe/B4FodpyEq7Uk/zEasUI/DtiM';

/** Hashes and verifies; the same work for somebody with a password and for nobody. */
export class Passwords {
  private underWay = 0;

  /** @param onVerified told of each verification, to be counted */
  constructor(private readonly onVerified: () => void = () => undefined) {}

  /** @throws DomainError RATE_LIMITED when too many are under way */
  hash(password: string): Promise<string> {
    return this.bounded(() =>
      hash(normalised(password), {
        algorithm: ARGON2ID,
        memoryCost: MEMORY_KIB,
        timeCost: PASSES,
        parallelism: LANES,
      }),
    );
  }

  /**
   * @param kept null: there is no such person, or one without a password; verified against a hash that no password has
   * @throws DomainError RATE_LIMITED when too many are under way
   */
  async verify(kept: string | null, password: string): Promise<boolean> {
    const isRight = await this.bounded(() => {
      this.onVerified();
      return verify(kept ?? HASH_OF_NOBODY, normalised(password));
    });
    return kept !== null && isRight;
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay >= MOST_AT_ONCE) {
      throw new DomainError('RATE_LIMITED', { limit: 'passwords verified at once', retryAfterSeconds: COME_AGAIN_S });
    }
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
    }
  }
}

/** Hashed with parameters that are no longer those of today. */
export function isOutdated(kept: string): boolean {
  return !kept.startsWith(AS_HASHED_NOW);
}

/**
 * NIST SP 800-63B-4, 3.1.1.2: length, and no password that others would try first; no rules of composition.
 * @param names what it may not hold: the login name
 * @throws DomainError INVALID_INPUT without the password
 */
export function refuseWeakPassword(field: string, password: string, names: readonly string[]): void {
  const text = normalised(password);
  const length = [...text].length;
  const refuse = (expected: string): never => {
    throw new DomainError('INVALID_INPUT', { field, expected });
  };
  const { least, most } = PASSWORD_LENGTH;
  if (length < least || length > most) refuse(`${least} to ${most} characters`);
  const small = text.toLowerCase();
  if (new Set(small).size < LEAST_DIFFERENT) refuse(`at least ${LEAST_DIFFERENT} different characters`);
  if (isRepeated(small)) refuse('no word said again and again');
  if (WALKS.some((walk) => `${walk}${walk}`.includes(small) || reversed(`${walk}${walk}`).includes(small))) {
    refuse('no row of keys');
  }
  if (names.some((name) => name.length > 3 && small.includes(normalised(name).toLowerCase()))) {
    refuse('a password without the login name');
  }
}

const reversed = (text: string): string => [...text].reverse().join('');

/** `abcabc`: found again in its own double before its end. */
const isRepeated = (text: string): boolean => `${text}${text}`.indexOf(text, 1) < text.length;

/** The same characters, however a keyboard composed them. */
const normalised = (password: string): string => password.normalize('NFKC');
