import { randomBytes } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { SUITES, type Cryptography, type SuiteName } from './suites.js';

export const KEY_BYTES = 32;

/** What one key of the installation gives: each use has a key of its own, so that no use tells anything of another. */
export class Vault {
  readonly suite: Cryptography;
  private readonly wrappingKey: Buffer;
  private readonly indexKey: Buffer;
  private readonly checkKey: Buffer;

  /** @param secretKey 32 bytes that stand outside the database */
  constructor(secretKey: Uint8Array, suite: SuiteName = 'INTERNATIONAL') {
    if (secretKey.length !== KEY_BYTES) throw new RangeError(`a secret key has ${KEY_BYTES} bytes`);
    this.suite = SUITES[suite];
    this.wrappingKey = this.suite.mac(secretKey, 'wrap data keys');
    this.indexKey = this.suite.mac(secretKey, 'blind index');
    this.checkKey = this.suite.mac(secretKey, 'check');
  }

  /** For specs, and whoever keeps nothing: what it seals is lost with the process. */
  static unkept(): Vault {
    return new Vault(randomBytes(KEY_BYTES));
  }

  /**
   * A data key of one owner, in clear and wrapped.
   * @param owner whom it is for; no other opens it
   */
  drawKey(owner: string): { readonly key: Buffer; readonly wrapped: Buffer } {
    const key = randomBytes(KEY_BYTES);
    return { key, wrapped: this.suite.seal(this.wrappingKey, key, owner) };
  }

  /** null for a key that another installation wrapped */
  unwrap(wrapped: Uint8Array, owner: string): Buffer | null {
    return this.suite.open(this.wrappingKey, wrapped, owner);
  }

  /** Equal texts of one kind have equal indexes, and without the key nobody tells which text an index is of. */
  blindIndex(kind: string, text: string): Buffer {
    return this.suite.mac(this.indexKey, `${kind}\0${text}`);
  }

  /** Tells keys apart without telling them. */
  get keyCheck(): Buffer {
    return this.suite.mac(this.checkKey, 'key check');
  }
}

/**
 * Holds the database to the one key and suite that it was begun with: what two keys had sealed, neither could read.
 * @throws DomainError INVALID_CONFIG
 */
export async function bindVault(tx: Tx, vault: Vault): Promise<void> {
  await tx.query('INSERT INTO vault (id, suite, key_check) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING', [
    vault.suite.name,
    vault.keyCheck,
  ]);
  const [kept] = await tx.query<{ suite: SuiteName; key_check: Buffer }>('SELECT suite, key_check FROM vault');
  if (kept?.suite !== vault.suite.name) {
    throw new DomainError(
      'INVALID_CONFIG',
      { field: 'BOXTRAIL_CRYPTOGRAPHY', value: vault.suite.name, expected: kept?.suite ?? 'a suite' },
      { message: `This database was begun with BOXTRAIL_CRYPTOGRAPHY=${kept?.suite ?? ''}, and keeps to it.` },
    );
  }
  if (!kept.key_check.equals(vault.keyCheck)) {
    throw new DomainError(
      'INVALID_CONFIG',
      { field: 'BOXTRAIL_SECRET_KEY', expected: 'the secret key that this database was begun with' },
      {
        message:
          'The secret key is not the one that this database was begun with: set BOXTRAIL_SECRET_KEY, or put the former secret.key back into the state folder.',
      },
    );
  }
}
