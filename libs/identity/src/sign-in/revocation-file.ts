import { readFileSync, statSync } from 'node:fs';
import type { X509Certificate } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import { MOST_LIST_BYTES, parseRevocationLists, type RevocationList } from '../cryptography/revocation-lists.js';

/** The operator's file of revocation lists, read again when it has changed. */
export class RevocationFile {
  private lists: readonly RevocationList[];
  private stamp: string;

  /**
   * @param authorities whose lists count
   * @param onFault told why a file that has changed is not read; the lists from before count on until they are too old
   * @throws DomainError INVALID_CONFIG
   */
  constructor(
    private readonly path: string,
    private readonly authorities: readonly X509Certificate[],
    private readonly onFault: (error: unknown) => void,
  ) {
    try {
      this.stamp = this.stampNow();
      this.lists = this.read();
    } catch (cause) {
      const expected = `revocation lists in PEM, or one in DER, of at most ${MOST_LIST_BYTES} bytes`;
      throw new DomainError('INVALID_CONFIG', { field: 'BOXTRAIL_CA_CRLS', value: path, expected }, { cause });
    }
  }

  current(): readonly RevocationList[] {
    try {
      const stamp = this.stampNow();
      if (stamp === this.stamp) return this.lists;
      // Before it is read: what is written meanwhile gives another one.
      this.stamp = stamp;
      this.lists = this.read();
    } catch (error) {
      this.onFault(error);
    }
    return this.lists;
  }

  private stampNow(): string {
    const { ino, size, mtimeNs } = statSync(this.path, { bigint: true });
    if (size > MOST_LIST_BYTES) throw new Error(`${this.path} has more than ${MOST_LIST_BYTES} bytes`);
    return [ino, size, mtimeNs].join('/');
  }

  private read(): readonly RevocationList[] {
    return parseRevocationLists(readFileSync(this.path), this.authorities);
  }
}
