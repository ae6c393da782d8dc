import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';

/** NOT_FOUND, with those that exist. */
export async function noSuch(
  tx: Tx,
  table: 'organisation' | 'site',
  column: 'code' | 'id',
  value: string,
): Promise<DomainError> {
  const known = (await tx.query<{ name: string }>(`SELECT ${column} AS name FROM ${table} ORDER BY 1 LIMIT 50`)).map(
    ({ name }) => name,
  );
  const list = known.length === 0 ? 'none is there yet' : `these exist: ${known.join(', ')}`;
  return new DomainError(
    'NOT_FOUND',
    { field: column, value, expected: list },
    { message: `There is no ${table} ${value}; ${list}.` },
  );
}
