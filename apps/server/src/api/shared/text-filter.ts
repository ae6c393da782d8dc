import { DomainError } from '#libs/kernel';

/** A single letter would begin half of the port. */
export const LEAST_BEGINNING = 2;
/** No number of a box, truck or paper is longer. */
export const MOST_TEXT = 100;

/** @throws DomainError INVALID_INPUT */
export function checkText(
  text: string | null | undefined,
  field: string,
  least = 1,
  normalise: (text: string) => string = (same) => same,
): void {
  if (text === null || text === undefined) return;
  const { length } = [...normalise(text)];
  if (length < least || text.length > MOST_TEXT) {
    throw new DomainError('INVALID_INPUT', {
      field,
      value: text.slice(0, MOST_TEXT),
      expected: `${least} to ${MOST_TEXT} characters`,
    });
  }
}

/** Behind every text that begins in the same way: no number holds the last code point of all. */
const BEHIND_ALL = '\u{10ffff}';

/**
 * SQL condition: the column's text begins with this one. A range by bytes, which an index with text_pattern_ops serves behind a
 * row-level policy too (LIKE is not leakproof), and in which `%`, `_` and `\` mean themselves.
 */
export function beginsWith(column: string, text: string, bind: (value: unknown) => string): string {
  return `(${column} ~>=~ ${bind(text)}::text AND ${column} ~<~ ${bind(text + BEHIND_ALL)}::text)`;
}
