/** Field of a row → the SQL that gives it. One table of data serves the statement, the type and the spec that asks for missing resolvers. */
export type Columns<Row> = { readonly [Field in keyof Row]-?: string };

/** `expression AS "field", …` */
export function selectList<Row>(columns: Columns<Row>): string {
  return Object.entries<string>(columns)
    .map(([field, expression]) => `${expression} AS "${field}"`)
    .join(', ');
}

/** Collects the values of one statement while its text is put together. */
export class Binds {
  readonly values: unknown[] = [];

  /** @returns the placeholder */
  bind(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}
