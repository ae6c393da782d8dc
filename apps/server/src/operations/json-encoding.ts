import { isUtf8 } from 'node:buffer';
import { DomainError } from '#libs/kernel';

/** US-ASCII is a part of it. */
const UTF_8 = /^(?:utf-?8|us-ascii)$/i;

/** JSON is UTF-8 (RFC 8259, 8.1): in another encoding a plate would be kept as signs that nobody wrote. */
export function encodingFault(contentType: string | undefined, body: Buffer): DomainError | null {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType ?? '')?.[1];
  if (charset !== undefined && !UTF_8.test(charset)) {
    return new DomainError('INVALID_INPUT', { field: 'content-type', value: charset.slice(0, 40), expected: 'UTF-8' });
  }
  return isUtf8(body) ? null : new DomainError('INVALID_INPUT', { field: 'body', expected: 'UTF-8' });
}
