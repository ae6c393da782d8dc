import { DomainError, stateTable } from '#libs/kernel';

export type OrganisationState =
  'REGISTERED' | 'SUBMITTED' | 'VERIFYING' | 'VERIFIED' | 'REJECTED' | 'EXPIRED' | 'SUSPENDED';

/** LIFT leads back to where the organisation was suspended, which no table knows. */
type Leading = 'SUBMIT' | 'BEGIN' | 'VERIFY' | 'REJECT' | 'EXPIRE' | 'SUSPEND';
export type OrganisationCommand = 'REGISTER' | Leading | 'LIFT';

/** Real-name verification (实名认证). Handing in, taking and refusing new papers leaves a verified organisation verified. */
export const ORGANISATION_STATES = stateTable<OrganisationState, Leading>('REGISTERED', {
  REGISTERED: {
    means: 'Known by name; its papers are not handed in.',
    meansZh: '已注册',
    to: { SUBMIT: 'SUBMITTED', SUSPEND: 'SUSPENDED' },
  },
  SUBMITTED: {
    means: 'All papers that its kind needs are handed in.',
    meansZh: '已提交',
    to: { SUBMIT: 'SUBMITTED', BEGIN: 'VERIFYING', SUSPEND: 'SUSPENDED' },
  },
  VERIFYING: {
    means: 'The platform operator compares the papers with their issuers.',
    meansZh: '核验中',
    to: { VERIFY: 'VERIFIED', REJECT: 'REJECTED', SUSPEND: 'SUSPENDED' },
  },
  VERIFIED: {
    means: 'A member: its name is verified and no paper that it needs has run out.',
    meansZh: '已认证',
    to: { SUBMIT: 'VERIFIED', VERIFY: 'VERIFIED', REJECT: 'VERIFIED', EXPIRE: 'EXPIRED', SUSPEND: 'SUSPENDED' },
  },
  REJECTED: {
    means: 'The papers were not found right; new ones may be handed in.',
    meansZh: '已驳回',
    to: { SUBMIT: 'SUBMITTED', SUSPEND: 'SUSPENDED' },
  },
  EXPIRED: {
    means: 'A paper that it needs has run out.',
    meansZh: '证照过期',
    to: { SUBMIT: 'SUBMITTED', SUSPEND: 'SUSPENDED' },
  },
  SUSPENDED: {
    means: 'Nobody acts for it or reads in its name until it is lifted.',
    meansZh: '已停用',
    to: {},
  },
});

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
  command: Exclude<OrganisationCommand, 'REGISTER'>,
  { state, before, actor }: Proceeding,
): OrganisationState {
  const { by } = ORGANISATION_COMMANDS[command];
  if ((by === 'SERVICE') !== (actor === 'SERVICE') || (by === 'OTHERS' && actor === 'OWN')) {
    throw new DomainError('FORBIDDEN', { field: 'organisation', expected: 'an organisation that is not your own' });
  }
  if (command !== 'LIFT') return ORGANISATION_STATES.decide(state, command);
  if (state !== 'SUSPENDED' || before === null) {
    throw new DomainError('CONFLICT', { field: 'state', value: state, command, expected: 'SUSPENDED' });
  }
  return before;
}

/** Where it may go from here, in the order of the table. */
export function nextStates(state: OrganisationState, before: OrganisationState | null): readonly OrganisationState[] {
  const targets = state === 'SUSPENDED' ? [before] : ORGANISATION_STATES.after(state);
  return ORGANISATION_STATES.names.filter((candidate) => candidate !== state && targets.includes(candidate));
}
