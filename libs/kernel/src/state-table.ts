import { DomainError } from './domain-error.js';

export interface StateRow<State extends string, Command extends string> {
  /** For people. */
  readonly means: string;
  readonly meansZh: string;
  /** Where each command leads; a command that is not named is refused here. */
  readonly to: Readonly<Partial<Record<Command, State>>>;
}

/** The two parts of `UPDATE … SET state = <set> WHERE <where>`: the database holds the transition, and the row count says whether it was one. */
export interface Transition {
  readonly set: string;
  readonly where: string;
}

/** A state machine as data: its rows give the types, the guard in the database, what may follow, and the refusals. */
export interface StateTable<State extends string, Command extends string> {
  readonly initial: State;
  readonly names: readonly State[];
  readonly rows: Readonly<Record<State, StateRow<State, Command>>>;
  /** Where it may go from here, each once, in the order of the row. */
  after(state: State): readonly State[];
  /** @throws DomainError CONFLICT when the state does not know the command */
  decide(state: State, command: Command): State;
  /** @param column of the state; the values are the table's own words, so the text holds nothing from outside */
  transition(command: Command, column?: string): Transition;
}

/** @throws Error when a state has no row, or cannot be reached from the initial one */
export function stateTable<State extends string, Command extends string>(
  initial: State,
  rows: Readonly<Record<State, StateRow<State, Command>>>,
): StateTable<State, Command> {
  const names = Object.keys(rows) as State[];
  const after = (state: State): readonly State[] => [
    ...new Set(Object.values<State | undefined>(rows[state].to).filter((next) => next !== undefined)),
  ];
  const unknown = names.flatMap(after).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`No row for ${unknown.join(', ')}`);
  const reached = new Set<State>([initial]);
  for (const state of reached) for (const next of after(state)) reached.add(next);
  const lost = names.filter((name) => !reached.has(name));
  if (lost.length > 0) throw new Error(`No state leads to ${lost.join(', ')}`);
  return {
    initial,
    names,
    rows,
    after,
    decide(state, command) {
      const next = rows[state].to[command];
      if (next === undefined) {
        const known = Object.keys(rows[state].to).join(', ');
        throw new DomainError('CONFLICT', {
          field: 'state',
          value: state,
          command,
          expected: known === '' ? 'another state' : `one of ${known}`,
        });
      }
      return next;
    },
    transition(command, column = 'state') {
      const moves = names.flatMap((from) => {
        const to = rows[from].to[command];
        return to === undefined ? [] : [{ from, to }];
      });
      return {
        set: `CASE ${column} ${moves.map(({ from, to }) => `WHEN '${from}' THEN '${to}'`).join(' ')} END`,
        where: `${column} IN (${moves.map(({ from }) => `'${from}'`).join(', ')})`,
      };
    },
  };
}
