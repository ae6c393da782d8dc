import { MOST_IN_ARCHIVE, type ActorKind, type ArchiveState } from '#libs/audit';
import { DomainError } from '#libs/kernel';
import type { QueryAuditArchivesArgs, QueryAuditRecordsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { oneForEach } from '../shared/grouped.js';
import { checkPeriod, within } from '../shared/period.js';
import type { Reader } from '../shared/reader.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface AuditRecordRow {
  readonly sequence: string;
  readonly recordedAt: Date;
  readonly actorKind: ActorKind;
  readonly actorId: string;
  readonly organisationId: string | null;
  readonly role: string | null;
  readonly operation: string;
  readonly subjectType: string | null;
  readonly subjectKeys: readonly string[];
  readonly asked: unknown;
  readonly rowCount: number | null;
  readonly caseNumber: string | null;
  readonly outcome: string;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly hash: string;
}

/** Of `audit_record r`. */
export const AUDIT_RECORD_COLUMNS: Columns<AuditRecordRow> = {
  sequence: 'r.sequence::text',
  recordedAt: 'r.recorded_at',
  actorKind: 'r.actor_kind',
  actorId: 'r.actor_id',
  organisationId: 'r.organisation_id',
  role: 'r.role',
  operation: 'r.operation',
  subjectType: 'r.subject_type',
  subjectKeys: 'r.subject_keys',
  asked: 'r.asked',
  rowCount: 'r.row_count',
  caseNumber: 'r.case_number',
  outcome: 'r.outcome',
  address: 'r.address',
  requestId: 'r.request_id',
  hash: `encode(r.hash, 'hex')`,
};

/** Sequences have at most 19 digits; what a cursor says of one may be anything. */
const SEQUENCE = /^\d{1,18}$/;

export async function auditRecordPage(
  { reader }: RequestContext,
  { filter, ...page }: QueryAuditRecordsArgs,
): Promise<Connection<AuditRecordRow>> {
  checkPageSize(page.first);
  checkPeriod(filter?.period, 'filter.period');
  const list = new KeysetList('Query.auditRecords', null, filter);
  const after = list.after(page.after, 'text');
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = ['true', ...within(filter?.period, 'r.recorded_at', bind)];
  if (after !== null) conditions.push(`r.sequence < ${bind(sequenceOf(after.id, 'after'))}::bigint`);
  if (filter?.actor) conditions.push(`r.actor_id = ${bind(filter.actor)}`);
  if (filter?.operation) conditions.push(`r.operation = ${bind(filter.operation)}`);
  if (filter?.subject) conditions.push(`r.subject_keys @> ARRAY[${bind(filter.subject)}]::text[]`);
  if (filter?.caseNumber) conditions.push(`r.case_number = ${bind(filter.caseNumber)}`);
  if (filter?.outcome) conditions.push(`r.outcome = ${bind(filter.outcome)}`);
  const rows = await reader.query<AuditRecordRow>(
    `SELECT ${selectList(AUDIT_RECORD_COLUMNS)} FROM audit_record r WHERE ${conditions.join(' AND ')}
     ORDER BY r.sequence DESC LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.recordedAt, id: row.sequence }));
}

function sequenceOf(text: string, field: string): string {
  if (SEQUENCE.test(text)) return text;
  throw new DomainError(field === 'after' ? 'INVALID_CURSOR' : 'INVALID_INPUT', {
    field,
    value: text.slice(0, 100),
    expected: 'a sequence of the chain',
  });
}

export interface AuditArchiveRow {
  readonly archiveId: string;
  readonly state: ArchiveState;
  readonly firstSequence: string;
  readonly lastSequence: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly previousHash: string;
  readonly lastHash: string;
  readonly madeAt: Date;
  readonly removedAt: Date | null;
}

/** Of `audit_archive a`. The file's hash is not told: who has the file knows it. */
export const AUDIT_ARCHIVE_COLUMNS: Columns<AuditArchiveRow> = {
  archiveId: 'a.id',
  state: 'a.state',
  firstSequence: 'a.first_sequence::text',
  lastSequence: 'a.last_sequence::text',
  firstAt: 'a.first_at',
  lastAt: 'a.last_at',
  previousHash: `encode(a.previous_hash, 'hex')`,
  lastHash: `encode(a.last_hash, 'hex')`,
  madeAt: 'a.made_at',
  removedAt: 'a.removed_at',
};

const ARCHIVES = `SELECT ${selectList(AUDIT_ARCHIVE_COLUMNS)} FROM audit_archive a`;
const ARCHIVE_KEY = { at: 'a.made_at', id: 'a.id', idType: 'uuid' } as const;

export async function auditArchivePage(
  { reader }: RequestContext,
  page: QueryAuditArchivesArgs,
): Promise<Connection<AuditArchiveRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.auditArchives', null, null);
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const rows = await reader.query<AuditArchiveRow>(
    `${ARCHIVES} WHERE true ${behind(list.after(page.after), 'NEWEST_FIRST', ARCHIVE_KEY, bind)}
     ORDER BY a.made_at DESC, a.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.madeAt, id: row.archiveId }));
}

export const AUDIT_ARCHIVE_BY_ID: Batch<string, AuditArchiveRow | null> = {
  name: 'audit archive by id',
  async load(reader, keys) {
    const rows = await reader.query<AuditArchiveRow>(`${ARCHIVES} WHERE a.id = ANY ($1::uuid[])`, [keys]);
    return oneForEach(keys, rows, (row) => row.archiveId);
  },
};

/** Lines of an archive's file from a sequence on, each with its end. */
export async function archiveLines(
  reader: Reader,
  { from, to, most }: { readonly from: bigint; readonly to: string; readonly most: number },
): Promise<readonly string[]> {
  const rows = await reader.query<{ line: string }>(
    `SELECT audit_file_line(r) AS line FROM audit_record r WHERE r.sequence BETWEEN $1 AND $2 ORDER BY r.sequence LIMIT $3`,
    [String(from), to, most],
  );
  return rows.map(({ line }) => line);
}

export interface AuditCheckRow {
  readonly firstSequence: string;
  readonly lastSequence: string;
  readonly headSequence: string;
  readonly headHash: string;
  readonly brokenAt: string | null;
}

export async function auditCheck({ reader }: RequestContext, from: string | null | undefined): Promise<AuditCheckRow> {
  const asked = from === null || from === undefined ? null : sequenceOf(from, 'from');
  const [row] = await reader.query<AuditCheckRow>(
    `WITH part AS (
       SELECT part.first, least(part.first + ${MOST_IN_ARCHIVE} - 1, head.sequence) AS last, head.sequence AS head, head.hash
       FROM audit_head head, LATERAL (
         SELECT coalesce($1::bigint, (SELECT max(a.last_sequence) + 1 FROM audit_archive a WHERE a.state = 'REMOVED'), 1) AS first
       ) AS part)
     SELECT part.first::text AS "firstSequence", part.last::text AS "lastSequence", part.head::text AS "headSequence",
            encode(part.hash, 'hex') AS "headHash", audit_broken_at(part.first, part.last)::text AS "brokenAt" FROM part`,
    [asked],
  );
  if (row === undefined) throw new DomainError('INTERNAL', { missing: 'the row of audit_head' });
  return row;
}
