import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';

// The package's types describe a CommonJS default; its ESM build exports the function itself.
const canonicalize = canonicalizeModule;

/** SHA-256 of the canonical JSON (RFC 8785) of a value: the order of an object's fields does not matter. */
export function canonicalHash(value: unknown): Buffer {
  return createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest();
}
