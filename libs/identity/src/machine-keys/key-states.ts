/** USE: its gateway signed with it. REPLACE: another one was given out. OUTLIVE: that other one was used. */
export type MachineKeyCommand = 'USE' | 'REPLACE' | 'OUTLIVE' | 'REVOKE';

interface StateRow<State extends string> {
  readonly means: string;
  /** Whether requests that are signed with it are taken. */
  readonly signs: boolean;
  readonly to: Readonly<Partial<Record<MachineKeyCommand, State>>>;
}

/** A key begins as NEW. Its `ends_at` ends it too, whatever its state: an expiry, or the end of an overlap. */
export const MACHINE_KEY_STATES = {
  NEW: {
    means: 'given out and not used yet',
    signs: true,
    to: { USE: 'ACTIVE', REPLACE: 'ENDED', REVOKE: 'REVOKED' },
  },
  ACTIVE: { means: 'the one in use', signs: true, to: { REPLACE: 'RETIRING', REVOKE: 'REVOKED' } },
  RETIRING: {
    means: 'in use until the one that was given out after it is used',
    signs: true,
    to: { OUTLIVE: 'ENDED', REVOKE: 'REVOKED' },
  },
  ENDED: { means: 'replaced', signs: false, to: {} },
  REVOKED: { means: 'taken away by a person', signs: false, to: {} },
} as const satisfies Record<string, StateRow<'NEW' | 'ACTIVE' | 'RETIRING' | 'ENDED' | 'REVOKED'>>;

export type MachineKeyState = keyof typeof MACHINE_KEY_STATES;

const TABLE: Readonly<Record<MachineKeyState, StateRow<MachineKeyState>>> = MACHINE_KEY_STATES;
export const MACHINE_KEY_STATE_NAMES = Object.keys(TABLE) as readonly MachineKeyState[];

export function keySigns(state: MachineKeyState): boolean {
  return TABLE[state].signs;
}

/** Where a key may go from here. */
export function statesAfter(state: MachineKeyState): readonly MachineKeyState[] {
  return [...new Set(Object.values(TABLE[state].to))];
}

export interface Transition {
  /** SQL: the state behind the command, from the row's `state`. */
  readonly set: string;
  /** SQL: which rows it can be given to. */
  readonly where: string;
}

/** The table's word on a command, as the two parts of an UPDATE. */
export function transition(command: MachineKeyCommand): Transition {
  const moves = MACHINE_KEY_STATE_NAMES.flatMap((from) => {
    const to = TABLE[from].to[command];
    return to === undefined ? [] : [{ from, to }];
  });
  return {
    set: `CASE state ${moves.map(({ from, to }) => `WHEN '${from}' THEN '${to}'`).join(' ')} END`,
    where: `state IN (${moves.map(({ from }) => `'${from}'`).join(', ')})`,
  };
}

refuseUnreachable();

/** @throws Error at loading when a state cannot be reached from NEW */
function refuseUnreachable(): void {
  const reached = new Set<MachineKeyState>(['NEW']);
  for (const state of reached) for (const next of statesAfter(state)) reached.add(next);
  const lost = MACHINE_KEY_STATE_NAMES.filter((state) => !reached.has(state));
  if (lost.length > 0) throw new Error(`no key can become ${lost.join(', ')}`);
}
