import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { missingPapers, PAPERS, type PaperKind, type PaperTerm } from './organisation.papers.js';
import {
  decideTransition,
  ORGANISATION_COMMANDS,
  ORGANISATION_STATES,
  type OrganisationCommand,
  type OrganisationState,
} from './organisation.states.js';
import type { OrganisationKind } from './roles.js';

/** The person who acts and for whom; null: the service itself. */
export type OrganisationActor = { readonly personId: string; readonly organisationId: string } | null;

export interface Registration {
  readonly kind: OrganisationKind;
  readonly name: string;
  readonly nameZh: string;
  /** GB 32100-2015, checked. */
  readonly creditCode: string;
}

export interface HandedIn extends PaperTerm {
  readonly number: string;
  readonly issuer: string;
  /** Where the copy lies. */
  readonly documentRef: string;
}

const MOST_PAPERS = 20;
/** Of one organisation and not looked at yet. */
const MOST_PENDING = 50;
const MOST_NUMBER_OF_A_PERSON = 4;

interface OrganisationFacts {
  readonly id: string;
  readonly kind: OrganisationKind;
  readonly state: OrganisationState;
}

/**
 * An organisation that is known by name and not verified yet; its code is its credit code.
 * @returns its id
 * @throws DomainError CONFLICT when one has that credit code already
 */
export async function registerOrganisation(
  tx: Tx,
  actor: OrganisationActor,
  { kind, name, nameZh, creditCode }: Registration,
  at: EpochMs,
): Promise<string> {
  const id = newId();
  const added = await tx.query(
    `INSERT INTO organisation (id, kind, name, name_zh, code, credit_code, state, state_since)
     VALUES ($1, $2, $3, $4, $5, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING 1`,
    [id, kind, name, nameZh, creditCode, ORGANISATION_STATES.initial, new Date(at)],
  );
  if (added.length === 0) {
    throw new DomainError('CONFLICT', {
      field: 'input.creditCode',
      value: creditCode,
      expected: 'one that is new here',
    });
  }
  await keepTransition(
    tx,
    actor,
    { id, command: 'REGISTER', from: null, to: ORGANISATION_STATES.initial, reason: null },
    at,
  );
  return id;
}

/**
 * Takes papers of an organisation; with all that its kind needs it is submitted.
 * @throws DomainError INVALID_INPUT for too many papers, a paper that has run out, a person's whole number, or a kind that is still
 *   missing; CONFLICT when its state takes none; NOT_FOUND
 */
