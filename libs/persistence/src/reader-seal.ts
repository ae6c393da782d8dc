import { createHash } from 'node:crypto';

/** What a reader may see, told to PostgreSQL at the head of each transaction. */
export type Visibility =
  | { readonly scope: 'COMPANY' | 'DIRECTORY' | 'PLATFORM' | 'SYSTEM' | 'AUDIT'; readonly organisationId: string }
  | { readonly scope: 'TERMINAL' | 'CUSTOMS'; readonly organisationId: string; readonly siteIds: readonly string[] };

/**
 * The relation in which a reader's windows stand. A company's own have a view, so that each place of a statement that looks at them has
 * one policy less; what it shows is the same.
 */
export const windowRelation = ({ scope }: Visibility): 'own_window' | 'company_window' =>
  scope === 'COMPANY' ? 'own_window' : 'company_window';

/** The settings of a transaction by which PostgreSQL's policies know its reader. */
export interface ReaderSettings {
  readonly 'boxtrail.scope': string;
  readonly 'boxtrail.organisation': string;
  readonly 'boxtrail.sites': string;
  readonly 'boxtrail.seal': string;
}

/**
 * What a reader's transaction must say to be believed: SHA-256 with the key inside and out over scope, organisation and sites, as
 * the functions `reader_…()` of the schema compute it.
 * @param key of the table `reader_key`, which the reading role cannot read
 */
export function readerSettings(key: Buffer, reader: Visibility): ReaderSettings {
  const { scope, organisationId } = reader;
  const sites = 'siteIds' in reader ? reader.siteIds.join(',') : '';
  const inner = createHash('sha256').update(key).update(`${scope}|${organisationId}|${sites}`).digest();
  return {
    'boxtrail.scope': scope,
    'boxtrail.organisation': organisationId,
    'boxtrail.sites': sites,
    'boxtrail.seal': createHash('sha256').update(key).update(inner).digest('hex'),
  };
}
