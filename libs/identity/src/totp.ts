import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EpochMs } from '#libs/kernel';

/** RFC 6238, 4.1: the default step; SHA-1 and six digits are what every authenticator app reads from its link. */
const STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 6238, 5.2: one step of transmission delay backwards; one forwards for a phone whose clock is ahead. */
const DRIFT_STEPS = [0, -1, 1] as const;
/** RFC 4226, 4, R6: 160 bits recommended. */
export const TOTP_SECRET_BYTES = 20;

type HashName = 'sha1' | 'sha256' | 'sha512';

/** RFC 4226, 5.3: dynamic truncation of the counter's HMAC. */
export function hotp(
  secret: Uint8Array,
  counter: number,
  { hash = 'sha1', digits = DIGITS }: { readonly hash?: HashName; readonly digits?: number } = {},
): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(hash, secret).update(message).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits;
  return number.toString().padStart(digits, '0');
}

export function totpStep(at: EpochMs): number {
  return Math.floor(at / STEP_MS);
}

/** @returns the time step whose code this is, within one step of `at`; null for another code */
export function matchingStep(secret: Uint8Array, code: string, at: EpochMs): number | null {
  const given = Buffer.from(code.padEnd(DIGITS).slice(0, DIGITS));
  const now = totpStep(at);
  const step = DRIFT_STEPS.map((drift) => now + drift).find((candidate) =>
    timingSafeEqual(Buffer.from(hotp(secret, candidate)), given.length === DIGITS ? given : Buffer.alloc(DIGITS)),
  );
  return code.length === DIGITS ? (step ?? null) : null;
}

/** RFC 4648, 6, without padding. */
export function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five.padEnd(5, '0'), 2))).join('');
}

/** What an authenticator app reads from a picture (Key URI format). */
export function otpauthUri(secret: Uint8Array, account: string): string {
  return `otpauth://totp/Boxtrail:${encodeURIComponent(account)}?secret=${base32(secret)}&issuer=Boxtrail`;
}
