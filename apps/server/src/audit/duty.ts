import { ROLES, type Role } from '#libs/identity';
import { POLICY, type Condition } from '../api/shared/policy-table.js';

/** What the audit asks of an operation. */
export interface Duty {
  /** Refused without the number of a case. */
  readonly needsCase: boolean;
  /** REFUSALS: only that it was not allowed. */
  readonly records: 'ALWAYS' | 'REFUSALS';
}

const FOR_A_CASE: Duty = { needsCase: true, records: 'ALWAYS' };
const RECORDED: Duty = { needsCase: false, records: 'ALWAYS' };
const REFUSALS: Duty = { needsCase: false, records: 'REFUSALS' };

/** Whose rows nobody needs a reason for: one's own, and what is public. */
const NEEDS_NO_REASON: ReadonlySet<Condition> = new Set(['SELF', 'ANY']);

/** Whatever these roles learn or do behind a condition is for a case: customs in their district, the auditor in the audit. */
const READS_FOR_A_CASE: ReadonlySet<Role> = new Set(['CUSTOMS_OFFICER', 'AUDIT_ADMINISTRATOR']);

/** The kinds of operations that change something. */
const isMutation = (operation: string): boolean => operation.startsWith('Mutation.');

/**
 * What is recorded when a role asks for an operation or field of the policy; null: nothing.
 * - customs: every read but of themselves and of what is public, every change; both for a case. `node(id)` may be of anything.
 * - the auditor: every read of the audit and every change; for a case.
 * - other privileged roles: every change, and what they are refused.
 */
export function dutyOf(operation: string, role: Role): Duty | null {
  if (!ROLES[role].privileged) return null;
  const condition = POLICY[operation]?.[role];
  if (condition === undefined) return REFUSALS;
  if (operation === 'Query.node') return role === 'CUSTOMS_OFFICER' ? FOR_A_CASE : REFUSALS;
  if (READS_FOR_A_CASE.has(role) && !NEEDS_NO_REASON.has(condition)) return FOR_A_CASE;
  return isMutation(operation) ? RECORDED : REFUSALS;
}

/** What tells of a selection for inspection: recorded without what it was about, which customs alone may know. */
export const SECRET_OPERATIONS: ReadonlySet<string> = new Set([
  'Query.inspectionTargets',
  'Mutation.targetContainer',
  'Mutation.withdrawTarget',
  'Mutation.noticeTarget',
  'Mutation.releaseTarget',
]);
