import { Readable } from 'node:stream';
import type { Outcome } from '#libs/audit';
import { DomainError } from '#libs/kernel';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT_ARCHIVE_BY_ID, archiveLines, type AuditArchiveRow } from '../api/audit/audit.queries.js';
import { ContextFactory } from '../api/shared/context-factory.js';
import { demandOf, EXPORT, POLICY } from '../api/shared/policy-table.js';
import type { Reader } from '../api/shared/reader.js';
import { toldBy } from './told-by.js';

const OPERATION = 'Audit.fetchArchive';
/** Whoever may list archives may fetch one, by a credential that takes lists away. */
const DEMAND = demandOf(EXPORT, POLICY['Query.auditArchives']);
/** Records read at once. */
const PAGE = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The file of an archive of the audit: NDJSON, a link of the chain a line. Whoever shows its SHA-256 can have its records removed. */
@Controller('audit/v1/archives')
export class AuditArchiveController {
  constructor(private readonly contexts: ContextFactory) {}

  @Get(':id')
  async fetch(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const context = await this.contexts.create(request.headers.authorization, request.ip, toldBy(request));
    const { account, principal, reader } = context;
    const record = (outcome: Outcome, rows: number | null): Promise<void> =>
      account.trail.record({
        actor: account.actor(principal),
        operation: OPERATION,
        subject: { type: 'AuditArchive', keys: [id.slice(0, 100)] },
        asked: null,
        rows,
        caseNumber: account.caseNumberIfValid,
        outcome,
      });
    const refusal = context.refusalOf(DEMAND) ?? account.refusalWithoutCase(OPERATION);
    if (refusal !== null) {
      await record(refusal.code, null);
      throw refusal;
    }
    const archive = UUID.test(id) ? await context.load(AUDIT_ARCHIVE_BY_ID, id) : null;
    if (archive === null || archive.state === 'REMOVED') {
      await record('NOT_FOUND', null);
      throw new DomainError('NOT_FOUND', { field: 'id' });
    }
    await record('DONE', Number(BigInt(archive.lastSequence) - BigInt(archive.firstSequence)) + 1);
    void reply
      .header('content-type', 'application/x-ndjson')
      .header(
        'content-disposition',
        `attachment; filename="audit-${archive.firstSequence}-${archive.lastSequence}.ndjson"`,
      )
      .send(Readable.from(linesOf(reader, archive)));
  }
}

async function* linesOf(reader: Reader, { firstSequence, lastSequence }: AuditArchiveRow): AsyncGenerator<string> {
  for (let from = BigInt(firstSequence); ; from += BigInt(PAGE)) {
    const lines = await archiveLines(reader, { from, to: lastSequence, most: PAGE });
    if (lines.length > 0) yield lines.join('');
    if (lines.length < PAGE) return;
  }
}
