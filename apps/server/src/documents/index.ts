import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `sha256:` and the hex digest of the text, as the persisted documents of GraphQL over HTTP name them. */
export function documentId(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The documents of a folder by their ids; its `.graphql` files, in the order of their names. */
export function readDocuments(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort();
  return new Map(
    files.map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return [documentId(text), text] as const;
    }),
  );
}

/** Those that lie beside this file: what our own pages ask, and examples for each who signs in. */
export const OWN_DOCUMENTS = readDocuments(import.meta.dirname);

/** One of ours by the name of its file. */
export function ownDocument(name: string): string {
  return readFileSync(join(import.meta.dirname, `${name}.graphql`), 'utf8');
}
