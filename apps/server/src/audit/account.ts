import type { AuditActor, AuditTrail } from '#libs/audit';
import type { Principal } from '#libs/identity';
import { DomainError, newId } from '#libs/kernel';
import { CASE_NUMBER_HEADER, readCaseNumber } from './case-number.js';

/** What somebody says of a request besides who they are. */
export interface Told {
  readonly address: string;
  /** As given: nobody has looked at it. */
  readonly caseNumber?: string | undefined;
  readonly requestId?: string | undefined;
}

/** From where and why one operation is asked, and where it is recorded. */
export class Account {
  private readonly requestId: string;

  constructor(
    readonly trail: AuditTrail,
    private readonly told: Told,
  ) {
    this.requestId = told.requestId ?? newId();
  }

  get origin(): { readonly address: string; readonly requestId: string } {
    return { address: this.told.address, requestId: this.requestId };
  }

  actor({ personId, organisationId, role }: Principal): AuditActor {
    return {
      kind: 'PERSON',
      id: personId,
      organisationId,
      role,
      ...this.origin,
    };
  }

  /** null when none is given, or none that is one: the record of a refusal for it. */
  get caseNumberIfValid(): string | null {
    try {
      return readCaseNumber(this.told.caseNumber);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }

  /** null when a case number is given. */
  refusalWithoutCase(operation: string): DomainError | null {
    try {
      this.requireCaseNumber(operation);
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  /** @throws DomainError CASE_NUMBER_REQUIRED, INVALID_INPUT */
  requireCaseNumber(operation: string): string {
    const caseNumber = readCaseNumber(this.told.caseNumber);
    if (caseNumber !== null) return caseNumber;
    throw new DomainError('CASE_NUMBER_REQUIRED', {
      field: CASE_NUMBER_HEADER,
      operation,
      expected: `the number of a case or inspection in the header ${CASE_NUMBER_HEADER}, or as caseNumber in a WebSocket's connection parameters`,
    });
  }
}
