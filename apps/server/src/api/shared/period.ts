import { DomainError } from '#libs/kernel';
import type { Period } from '../schema.generated.js';

/** @throws DomainError INVALID_PERIOD when nothing can lie in it */
export function checkPeriod(period: Period | null | undefined, field: string): void {
  const from = period?.from;
  const to = period?.to;
  if (from && to && from.getTime() >= to.getTime()) {
    throw new DomainError('INVALID_PERIOD', {
      field,
      value: { from: from.toISOString(), to: to.toISOString() },
      expected: 'from before to; from is included and to is not',
    });
  }
}

/** SQL conditions, one an item. */
export function within(
  period: Period | null | undefined,
  column: string,
  bind: (value: unknown) => string,
): readonly string[] {
  return [
    ...(period?.from ? [`${column} >= ${bind(period.from)}`] : []),
    ...(period?.to ? [`${column} < ${bind(period.to)}`] : []),
  ];
}
