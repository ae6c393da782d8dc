import { ADMINISTRATORS, ROLE_NAMES, ROLES, type Role } from '#libs/identity';
import { describe, expect, it } from '@jest/globals';
import { POLICY } from '../api/shared/policy-table.js';
import { dutyOf, SECRET_OPERATIONS } from './duty.js';

/** What a role may change besides what is about itself alone. */
const mutationsOf = (role: Role): string[] =>
  Object.entries(POLICY)
    .filter(([operation, rule]) => operation.startsWith('Mutation.') && (rule[role] ?? 'SELF') !== 'SELF')
    .map(([operation]) => operation);

describe('the policy table', () => {
  it('gives each of the three administrators work of its own, none of which another can do', () => {
    const work = ADMINISTRATORS.map((role) => [role, mutationsOf(role)] as const);
    for (const [role, mine] of work) {
      for (const [other, theirs] of work) {
        if (role !== other)
          expect([role, other, mine.filter((one) => theirs.includes(one))]).toEqual([role, other, []]);
      }
    }
    expect(mutationsOf('SYSTEM_ADMINISTRATOR')).toContain('Mutation.enrolGateway');
    expect(mutationsOf('SECURITY_ADMINISTRATOR')).toContain('Mutation.addPerson');
    expect(mutationsOf('AUDIT_ADMINISTRATOR').toSorted()).toEqual([
      'Mutation.offerAuditArchive',
      'Mutation.removeArchivedAudit',
    ]);
  });

  it('lets nobody but the audit administrator read or archive the audit', () => {
    const audit = Object.entries(POLICY).filter(([operation]) => /audit/i.test(operation));
    expect(audit.length).toBeGreaterThanOrEqual(5);
    for (const [operation, rule] of audit) {
      expect([operation, Object.keys(rule)]).toEqual([operation, ['AUDIT_ADMINISTRATOR']]);
    }
  });

  it('lets no administrator see what moves in the port', () => {
    const seen = ADMINISTRATORS.flatMap((role) =>
      ['Query.events', 'Query.passes', 'Query.shipments', 'Query.container', 'Query.inspectionTargets'].filter(
        (operation) => POLICY[operation]?.[role] !== undefined,
      ),
    );
    expect(seen).toEqual([]);
  });

  it('lets customs alone select for inspection', () => {
    for (const operation of SECRET_OPERATIONS) {
      expect([operation, Object.keys(POLICY[operation] ?? {})]).toEqual([operation, ['CUSTOMS_OFFICER']]);
    }
  });
});

describe('what is audited', () => {
  it('is every read of customs that somebody could be the subject of, for a case', () => {
    const unrecorded = Object.entries(POLICY)
      .filter(([operation, rule]) => rule.CUSTOMS_OFFICER !== undefined && !operation.startsWith('Mutation.'))
      .filter(([operation]) => dutyOf(operation, 'CUSTOMS_OFFICER')?.records !== 'ALWAYS')
      .map(([operation, rule]) => `${operation} ${rule.CUSTOMS_OFFICER}`);
    for (const operation of unrecorded) expect(operation).toMatch(/ (?:SELF|ANY)$/);
    expect(dutyOf('Query.node', 'CUSTOMS_OFFICER')).toEqual({ needsCase: true, records: 'ALWAYS' });
  });

  it('is every change by a privileged role, and every read of the audit', () => {
    for (const role of ROLE_NAMES.filter((name) => ROLES[name].privileged)) {
      for (const [operation, rule] of Object.entries(POLICY)) {
        if (rule[role] === undefined || !operation.startsWith('Mutation.')) continue;
        expect([role, operation, dutyOf(operation, role)?.records]).toEqual([role, operation, 'ALWAYS']);
      }
    }
    for (const operation of ['Query.auditRecords', 'Query.auditArchives', 'Query.auditCheck']) {
      expect(dutyOf(operation, 'AUDIT_ADMINISTRATOR')).toEqual({ needsCase: true, records: 'ALWAYS' });
    }
  });

  it('is what privileged roles are refused, and nothing of the others', () => {
    for (const role of ROLE_NAMES) {
      const duty = dutyOf('Mutation.reportPass', role);
      expect([role, duty?.records ?? null]).toEqual([role, ROLES[role].privileged ? 'REFUSALS' : null]);
    }
  });
});
