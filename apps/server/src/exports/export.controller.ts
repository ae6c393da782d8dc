import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, newId, type EpochMs, type Logger } from '#libs/kernel';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { execute, parse, type DocumentNode, type ExecutionResult } from 'graphql';
import { formatGraphqlError, type ErrorExtensions } from '../api/shared/api-error.js';
import { MAX_PAGE } from '../api/shared/connection.js';
import { ContextFactory } from '../api/shared/context-factory.js';
import { OperationGate } from '../api/shared/operation-gate.js';
import { EXPORT_DEMAND } from '../api/shared/policy-table.js';
import type { RequestContext } from '../api/shared/request-context.js';
import type { Told } from '../audit/account.js';
import { meetAtDoor } from '../audit/audited.js';
import { toldBy } from '../audit/told-by.js';
import { LOGGER } from '../operations/logger.token.js';
import { exportDocuments, type ExportDocument } from './export-document.js';
import { EXPORT_FORMATS } from './formats.js';

/** How far an export is. */
export interface ExportProgress {
  readonly id: string;
  readonly state: 'RUNNING' | 'DONE' | 'FAILED' | 'ABANDONED';
  readonly rows: number;
  /** Share of the asked period that is behind it, 0 to 1; null while nobody can tell. */
  readonly fraction: number | null;
}

interface RunningExport extends ExportProgress {
  readonly personId: string;
  readonly organisationId: string;
}

interface Page {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface Asker {
  readonly authorization: string | undefined;
  readonly address: string;
  readonly told: Omit<Told, 'address'>;
}

/** Exports under way of one principal, and how many are remembered in all. */
const MAX_RUNNING = 2;
const MAX_REMEMBERED = 1_000;

/**
 * Any list of the API as a file, streamed: `GET /exports/v1/events.csv?args={"filter":{…}}`. It asks the API itself, page after page, so
 * policy, filters, masks and bounds are the list's own. A file that breaks off is not whole: the connection is then cut.
 */
@Controller('exports/v1')
export class ExportController {
  private readonly exports = new Map<string, RunningExport>();
  private readonly documents = new Map<string, ExportDocument & { readonly parsed: DocumentNode }>();