export async function handInPapers(
  tx: Tx,
  actor: NonNullable<OrganisationActor>,
  { organisationId, papers }: { readonly organisationId: string; readonly papers: readonly HandedIn[] },
  at: EpochMs,
): Promise<void> {
  refuseUnfitPapers(papers, at);
  const organisation = await lock(tx, organisationId);
  const [kept] = await tx.query<{ pending: number }>(
    `SELECT count(*)::int AS pending FROM organisation_paper WHERE organisation_id = $1 AND verdict IS NULL`,
    [organisationId],
  );
  if ((kept?.pending ?? 0) + papers.length > MOST_PENDING) {
    throw new DomainError('LIMIT_EXCEEDED', {
      field: 'input.papers',
      expected: `at most ${MOST_PENDING} not looked at`,
    });
  }
  for (const { kind, number, issuer, validFrom, validTo, documentRef } of papers) {
    await tx.query(
      `INSERT INTO organisation_paper (id, organisation_id, kind, number, issuer, valid_from, valid_to, document_ref, submitted_by, submitted_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        newId(),
        organisationId,
        kind,
        number,
        issuer,
        new Date(validFrom),
        validTo === null ? null : new Date(validTo),
        documentRef,
        actor.personId,
        new Date(at),
      ],
    );
  }
  const missing = missingPapers(organisation.kind, await papersOf(tx, organisationId, 'NOT_REFUSED'), at);
  if (missing.length > 0) {
    throw new DomainError('INVALID_INPUT', { field: 'input.papers', missing, expected: 'a valid paper of each kind' });
  }
  await move(tx, actor, organisation, { command: 'SUBMIT', reason: null }, at);
}

function refuseUnfitPapers(papers: readonly HandedIn[], at: EpochMs): void {
  const refuse = (index: number, field: string, value: unknown, expected: string): never => {
    throw new DomainError('INVALID_INPUT', { field: `input.papers.${index}.${field}`, value, expected });
  };
  if (papers.length === 0 || papers.length > MOST_PAPERS) {
    throw new DomainError('INVALID_INPUT', {
      field: 'input.papers',
      value: papers.length,
      expected: `1 to ${MOST_PAPERS} papers`,
    });
  }
  papers.forEach(({ kind, number, validFrom, validTo }, index) => {
    if (validTo !== null && (validTo <= validFrom || validTo <= at)) {
      refuse(index, 'validTo', new Date(validTo).toISOString(), 'later than validFrom and than now');
    }
    if (PAPERS[kind].personal && number.length > MOST_NUMBER_OF_A_PERSON) {
      // The number itself is not repeated: it must not reach a log.
      refuse(index, 'number', `${number.length} characters`, `the last ${MOST_NUMBER_OF_A_PERSON} characters`);
    }
  });
}

export interface Step {
  readonly organisationId: string;
  readonly command: Exclude<OrganisationCommand, 'REGISTER' | 'SUBMIT'>;
  /** Needed where the table of commands says so. */
  readonly reason: string | null;
}

/**
 * Leads an organisation on. To verify or to reject is a verdict on all papers that nobody has looked at.
 * @throws DomainError NOT_FOUND; FORBIDDEN for one's own organisation, or for papers that one handed in oneself; CONFLICT when its state
 *   does not take the command, when there is no paper to judge, or when a needed one is missing
 */
export async function moveOrganisation(tx: Tx, actor: OrganisationActor, step: Step, at: EpochMs): Promise<void> {
  const organisation = await lock(tx, step.organisationId);
  if (ORGANISATION_COMMANDS[step.command].needsReason && step.reason === null) {
    throw new DomainError('INVALID_INPUT', { field: 'reason', expected: 'a reason' });
  }
  if (step.command === 'SUSPEND') await refuseStoppingAudit(tx, organisation);
  await move(tx, actor, organisation, step, at);
  if (actor !== null && (step.command === 'VERIFY' || step.command === 'REJECT')) {
    await judgePapers(tx, actor, organisation, step.command === 'VERIFY' ? 'ACCEPTED' : 'REFUSED', at);
  }
}

/** Nobody stops the audit: who is to read it is not sent away by the suspension of their house. */
async function refuseStoppingAudit(tx: Tx, { id }: OrganisationFacts): Promise<void> {
  const auditors = await tx.query(
    `SELECT 1 FROM membership WHERE organisation_id = $1 AND role = 'AUDIT_ADMINISTRATOR' LIMIT 1`,
    [id],
  );
  if (auditors.length === 0) return;
  throw new DomainError('FORBIDDEN', {
    field: 'organisation',
    expected: 'an organisation without an audit administrator',
  });
}

async function judgePapers(
  tx: Tx,
  actor: NonNullable<OrganisationActor>,
  { id, kind }: OrganisationFacts,
  verdict: 'ACCEPTED' | 'REFUSED',
  at: EpochMs,
): Promise<void> {
  const judged = await tx.query<{ submittedBy: string }>(
    `UPDATE organisation_paper SET verdict = $2, verified_by = $3, verified_at = $4
     WHERE organisation_id = $1 AND verdict IS NULL RETURNING submitted_by AS "submittedBy"`,
    [id, verdict, actor.personId, new Date(at)],
  );
  if (judged.length === 0) {
    throw new DomainError('CONFLICT', { field: 'organisation', expected: 'papers that nobody has looked at' });
  }
  if (judged.some(({ submittedBy }) => submittedBy === actor.personId)) {
    throw new DomainError('FORBIDDEN', { field: 'organisation', expected: 'papers that another person handed in' });
  }
  const missing = verdict === 'ACCEPTED' ? missingPapers(kind, await papersOf(tx, id, 'ACCEPTED'), at) : [];
  if (missing.length > 0) throw new DomainError('CONFLICT', { field: 'organisation', missing });
}

async function move(
  tx: Tx,
  actor: OrganisationActor,
  { id, state }: OrganisationFacts,
  { command, reason }: { readonly command: Exclude<OrganisationCommand, 'REGISTER'>; readonly reason: string | null },
  at: EpochMs,
): Promise<void> {
  const [suspended] = await tx.query<{ before: OrganisationState }>(
    `SELECT from_state AS before FROM organisation_transition WHERE organisation_id = $1 AND command = 'SUSPEND'
     ORDER BY at DESC, id DESC LIMIT 1`,
    [id],
  );
  const to = decideTransition(command, {
    state,
    before: suspended?.before ?? null,
    actor: actor === null ? 'SERVICE' : actor.organisationId === id ? 'OWN' : 'OTHER',
  });
  const moved = await tx.query(
    `UPDATE organisation SET state = $3, state_since = CASE WHEN state = $3 THEN state_since ELSE $4 END
     WHERE id = $1 AND state = $2 RETURNING 1`,
    [id, state, to, new Date(at)],
  );
  if (moved.length !== 1) throw new DomainError('CONFLICT', { field: 'organisation', value: state });
  await keepTransition(tx, actor, { id, command, from: state, to, reason }, at);
}

async function keepTransition(
  tx: Tx,
  actor: OrganisationActor,
  made: {
    readonly id: string;
    readonly command: OrganisationCommand;
    readonly from: OrganisationState | null;
    readonly to: OrganisationState;
    readonly reason: string | null;
  },
  at: EpochMs,
): Promise<void> {
  await tx.query(
    `INSERT INTO organisation_transition (id, organisation_id, command, from_state, to_state, at, actor_id, actor_organisation_id, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      newId(),
      made.id,
      made.command,
      made.from,
      made.to,
      new Date(at),
      actor?.personId ?? null,
      actor?.organisationId ?? null,
      made.reason,
    ],
  );
}

async function lock(tx: Tx, organisationId: string): Promise<OrganisationFacts> {
  const [row] = await tx.query<OrganisationFacts>('SELECT id, kind, state FROM organisation WHERE id = $1 FOR UPDATE', [
    organisationId,
  ]);
  if (row === undefined) throw new DomainError('NOT_FOUND', { field: 'organisation' });
  return row;
}

async function papersOf(tx: Tx, organisationId: string, which: 'ACCEPTED' | 'NOT_REFUSED'): Promise<PaperTerm[]> {
  const rows = await tx.query<{ kind: PaperKind; valid_from: Date; valid_to: Date | null }>(
    `SELECT kind, valid_from, valid_to FROM organisation_paper
     WHERE organisation_id = $1 AND ${which === 'ACCEPTED' ? `verdict = 'ACCEPTED'` : `verdict IS DISTINCT FROM 'REFUSED'`}`,
    [organisationId],
  );
  return rows.map(({ kind, valid_from, valid_to }) => ({
    kind,
    validFrom: valid_from.getTime(),
    validTo: valid_to?.getTime() ?? null,
  }));
}
