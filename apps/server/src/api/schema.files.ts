import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The contract as it lies beside this file, in source and in the built tree alike; sorted, so that every reader gets the same text. */
export function readSchema(): string {
  return readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    .join('\n');
}
