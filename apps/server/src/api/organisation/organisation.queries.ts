import { nextStates, type OrganisationCommand, type OrganisationState, type PaperKind } from '#libs/identity';
import type { QueryOrganisationsArgs, QueryPaperAlertsArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { allForEach, oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';
import { ORGANISATION_COLUMNS, type OrganisationRow } from '../viewer/organisation.queries.js';

/** Most papers and steps of one organisation that are told. */
const MOST = 100;

export interface PaperRow {
  readonly uuid: string;
  readonly organisationId: string;
  readonly kind: PaperKind;
  readonly number: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly documentRef: string;
  readonly submittedAt: Date;
  readonly verdict: 'ACCEPTED' | 'REFUSED' | null;
  readonly verifierId: string | null;
  readonly verifiedAt: Date | null;
}

/** Of `organisation_paper p`. */
export const PAPER_COLUMNS: Columns<PaperRow> = {
  uuid: 'p.id',
  organisationId: 'p.organisation_id',
  kind: 'p.kind',
  number: 'p.number',
  issuer: 'p.issuer',
  validFrom: 'p.valid_from',
  validTo: 'p.valid_to',
  documentRef: 'p.document_ref',
  submittedAt: 'p.submitted_at',
  verdict: 'p.verdict',
  verifierId: 'p.verified_by',
  verifiedAt: 'p.verified_at',
};

export interface TransitionRow {
  readonly organisationId: string;
  readonly command: OrganisationCommand;
  readonly fromState: OrganisationState | null;
  readonly toState: OrganisationState;
  readonly at: Date;
  readonly actorId: string | null;
  readonly reason: string | null;
}

/** Of `organisation_transition t`. */
export const TRANSITION_COLUMNS: Columns<TransitionRow> = {
  organisationId: 't.organisation_id',
  command: 't.command',
  fromState: 't.from_state',
  toState: 't.to_state',
  at: 't.at',
  actorId: 't.actor_id',
  reason: 't.reason',
};

/** Newest first. */
export const PAPERS_OF_ORGANISATION = newestOf<PaperRow>(
  'papers of organisation',
  `SELECT ${selectList(PAPER_COLUMNS)} FROM organisation_paper p WHERE p.organisation_id = parent.key
   ORDER BY p.submitted_at DESC, p.id DESC LIMIT ${MOST}`,
);

/** Newest first. */
export const HISTORY_OF_ORGANISATION = newestOf<TransitionRow>(
  'history of organisation',
  `SELECT ${selectList(TRANSITION_COLUMNS)} FROM organisation_transition t WHERE t.organisation_id = parent.key
   ORDER BY t.at DESC, t.id DESC LIMIT ${MOST}`,
);

function newestOf<Row extends { readonly organisationId: string }>(
  name: string,
  sql: string,
): Batch<string, readonly Row[]> {
  return {
    name,
    async load(reader, keys) {
      const rows = await reader.query<Row>(
        `SELECT row.* FROM unnest($1::uuid[]) WITH ORDINALITY AS parent(key, at) CROSS JOIN LATERAL (${sql}) AS row
         ORDER BY parent.at`,
        [keys],
      );
      return allForEach(keys, rows, (row) => row.organisationId);
    },
  };
}

export async function statesAhead(
  context: RequestContext,
  { uuid, state }: OrganisationRow,
): Promise<readonly OrganisationState[]> {
  const history = await context.load(HISTORY_OF_ORGANISATION, uuid);
  return nextStates(state, history.find(({ command }) => command === 'SUSPEND')?.fromState ?? null);
}

export async function organisationPage(
  { reader }: RequestContext,
  { state, kind, ...page }: QueryOrganisationsArgs,
): Promise<Connection<OrganisationRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.organisations', null, { state, kind });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = ['true'];
  if (state) conditions.push(`o.state = ${bind(state)}`);
  if (kind) conditions.push(`o.kind = ${bind(kind)}`);
  const key = { at: 'o.state_since', id: 'o.id', idType: 'uuid' } as const;
  const rows = await reader.query<OrganisationRow>(
    `SELECT ${selectList(ORGANISATION_COLUMNS)} FROM organisation o
     WHERE ${conditions.join(' AND ')} ${behind(list.after(page.after), 'NEWEST_FIRST', key, bind)}
     ORDER BY o.state_since DESC, o.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.stateSince, id: row.uuid }));
}

export interface PaperAlertRow {
  readonly uuid: string;
  readonly organisationId: string;
  readonly paperId: string;
  readonly daysBefore: number;
  readonly raisedAt: Date;
}

/** Of `paper_alert a`. */
export const PAPER_ALERT_COLUMNS: Columns<PaperAlertRow> = {
  uuid: 'a.id',
  organisationId: 'a.organisation_id',
  paperId: 'a.paper_id',
  daysBefore: 'a.days_before',
  raisedAt: 'a.raised_at',
};

export async function paperAlertPage(
  { reader }: RequestContext,
  page: QueryPaperAlertsArgs,
): Promise<Connection<PaperAlertRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.paperAlerts', null, null);
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const key = { at: 'a.raised_at', id: 'a.id', idType: 'uuid' } as const;
  const rows = await reader.query<PaperAlertRow>(
    `SELECT ${selectList(PAPER_ALERT_COLUMNS)} FROM paper_alert a
     WHERE true ${behind(list.after(page.after), 'NEWEST_FIRST', key, bind)}
     ORDER BY a.raised_at DESC, a.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.raisedAt, id: row.uuid }));
}

export const PAPER_BY_ID: Batch<string, PaperRow | null> = {
  name: 'paper by id',
  async load(reader, keys) {
    const rows = await reader.query<PaperRow>(
      `SELECT ${selectList(PAPER_COLUMNS)} FROM organisation_paper p WHERE p.id = ANY ($1::uuid[])`,
      [keys],
    );
    return oneForEach(keys, rows, (row) => row.uuid);
  },
};
