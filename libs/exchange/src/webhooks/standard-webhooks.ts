import { createHmac, randomBytes } from 'node:crypto';

/** Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 random bytes, told as `whsec_` and their base64. */
const SECRET_BYTES = 32;
const SECRET_PREFIX = 'whsec_';

export function drawSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

export function secretText(secret: Buffer): string {
  return `${SECRET_PREFIX}${secret.toString('base64')}`;
}

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * The three headers of a message: HMAC-SHA-256 over `id.timestamp.body`, one signature for each secret that is valid, so that a
 * receiver can change its own over while two are.
 * @param id the same at each attempt
 * @param at of this attempt, ms
 */
export function signedHeaders(id: string, at: number, body: string, secrets: readonly Buffer[]): SignedHeaders {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
