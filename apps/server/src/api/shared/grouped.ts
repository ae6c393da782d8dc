/** The first row of each key, in the order of the keys; null where there is none. */
export function oneForEach<Row>(
  keys: readonly (string | readonly string[])[],
  rows: readonly Row[],
  keyOf: (row: Row) => string | readonly string[],
): (Row | null)[] {
  const known = new Map(rows.map((row) => [flat(keyOf(row)), row]));
  return keys.map((key) => known.get(flat(key)) ?? null);
}

/** All rows of each key, in the order of the keys; within one key the rows keep theirs. */
export function allForEach<Row>(
  keys: readonly (string | readonly string[])[],
  rows: readonly Row[],
  keyOf: (row: Row) => string | readonly string[],
): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = flat(keyOf(row));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return keys.map((key) => groups.get(flat(key)) ?? []);
}

const flat = (key: string | readonly string[]): string => (typeof key === 'string' ? key : JSON.stringify(key));
