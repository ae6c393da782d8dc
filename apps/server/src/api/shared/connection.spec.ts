import { DomainError } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { behind, checkPageSize, KeysetList } from './connection.js';

const at = new Date('2026-11-22T01:02:03.004Z');
const UUID = '0190b5a0-7c2e-7cc3-98c4-dc0c0c07398f';
const list = new KeysetList('Query.events', null, { site: 'A' });

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : 'no DomainError';
  }
};

describe('a cursor', () => {
  it('leads behind the row that it was made of', () => {
    expect(list.after(list.cursor({ at, id: 'x/1' }), 'text')).toEqual({ at, id: 'x/1' });
    expect(list.after(list.cursor({ at, id: UUID }))).toEqual({ at, id: UUID });
    expect(list.after(null)).toBeNull();
  });

  it('belongs to one list, parent and filter, in whatever order the filter is written', () => {
    const cursor = new KeysetList('L', 'p', { a: 1, b: 2 }).cursor({ at, id: UUID });
    expect(new KeysetList('L', 'p', { b: 2, a: 1 }).after(cursor)).not.toBeNull();
    for (const other of [
      new KeysetList('M', 'p', { a: 1, b: 2 }),
      new KeysetList('L', 'q', { a: 1, b: 2 }),
      new KeysetList('L', 'p', { a: 1, b: 3 }),
    ]) {
      expect(codeOf(() => other.after(cursor))).toBe('INVALID_CURSOR');
    }
  });

  it('is refused when its id was put in by hand and is none of the list', () => {
    expect(codeOf(() => list.after(list.cursor({ at, id: '7' })))).toBe('INVALID_CURSOR');
    expect(codeOf(() => list.after(list.cursor({ at, id: 'a\0b' }), 'text'))).toBe('INVALID_CURSOR');
    const raw = Buffer.from(list.cursor({ at, id: 'a|b' }), 'base64url')
      .toString()
      .replace('|', '\0');
    expect(codeOf(() => list.after(Buffer.from(raw).toString('base64url'), 'text'))).toBe('INVALID_CURSOR');
  });

  it('is refused with INVALID_CURSOR when it is anything else, and nothing else is thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => Buffer.from(text).toString('base64url')),
        ),
        (text) => {
          expect(codeOf(() => list.after(text))).toBe('INVALID_CURSOR');
        },
      ),
      { seed: 7 },
    );
  });
});

describe('a page', () => {
  it('knows by one row more that there is a next one', () => {
    const rows = ['a', 'b', 'c'].map((id) => ({ at, id }));
    const page = list.page(rows, 2, (row) => row);
    expect(page.nodes.map((row) => row.id)).toEqual(['a', 'b']);
    expect(page.pageInfo).toEqual({ hasNextPage: true, endCursor: list.cursor({ at, id: 'b' }) });
    expect(list.page(rows, 3, (row) => row).pageInfo.hasNextPage).toBe(false);
    expect(list.page([], 3, (row: { at: Date; id: string }) => row).pageInfo).toEqual({
      hasNextPage: false,
      endCursor: null,
    });
  });

  it('holds 1 to 200 rows', () => {
    for (const first of [1, 200]) expect(codeOf(() => checkPageSize(first))).toBeUndefined();
    for (const first of [0, -1, 201, 1e9]) expect(codeOf(() => checkPageSize(first))).toBe('INVALID_PAGE_SIZE');
  });

  it('goes on strictly behind the last row: rows of the same instant by id', () => {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    expect(behind({ at, id: '7' }, 'NEWEST_FIRST', { at: 't', id: 'i', idType: 'uuid' }, bind)).toBe(
      'AND t <= $1 AND (t < $1 OR i > $2::uuid)',
    );
    expect(values).toEqual([at, '7']);
  });
});
