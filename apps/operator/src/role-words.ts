import { ROLE_NAMES, type Role } from '#libs/identity';
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
