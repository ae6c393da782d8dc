/** A stretch of a list that stands newest first, by creation and id. */
export interface Page {
  readonly first: number;
  /** The row behind which it begins. */
  readonly after: { readonly at: Date; readonly id: string } | null;
}

/** $1 the time and $2 the id of the row before, or both null. */
export const BEHIND = (table: string): string =>
  `($1::timestamptz IS NULL OR (${table}.created_at <= $1 AND (${table}.created_at < $1 OR ${table}.id > $2::uuid)))`;
