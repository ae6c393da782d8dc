import { describe, expect, it } from '@jest/globals';
import { stateTable, type StateRow } from './state-table.js';

type Command = 'OPEN' | 'SHUT' | 'LOCK';
const row = (to: Partial<Record<Command, string>>): StateRow<string, Command> => ({ means: '', meansZh: '', to });
const door = stateTable<'SHUT' | 'OPEN' | 'LOCKED', Command>('SHUT', {
  SHUT: { means: 'shut', meansZh: '关', to: { OPEN: 'OPEN', LOCK: 'LOCKED' } },
  OPEN: { means: 'open', meansZh: '开', to: { SHUT: 'SHUT' } },
  LOCKED: { means: 'locked', meansZh: '锁', to: { SHUT: 'SHUT' } },
});

describe('a state table', () => {
  it('leads from state to state by its commands, and refuses the others with what would be right', () => {
    expect(door.decide('SHUT', 'LOCK')).toBe('LOCKED');
    expect(door.after('SHUT')).toEqual(['OPEN', 'LOCKED']);
    expect(() => door.decide('OPEN', 'LOCK')).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        details: { field: 'state', value: 'OPEN', command: 'LOCK', expected: 'one of SHUT' },
      }),
    );
  });

  it('gives the guard of an UPDATE', () => {
    expect(door.transition('SHUT')).toEqual({
      set: `CASE state WHEN 'OPEN' THEN 'SHUT' WHEN 'LOCKED' THEN 'SHUT' END`,
      where: `state IN ('OPEN', 'LOCKED')`,
    });
  });

  it('is refused when loaded with a state that nothing leads to, or that has no row', () => {
    expect(() => stateTable('A', { A: row({}), B: row({ OPEN: 'A' }) })).toThrow('No state leads to B');
    expect(() => stateTable('A', { A: row({ OPEN: 'C' }) })).toThrow('No row for C');
  });
});
