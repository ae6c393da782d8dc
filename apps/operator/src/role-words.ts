import { platformOperator, ROLE_NAMES, ROLES, type Role } from '#libs/identity';
import type { Tx } from '#libs/persistence';
import { UsageError } from './usage-error.js';

/** @throws UsageError */
export function required(name: string, value: string | undefined): string {
  if (value === undefined || value.trim() === '') throw new UsageError(`--${name} is needed`);
  return value;
}

/** @throws UsageError */
export function roleOf(word: string): Role {
  const role = ROLE_NAMES.find((candidate) => candidate === word);
  if (role === undefined) throw new UsageError(`--role is "${word}"; it is ${ROLE_NAMES.join(', ')}`);
  return role;
}

/**
 * The code of the organisation for a role. Of platform operators there is one, which needs no naming.
 * @throws UsageError
 */
export function organisationOf(role: Role, value: string | undefined): (tx: Tx) => Promise<string> {
  const { of } = ROLES[role];
  if (of === 'PLATFORM_OPERATOR' && value === undefined) return platformOperator;
  if (value === undefined || value.trim() === '')
    throw new UsageError(`--organisation is needed: the code of the ${of} in which this ${role} is`);
  return () => Promise.resolve(value);
}
