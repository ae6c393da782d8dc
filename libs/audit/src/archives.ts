import { DomainError, newId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';

/** Of one archive, so that its file can be hashed at once: some 40 MB. */
export const MOST_IN_ARCHIVE = 50_000;

/** What the schema's functions answer when they do nothing. */
const REFUSALS: Readonly<Record<string, (detail: string | undefined) => DomainError>> = {
  NONE: () => new DomainError('NOT_FOUND', { expected: 'an archive whose records are the oldest that are still here' }),
  WRONG_FILE: () =>
    new DomainError('CONFLICT', { field: 'sha256', expected: 'the SHA-256 of the archive’s file, as it was fetched' }),
  BROKEN: (brokenAt) => new DomainError('CONFLICT', { brokenAt, expected: 'a chain that holds' }),
};

/**
 * Offers the oldest records before an instant as an archive, at most `MOST_IN_ARCHIVE` of them.
 * @returns its id
 * @throws DomainError NOT_FOUND when there are none, CONFLICT when the chain is broken
 */
export async function offerArchive(
  tx: Tx,
  { until, by }: { readonly until: Date; readonly by: string },
): Promise<string> {
  const id = newId();
  refuse(await tx.query('SELECT audit_archive_offer($1, $2, $3, $4) AS refusal', [id, until, MOST_IN_ARCHIVE, by]));
  return id;
}

/**
 * Removes the records of an archive for somebody who shows the hash of its file.
 * @throws DomainError NOT_FOUND, CONFLICT for another file's hash or a broken chain
 */
export async function removeArchived(
  tx: Tx,
  { id, sha256, by }: { readonly id: string; readonly sha256: Buffer; readonly by: string },
): Promise<void> {
  refuse(await tx.query('SELECT audit_archive_remove($1, $2, $3) AS refusal', [id, sha256, by]));
}

function refuse(answer: readonly { readonly refusal: string | null }[]): void {
  const [word, detail] = answer[0]?.refusal?.split(' ') ?? [];
  const refusal = REFUSALS[word ?? ''];
  if (refusal !== undefined) throw refusal(detail);
}
