import { describe, expect, it } from '@jest/globals';
import { TARGET_STATES, type TargetCommand } from './target.states.js';

const COMMANDS: readonly TargetCommand[] = ['NOTICE', 'WITHDRAW', 'RELEASE'];

describe('a selection for inspection', () => {
  it('is announced and then released, or withdrawn before anybody was told, and nothing else', () => {
    const moves = TARGET_STATES.names.flatMap((from) =>
      COMMANDS.flatMap((command) => {
        const to = TARGET_STATES.rows[from].to[command];
        return to === undefined ? [] : [`${from} ${command} ${to}`];
      }),
    );
    expect(moves).toEqual(['SELECTED NOTICE NOTIFIED', 'SELECTED WITHDRAW WITHDRAWN', 'NOTIFIED RELEASE RELEASED']);
  });

  it('cannot be taken back once somebody was told', () => {
    expect(() => TARGET_STATES.decide('NOTIFIED', 'WITHDRAW')).toThrow(
      expect.objectContaining({ code: 'CONFLICT', details: expect.objectContaining({ value: 'NOTIFIED' }) }),
    );
  });
});
