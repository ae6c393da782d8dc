import { randomBytes } from 'node:crypto';
import { v5, v7 } from 'uuid';

/** Namespace of every derived id of Boxtrail; drawn once, never to be changed. */
const BOXTRAIL_NAMESPACE = '6f1c3f0e-5a0e-4c55-9d0b-5d2c2b7a9e41';

/**
 * UUIDv5 (RFC 9562, 5.5) of the parts, joined so that no two lists of parts give the same name.
 * The same causes always give the same id.
 */
export function derivedId(...parts: readonly (string | number)[]): string {
  return v5(JSON.stringify(parts), BOXTRAIL_NAMESPACE);
}

/** A time-ordered UUIDv7 for what has no natural causes, such as a hand-made record. */
export function newId(): string {
  return v7();
}

/** The random id that a gateway draws for a device at each start: 64 bits, hex. */
export function newBootId(): string {
  return randomBytes(8).toString('hex');
}
