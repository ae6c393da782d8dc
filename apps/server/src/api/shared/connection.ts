import { DomainError } from '#libs/kernel';
import { canonicalHash } from './canonical.js';

/** Most rows of one page. */
export const MAX_PAGE = 200;

export interface PageArgs {
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** Where a page begins: behind this row of the list's order. */
export interface Keyset {
  readonly at: Date;
  readonly id: string;
}

type IdType = 'uuid' | 'text';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

export interface Connection<Row> {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly nodes: readonly Row[];
  readonly pageInfo: PageInfo;
}

/**
 * One list: its name, whose list it is and what it was filtered by. A cursor holds its fingerprint, so that one of another list is refused.
 */
export class KeysetList {
  private known: string | undefined;

  constructor(
    private readonly name: string,
    private readonly parent: string | null,
    private readonly filter: unknown,
  ) {}

  private get fingerprint(): string {
    this.known ??= canonicalHash([this.name, this.parent, this.filter ?? null])
      .subarray(0, 6)
      .toString('base64url');
    return this.known;
  }

  cursor(keyset: Keyset): string {
    return Buffer.from(JSON.stringify([this.fingerprint, keyset.at.getTime(), keyset.id])).toString('base64url');
  }

  /**
   * @param idType what the list's ids are; anybody can write a cursor, and PostgreSQL takes no other text for a uuid
   * @throws DomainError INVALID_CURSOR
   */
  after(cursor: string | null | undefined, idType: IdType = 'uuid'): Keyset | null {
    if (cursor === null || cursor === undefined) return null;
    const parts = decode(cursor);
    if (parts?.fingerprint !== this.fingerprint || (idType === 'uuid' && !UUID.test(parts.id))) {
      throw new DomainError('INVALID_CURSOR', {
        field: 'after',
        value: cursor.slice(0, 100),
        expected: 'the endCursor or an edge’s cursor of this list with the same filter',
      });
    }
    return { at: new Date(parts.at), id: parts.id };
  }

  /**
   * @param rows one more than `first` when there is a next page
   * @returns edges and cursors are made when they are asked for: each is a text of its own
   */
  page<Row>(rows: readonly Row[], first: number, keysetOf: (row: Row) => Keyset): Connection<Row> {
    const nodes = rows.slice(0, first);
    const last = nodes.at(-1);
    const cursorOf = (node: Row): string => this.cursor(keysetOf(node));
    return {
      get edges() {
        return nodes.map((node) => ({ cursor: cursorOf(node), node }));
      },
      nodes,
      pageInfo: {
        hasNextPage: rows.length > first,
        get endCursor() {
          return last === undefined ? null : cursorOf(last);
        },
      },
    };
  }
}

/** @throws DomainError INVALID_PAGE_SIZE */
export function checkPageSize(first: number): void {
  if (first < 1 || first > MAX_PAGE) {
    throw new DomainError('INVALID_PAGE_SIZE', { field: 'first', value: first, expected: `1 to ${MAX_PAGE}` });
  }
}

/**
 * `AND` clause of a page that goes on behind a row.
 * Newest first is (time descending, id ascending), which is the order of the indexes.
 */
export function behind(
  keyset: Keyset | null,
  order: 'NEWEST_FIRST' | 'OLDEST_FIRST',
  column: { readonly at: string; readonly id: string; readonly idType: IdType },
  bind: (value: unknown) => string,
): string {
  if (keyset === null) return '';
  const at = bind(keyset.at);
  const id = `${bind(keyset.id)}::${column.idType}`;
  const further = order === 'NEWEST_FIRST' ? '<' : '>';
  return `AND ${column.at} ${further}= ${at} AND (${column.at} ${further} ${at} OR ${column.id} > ${id})`;
}

/** JSON of `[fingerprint, milliseconds, id]`; the year 9999 ends at 253402300799999. */
function decode(cursor: string): { fingerprint: string; at: number; id: string } | null {
  if (cursor.length > 600 || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^\["([A-Za-z0-9_-]+)",(-?\d{1,15}),"([^"\\\p{Cc}]{1,300})"\]$/u.exec(text);
  const [, fingerprint, at, id] = match ?? [];
  if (fingerprint === undefined || at === undefined || id === undefined) return null;
  return { fingerprint, at: Number(at), id };
}