  constructor(
    private readonly schemas: GraphQLSchemaHost,
    private readonly contexts: ContextFactory,
    private readonly gate: OperationGate,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Of this process; an export of another's is not found. */
  @Get('progress/:id')
  async progress(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ExportProgress> {
    const context = await this.contexts.create(request.headers.authorization, request.ip, toldBy(request));
    await meetAtDoor(context, EXPORT_DEMAND, `progress/${id}`);
    const { principal } = context;
    const found = this.exports.get(id);
    if (found?.personId !== principal.personId || found.organisationId !== principal.organisationId) {
      throw new DomainError('NOT_FOUND', { field: 'id' });
    }
    const { state, rows, fraction } = found;
    return { id, state, rows, fraction };
  }

  @Get(':file')
  async export(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('file') file: string,
    @Query('args') args: string | undefined,
  ): Promise<void> {
    const asker: Asker = { authorization: request.headers.authorization, address: request.ip, told: toldBy(request) };
    const context = await this.contexts.create(asker.authorization, asker.address, asker.told);
    await meetAtDoor(context, EXPORT_DEMAND, file);
    const { principal } = context;
    const [list = '', ending = ''] = file.split('.', 2);
    const document = this.documentOf(list);
    const format = EXPORT_FORMATS.get(ending);
    if (document === undefined || format === undefined) {
      throw new DomainError('NOT_FOUND', {
        field: 'path',
        value: file.slice(0, 100),
        expected: `one of ${[...exportDocuments(this.schemas.schema).keys()].join(', ')}, as .csv or .ndjson`,
      });
    }
    const variables = variablesOf(args, document);
    const running = [...this.exports.values()].filter(
      ({ personId, state }) => personId === principal.personId && state === 'RUNNING',
    );
    if (running.length >= MAX_RUNNING) {
      throw new DomainError('LIMIT_EXCEEDED', { limit: 'exports at once', expected: `at most ${MAX_RUNNING}` });
    }
    // Refusals are answers; only what is allowed begins to stream.
    const first = await this.page(asker, document, variables, null);
    const id = newId();
    const { personId, organisationId } = principal;
    this.note(id, { id, personId, organisationId, state: 'RUNNING', rows: 0, fraction: null });
    const pages = this.pages(asker, id, document, variables, first);
    const text = async function* (): AsyncGenerator<string> {
      yield format.head(document.columns);
      for await (const nodes of pages) yield format.rows(document.columns, nodes);
    };
    void reply
      .header('content-type', format.contentType)
      .header('content-disposition', `attachment; filename="${list}.${ending}"`)
      .header('x-export-id', id)
      .send(Readable.from(text()));
  }

  private async *pages(
    asker: Asker,
    id: string,
    document: ExportDocument & { readonly parsed: DocumentNode },
    variables: Readonly<Record<string, unknown>>,
    first: Page,
  ): AsyncGenerator<Page['nodes']> {
    const span = spanOf(variables);
    let state: ExportProgress['state'] = 'ABANDONED';
    try {
      for (let page = first; ; page = await this.page(asker, document, variables, page.pageInfo.endCursor)) {
        yield page.nodes;
        this.count(id, page, span);
        if (page.pageInfo.hasNextPage) continue;
        state = 'DONE';
        return;
      }
    } catch (error) {
      state = 'FAILED';
      this.logger.warn({ err: error, export: id }, 'an export broke off');
      throw error;
    } finally {
      const known = this.exports.get(id);
      if (known !== undefined) this.note(id, { ...known, state, ...(state === 'DONE' ? { fraction: 1 } : {}) });
    }
  }

  /** Waits for points rather than break off; whoever asks is known anew for each page, so that a right that ended ends the export. */
  private async page(
    asker: Asker,
    { parsed }: { readonly parsed: DocumentNode },
    variables: Readonly<Record<string, unknown>>,
    after: string | null,
  ): Promise<Page> {
    const { schema } = this.schemas;
    const asked = { ...variables, first: MAX_PAGE, after };
    const payer = await this.contexts.create(asker.authorization, asker.address, asker.told);
    await this.points(payer, 1 + this.gate.furtherPoints(schema, parsed, null, asked), after !== null);
    const context = await this.contexts.create(asker.authorization, asker.address, asker.told);
    const { data, errors }: ExecutionResult = await execute({
      schema,
      document: parsed,
      contextValue: context,
      variableValues: asked,
    });
    const [error] = errors ?? [];
    if (error !== undefined) {
      const { message, extensions } = formatGraphqlError(error.toJSON(), error, this.logger);
      const { code, details } = extensions as unknown as ErrorExtensions;
      throw new DomainError(code, details, { message, cause: error });
    }
    // An empty end of the list would pass for the whole file.
    if (!(await context.reader.isBelieved())) throw new DomainError('ORGANISATION_SUSPENDED');
    return data?.['list'] as Page;
  }

  private async points({ payer }: RequestContext, points: number, mayWait: boolean): Promise<void> {
    for (;;) {
      try {
        await this.gate.take(payer, points);
        return;
      } catch (error) {
        if (!mayWait || !(error instanceof DomainError) || error.code !== 'RATE_LIMITED') throw error;
        await pause(Number(error.details['retryAfterSeconds']) * 1_000);
      }
    }
  }

  private documentOf(list: string): (ExportDocument & { readonly parsed: DocumentNode }) | undefined {
    if (this.documents.size === 0) {
      for (const [name, document] of exportDocuments(this.schemas.schema)) {
        this.documents.set(name, { ...document, parsed: parse(document.text) });
      }
    }
    return this.documents.get(list);
  }

  private count(id: string, { nodes }: Page, span: { readonly from: EpochMs; readonly to: EpochMs } | null): void {
    const known = this.exports.get(id);
    if (known === undefined) return;
    const at = span === null ? Number.NaN : Date.parse(String(timeOf(nodes.at(-1))));
    const fraction =
      span === null || Number.isNaN(at) ? null : Math.min(1, Math.max(0, (span.to - at) / (span.to - span.from)));
    this.note(id, { ...known, rows: known.rows + nodes.length, fraction: fraction ?? known.fraction });
  }

  private note(id: string, progress: RunningExport): void {
    this.exports.set(id, progress);
    for (const [oldest, { state }] of this.exports) {
      if (this.exports.size <= MAX_REMEMBERED) break;
      if (state !== 'RUNNING') this.exports.delete(oldest);
    }
  }
}

/** Lists are newest first by one of these. */
function timeOf(node: Readonly<Record<string, unknown>> | undefined): unknown {
  return node?.['occurredAt'] ?? node?.['openedAt'] ?? node?.['raisedAt'] ?? node?.['receivedAt'];
}

function spanOf(variables: Readonly<Record<string, unknown>>): { from: EpochMs; to: EpochMs } | null {
  const filter = variables['filter'] as
    { readonly period?: { readonly from?: string; readonly to?: string } } | undefined;
  const from = Date.parse(filter?.period?.from ?? '');
  const to = filter?.period?.to === undefined ? Date.now() : Date.parse(filter.period.to);
  return Number.isNaN(from) || Number.isNaN(to) || to <= from ? null : { from, to };
}

/** @throws DomainError INVALID_INPUT for what is no JSON object, or names an argument that the list does not have */
function variablesOf(text: string | undefined, { args }: ExportDocument): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  const given = parsed(text);
  const foreign = given === null ? undefined : Object.keys(given).find((name) => !args.includes(name));
  if (given === null || foreign !== undefined) {
    throw new DomainError('INVALID_INPUT', {
      field: foreign === undefined ? 'args' : `args.${foreign}`,
      value: text.slice(0, 200),
      expected: `a JSON object with none but ${args.join(', ')}`,
    });
  }
  return given;
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
