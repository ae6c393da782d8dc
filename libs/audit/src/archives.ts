import { DomainError, newId } from '#libs/kernel';
import { sqlState, type Tx } from '#libs/persistence';

/** Of one archive, so that its file can be hashed at once: some 40 MB. */
export const MOST_IN_ARCHIVE = 50_000;

/** The schema's own SQLSTATEs. */
const REFUSALS: Readonly<Record<string, (detail: string | undefined) => DomainError>> = {
  BX002: () => new DomainError('FORBIDDEN', { expected: 'AUDIT_ADMINISTRATOR' }),
  BX003: () =>
    new DomainError('NOT_FOUND', { expected: 'an archive whose records are the oldest that are still here' }),
  BX004: () =>
    new DomainError('CONFLICT', { field: 'sha256', expected: 'the SHA-256 of the archive’s file, as it was fetched' }),
  BX005: (brokenAt) => new DomainError('CONFLICT', { brokenAt, expected: 'a chain that holds' }),
};

/**
 * Offers the oldest records before an instant as an archive, at most `MOST_IN_ARCHIVE` of them.
 * @returns its id
 * @throws DomainError FORBIDDEN, NOT_FOUND when there are none, CONFLICT when the chain is broken
 */
export async function offerArchive(
  tx: Tx,
  { until, by }: { readonly until: Date; readonly by: string },
): Promise<string> {
  const id = newId();
  await told(tx.query('SELECT audit_archive_offer($1, $2, $3, $4)', [id, until, MOST_IN_ARCHIVE, by]));
  return id;
}

/**
 * Removes the records of an archive for somebody who shows the hash of its file.
 * @throws DomainError FORBIDDEN, NOT_FOUND, CONFLICT for another file's hash or a broken chain
 */
export async function removeArchived(
  tx: Tx,
  { id, sha256, by }: { readonly id: string; readonly sha256: Buffer; readonly by: string },
): Promise<void> {
  await told(tx.query('SELECT audit_archive_remove($1, $2, $3)', [id, sha256, by]));
}

async function told(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    const refusal = REFUSALS[sqlState(error) ?? ''];
    throw refusal === undefined ? error : refusal((error as { readonly detail?: string }).detail);
  }
}
