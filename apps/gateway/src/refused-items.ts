import { open, stat } from 'node:fs/promises';
import { DomainError } from '#libs/kernel';
import type { UplinkItem } from '#libs/lane';
import { ignoreMissing } from './spool/index.js';

/** More than this is a fault of a whole version, not of single items, and is no longer copied. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Appends an item that the service refused to `refused-items.jsonl` beside the spool, one JSON object a line, and syncs.
 * @throws DomainError STORAGE_FULL behind 16 MiB: the item then stays unsent, and the uplink says so
 */
export async function keepRefusedItem(directory: string, item: UplinkItem, why: string): Promise<void> {
  const path = `${directory}/refused-items.jsonl`;
  const size = await stat(path).then(
    (found) => found.size,
    (error: unknown) => {
      ignoreMissing(error);
      return 0;
    },
  );
  if (size > MAX_BYTES)
    throw new DomainError('STORAGE_FULL', { field: path, value: size, expected: `≤ ${MAX_BYTES} bytes` });
  const file = await open(path, 'a');
  try {
    await file.appendFile(`${JSON.stringify({ why, item })}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}
