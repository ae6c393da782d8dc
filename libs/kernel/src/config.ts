import type { z } from 'zod';
import { DomainError } from './domain-error.js';

export interface ConfigFault {
  readonly path: string;
  readonly message: string;
}

/**
 * Parses once, freezes deeply, and reports every fault together.
 * @throws DomainError INVALID_CONFIG with `details.faults: ConfigFault[]`
 */
export function parseConfig<T extends z.ZodType>(schema: T, input: unknown, source: string): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const faults: ConfigFault[] = parsed.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.') || '(top)',
      message: issue.message,
    }));
    const list = faults.map((fault) => `  ${fault.path}: ${fault.message}`).join('\n');
    throw new DomainError(
      'INVALID_CONFIG',
      { source, faults },
      { message: `${source} has ${faults.length} fault(s):\n${list}` },
    );
  }
  return deepFreeze(parsed.data);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
