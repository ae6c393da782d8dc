import { AsyncLocalStorage } from 'node:async_hooks';
import { recordWith, type AuditFact, type Outcome } from '#libs/audit';
import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { GraphQLResolveInfo } from 'graphql';
import type { Demand } from '../api/shared/policy-table.js';
import type { RequestContext } from '../api/shared/request-context.js';
import { askedOf, idsIn, isStream, rowsOf } from './asked.js';
import { dutyOf, type Duty } from './duty.js';

type Unended = Omit<AuditFact, 'outcome' | 'rows'>;

/** A command under way that is to be recorded with what it stores. */
interface Command {
  readonly fact: Unended;
  isRecorded: boolean;
}

/** Characters of what was asked for at a door. */
const MOST_KEY = 100;

const commands = new AsyncLocalStorage<Command>();

/** What is asked of the API: a row of the policy, and who asks. */
export interface Asking {
  readonly operation: string;
  readonly context: RequestContext;
  readonly args: unknown;
  readonly info: GraphQLResolveInfo;
  /** Throws for whoever may not. */
  readonly allow: () => void;
}

/**
 * Does what is asked as the audit has it: a read is answered behind the commit of its record, a refusal as well, and a command
 * is recorded in its own transaction, or here when it failed or has none.
 * @throws DomainError CASE_NUMBER_REQUIRED; UNAVAILABLE when it cannot be recorded; whatever `work` throws
 */
export function audited(asking: Asking, work: () => unknown): unknown {
  const { context, operation } = asking;
  const role = context.principalIfKnown?.role;
  const duty = role === undefined ? null : dutyOf(operation, role);
  if (duty !== null) return auditedBy(duty, asking, work);
  asking.allow();
  return work();
}

async function auditedBy(
  duty: Duty,
  { operation, context, args, info, allow }: Asking,
  work: () => unknown,
): Promise<unknown> {
  const { account, principal } = context;
  const command: Command = {
    fact: {
      actor: account.actor(principal),
      operation,
      caseNumber: account.caseNumberIfValid,
      ...askedOf(operation, args as Record<string, unknown>, info),
    },
    isRecorded: false,
  };
  const record = (outcome: Outcome, rows: number | null): Promise<void> =>
    account.trail.record({ ...command.fact, outcome, rows });
  let answer: unknown;
  try {
    allow();
    if (duty.needsCase) account.requireCaseNumber(operation);
    answer = await commands.run(command, work);
  } catch (error) {
    const outcome = error instanceof DomainError ? error.code : 'INTERNAL';
    if (duty.records === 'ALWAYS' || REFUSALS.has(outcome)) await record(outcome, null);
    throw error;
  }
  if (duty.records === 'ALWAYS') {
    if (!command.isRecorded) await record('DONE', rowsOf(answer)).catch((error: unknown) => abandon(answer, error));
  } else if (answer === null && operation === 'Query.node') await record('NOT_FOUND', 0);
  return answer;
}

/**
 * That somebody may come in at a door beside the API; else the refusal is answered behind its record, as the API's are.
 * @param key what was asked for there
 * @throws DomainError UNAUTHENTICATED, FORBIDDEN, SECOND_FACTOR_REQUIRED; UNAVAILABLE when it cannot be recorded
 */
export async function meetAtDoor(context: RequestContext, demand: Demand, key: string): Promise<void> {
  const refusal = context.refusalOf(demand);
  if (refusal === null) return;
  const { account, principal } = context;
  if (dutyOf(demand.operation, principal.role) !== null) {
    await account.trail.record({
      actor: account.actor(principal),
      operation: demand.operation,
      subject: { type: null, keys: [key.slice(0, MOST_KEY)] },
      asked: null,
      rows: null,
      caseNumber: account.caseNumberIfValid,
      outcome: refusal.code,
    });
  }
  throw refusal;
}

/** A subscription that nobody will read holds a place in the hub until it is told so. */
async function abandon(answer: unknown, error: unknown): Promise<never> {
  if (isStream(answer)) await answer.return?.();
  throw error;
}

const REFUSALS: ReadonlySet<Outcome> = new Set(['FORBIDDEN', 'NOT_FOUND', 'SECOND_FACTOR_REQUIRED']);

/** At the head of each attempt at a command's transaction. */
export function beginCommand(): void {
  const command = commands.getStore();
  if (command !== undefined) command.isRecorded = false;
}

/**
 * At the end of a command's transaction: its record, when it is one that is audited.
 * @param answer whose ids say what came to be
 */
export async function recordCommand(tx: Tx, answer: unknown): Promise<void> {
  const command = commands.getStore();
  if (command === undefined || !command.fact.operation.startsWith('Mutation.')) return;
  const { subject } = command.fact;
  const keys = [...new Set([...subject.keys, ...idsIn(answer)])];
  await recordWith(tx, { ...command.fact, subject: { ...subject, keys }, outcome: 'DONE', rows: 1 });
  command.isRecorded = true;
}
