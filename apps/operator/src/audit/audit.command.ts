import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { readArchive } from '#libs/audit';
import { UsageError } from '../usage-error.js';

/** `audit check <file>`: what an archive's file holds, as one JSON object; exit code 1 when it is no unbroken chain. */
export async function audit([word, path, ...more]: readonly string[]): Promise<number> {
  if (word !== 'check' || path === undefined || more.length > 0) throw new UsageError('name the file of an archive');
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  const reading = await readArchive(lines);
  process.stdout.write(`${JSON.stringify(reading)}\n`);
  return reading.brokenLine === null && reading.records > 0 ? 0 : 1;
}
