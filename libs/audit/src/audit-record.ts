import type { ErrorCode } from '#libs/kernel';
import type { Tx } from '#libs/persistence';

export type ActorKind = 'PERSON' | 'DEVICE' | 'SYSTEM';

/** How it ended: DONE, or the code of the error that was answered. */
export type Outcome = 'DONE' | ErrorCode;

/** Who did it, and from where. Ids alone: personal data has its own place and can be erased there. */
export interface AuditActor {
  readonly kind: ActorKind;
  /** Of the person or gateway, or the part of the service. */
  readonly id: string;
  readonly organisationId: string | null;
  readonly role: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** What is recorded of one deed; place in the chain, time and hashes are the database's. */
export interface AuditFact {
  readonly actor: AuditActor;
  /** `Query.events`, `Mutation.enrolGateway`, `SignIn.PASSWORD`, … */
  readonly operation: string;
  readonly subject: { readonly type: string | null; readonly keys: readonly string[] };
  /** Arguments and selection; holds no secret. */
  readonly asked: unknown;
  readonly rows: number | null;
  readonly caseNumber: string | null;
  readonly outcome: Outcome;
}

/**
 * Adds records to the chain, in their order. The chain's end is locked until the transaction ends, so this is its last statement.
 */
export async function insertRecords(tx: Tx, facts: readonly AuditFact[]): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map(({ actor, operation, subject, asked, rows: count, caseNumber, outcome }) => ({
    actor_kind: actor.kind,
    actor_id: actor.id,
    organisation_id: actor.organisationId,
    role: actor.role,
    operation,
    subject_type: subject.type,
    subject_keys: subject.keys,
    asked,
    row_count: count,
    case_number: caseNumber,
    outcome,
    address: actor.address,
    request_id: actor.requestId,
  }));
  await tx.query(
    `INSERT INTO audit_record (${COLUMNS}) SELECT ${COLUMNS} FROM jsonb_to_recordset($1) AS row(
       actor_kind text, actor_id text, organisation_id uuid, role text, operation text, subject_type text, subject_keys text[],
       asked jsonb, row_count integer, case_number text, outcome text, address text, request_id text)`,
    [JSON.stringify(rows.map(storable))],
  );
}

/** PostgreSQL's text has no U+0000 and no half of a character: a refusal of such input is recorded with U+FFFD in their place. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('utf8').replaceAll('\0', '\uFFFD');
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(storable);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storable(name), storable(inner)]));
}

const COLUMNS = `actor_kind, actor_id, organisation_id, role, operation, subject_type, subject_keys, asked, row_count, case_number,
  outcome, address, request_id`;
