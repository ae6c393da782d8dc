import { DomainError } from '#libs/kernel';

export type OrganisationState =
  'REGISTERED' | 'SUBMITTED' | 'VERIFYING' | 'VERIFIED' | 'REJECTED' | 'EXPIRED' | 'SUSPENDED';

export type OrganisationCommand = 'REGISTER' | 'SUBMIT' | 'BEGIN' | 'VERIFY' | 'REJECT' | 'EXPIRE' | 'SUSPEND' | 'LIFT';

interface StateRow {
  readonly meaning: string;
  readonly meaningZh: string;
  /** Command → where it leads; BEFORE: to the state that the organisation was suspended in. */
  readonly next: Readonly<Partial<Record<OrganisationCommand, OrganisationState | 'BEFORE'>>>;
}

/** Real-name verification (实名认证). Handing in, taking and refusing new papers leaves a verified organisation verified. */
export const ORGANISATION_STATES: Readonly<Record<OrganisationState, StateRow>> = {
  REGISTERED: {
    meaning: 'Known by name; its papers are not handed in.',
    meaningZh: '已注册',
    next: { SUBMIT: 'SUBMITTED', SUSPEND: 'SUSPENDED' },
  },
  SUBMITTED: {
    meaning: 'All papers that its kind needs are handed in.',
    meaningZh: '已提交',
    next: { SUBMIT: 'SUBMITTED', BEGIN: 'VERIFYING', SUSPEND: 'SUSPENDED' },
  },
  VERIFYING: {
    meaning: 'The platform operator compares the papers with their issuers.',
    meaningZh: '核验中',
    next: { VERIFY: 'VERIFIED', REJECT: 'REJECTED', SUSPEND: 'SUSPENDED' },
  },
  VERIFIED: {
    meaning: 'A member: its name is verified and no paper that it needs has run out.',
    meaningZh: '已认证',
    next: { SUBMIT: 'VERIFIED', VERIFY: 'VERIFIED', REJECT: 'VERIFIED', EXPIRE: 'EXPIRED', SUSPEND: 'SUSPENDED' },
  },
  REJECTED: {
    meaning: 'The papers were not found right; new ones may be handed in.',
    meaningZh: '已驳回',
    next: { SUBMIT: 'SUBMITTED', SUSPEND: 'SUSPENDED' },
  },
  EXPIRED: {
    meaning: 'A paper that it needs has run out.',
    meaningZh: '证照过期',
    next: { SUBMIT: 'SUBMITTED', SUSPEND: 'SUSPENDED' },
  },
  SUSPENDED: {
    meaning: 'Nobody acts for it or reads in its name until it is lifted.',
    meaningZh: '已停用',
    next: { LIFT: 'BEFORE' },
  },
};

export const FIRST_STATE: OrganisationState = 'REGISTERED';

interface CommandRow {
  /** OTHERS: nobody for their own organisation. SERVICE: no person at all. */
  readonly by: 'ANYBODY' | 'OTHERS' | 'SERVICE';
  readonly needsReason: boolean;
}

export const ORGANISATION_COMMANDS: Readonly<Record<OrganisationCommand, CommandRow>> = {
  REGISTER: { by: 'OTHERS', needsReason: false },
  SUBMIT: { by: 'ANYBODY', needsReason: false },
  BEGIN: { by: 'OTHERS', needsReason: false },
  VERIFY: { by: 'OTHERS', needsReason: false },
  REJECT: { by: 'OTHERS', needsReason: true },
  EXPIRE: { by: 'SERVICE', needsReason: true },
  SUSPEND: { by: 'OTHERS', needsReason: true },
  LIFT: { by: 'OTHERS', needsReason: true },
};

checkStates(ORGANISATION_STATES);

type StateTable = Readonly<Record<string, { readonly next: Readonly<Record<string, string>> }>>;

/** @throws Error for a target that is no state, a state that nothing leads to, and a command that no state takes */
export function checkStates(table: StateTable, first: string = FIRST_STATE): void {
  const states = Object.keys(table);
  const targets = Object.values(table).flatMap(({ next }) => Object.values(next));
  const unknown = [first, ...targets].filter((state) => state !== 'BEFORE' && !states.includes(state));
  if (unknown.length > 0) throw new Error(`The table leads to ${unknown.join(', ')}, which is no state of it`);
  const reached = new Set([first]);
  for (const state of reached) for (const target of Object.values(table[state]?.next ?? {})) reached.add(target);
  const lost = states.filter((state) => !reached.has(state));
  if (lost.length > 0) throw new Error(`Nothing leads to ${lost.join(', ')}`);
  const commands = new Set(Object.values(table).flatMap(({ next }) => Object.keys(next)));
  const idle = Object.keys(ORGANISATION_COMMANDS).filter((command) => command !== 'REGISTER' && !commands.has(command));
  if (idle.length > 0) throw new Error(`No state takes ${idle.join(', ')}`);
}

/** What is asked of an organisation, and by whom. */
export interface Proceeding {
  readonly state: OrganisationState;
  /** The state that it was suspended in; null when it never was. */
  readonly before: OrganisationState | null;
  /** Whose word it is: OWN for somebody of the organisation itself. */
  readonly actor: 'OWN' | 'OTHER' | 'SERVICE';
}

/**
 * Where a command leads.
 * @throws DomainError CONFLICT when the state does not take it; FORBIDDEN when it is not the actor's to say
 */
export function decideTransition(
  command: OrganisationCommand,
  { state, before, actor }: Proceeding,
): OrganisationState {
  const { by } = ORGANISATION_COMMANDS[command];
  if ((by === 'SERVICE') !== (actor === 'SERVICE') || (by === 'OTHERS' && actor === 'OWN')) {
    throw new DomainError('FORBIDDEN', { field: 'organisation', expected: 'an organisation that is not your own' });
  }
  const target = ORGANISATION_STATES[state].next[command];
  const to = target === 'BEFORE' ? before : target;
  if (to === undefined || to === null) {
    throw new DomainError('CONFLICT', {
      field: 'organisation',
      value: state,
      expected: statesThatTake(command).join(' or '),
    });
  }
  return to;
}

/** Where it may go from here, in the order of the table. */
export function nextStates(state: OrganisationState, before: OrganisationState | null): readonly OrganisationState[] {
  const targets = Object.values(ORGANISATION_STATES[state].next).map((to) => (to === 'BEFORE' ? before : to));
  return (Object.keys(ORGANISATION_STATES) as OrganisationState[]).filter(
    (candidate) => candidate !== state && targets.includes(candidate),
  );
}

function statesThatTake(command: OrganisationCommand): readonly OrganisationState[] {
  return (Object.keys(ORGANISATION_STATES) as OrganisationState[]).filter(
    (state) => ORGANISATION_STATES[state].next[command] !== undefined,
  );
}
