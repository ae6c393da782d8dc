import { describe, expect, it } from '@jest/globals';
import { MACHINE_KEY_STATE_NAMES, MACHINE_KEY_STATES, keySigns, statesAfter, transition } from './key-states.js';

describe('the states of a machine’s key', () => {
  it('lead nowhere from where nothing is signed any more', () => {
    for (const state of MACHINE_KEY_STATE_NAMES.filter((name) => !keySigns(name)))
      expect(statesAfter(state)).toEqual([]);
  });

  it('let a person take away every key that signs', () => {
    const live = MACHINE_KEY_STATE_NAMES.filter(keySigns);
    expect(live.map((state) => MACHINE_KEY_STATES.rows[state].to)).toEqual(
      live.map(() => expect.objectContaining({ REVOKE: 'REVOKED' })),
    );
  });

  it('give a command to the rows of its states alone', () => {
    expect(transition('REPLACE')).toEqual({
      set: `CASE state WHEN 'NEW' THEN 'ENDED' WHEN 'ACTIVE' THEN 'RETIRING' END`,
      where: `state IN ('NEW', 'ACTIVE')`,
    });
  });
});
