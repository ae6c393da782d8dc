import { describe, expect, it } from '@jest/globals';
import { decideTransition, nextStates, ORGANISATION_STATES } from './organisation.states.js';

const other = { before: null, actor: 'OTHER' } as const;

describe('the states of an organisation', () => {
  it.each([
    ['SUBMIT', 'REGISTERED', 'SUBMITTED'],
    ['BEGIN', 'SUBMITTED', 'VERIFYING'],
    ['VERIFY', 'VERIFYING', 'VERIFIED'],
    ['REJECT', 'VERIFYING', 'REJECTED'],
    ['SUBMIT', 'REJECTED', 'SUBMITTED'],
    ['SUBMIT', 'EXPIRED', 'SUBMITTED'],
    ['SUBMIT', 'VERIFIED', 'VERIFIED'],
    ['VERIFY', 'VERIFIED', 'VERIFIED'],
    ['REJECT', 'VERIFIED', 'VERIFIED'],
    ['SUSPEND', 'VERIFYING', 'SUSPENDED'],
  ] as const)('are led by %s from %s to %s', (command, state, to) => {
    expect(decideTransition(command, { ...other, state })).toBe(to);
  });

  it.each([
    ['VERIFY', 'SUBMITTED'],
    ['VERIFY', 'REGISTERED'],
    ['VERIFY', 'SUSPENDED'],
    ['BEGIN', 'VERIFIED'],
    ['SUBMIT', 'VERIFYING'],
    ['SUSPEND', 'SUSPENDED'],
    ['LIFT', 'VERIFIED'],
  ] as const)('refuse %s in %s and name the state', (command, state) => {
    expect(() => decideTransition(command, { ...other, state })).toThrow(
      expect.objectContaining({ code: 'CONFLICT', details: expect.objectContaining({ value: state }) as unknown }),
    );
  });

  it('go back from a suspension to where it came from', () => {
    for (const before of ['REGISTERED', 'VERIFIED', 'EXPIRED'] as const) {
      expect(decideTransition('LIFT', { state: 'SUSPENDED', before, actor: 'OTHER' })).toBe(before);
      expect(nextStates('SUSPENDED', before)).toEqual([before]);
    }
  });

  it.each(['BEGIN', 'VERIFY', 'REJECT', 'SUSPEND', 'LIFT'] as const)(
    'are led by %s by nobody of its own',
    (command) => {
      for (const state of ORGANISATION_STATES.names) {
        expect(() => decideTransition(command, { state, before: 'VERIFIED', actor: 'OWN' })).toThrow(
          expect.objectContaining({ code: 'FORBIDDEN' }),
        );
      }
    },
  );

  it('end by expiry at the word of the service alone', () => {
    expect(decideTransition('EXPIRE', { state: 'VERIFIED', before: null, actor: 'SERVICE' })).toBe('EXPIRED');
    expect(() => decideTransition('EXPIRE', { ...other, state: 'VERIFIED' })).toThrow();
    expect(() => decideTransition('VERIFY', { state: 'VERIFYING', before: null, actor: 'SERVICE' })).toThrow();
  });

  it('are told ahead without the one that it is in', () => {
    expect(nextStates('VERIFIED', null)).toEqual(['EXPIRED', 'SUSPENDED']);
    expect(nextStates('VERIFYING', null)).toEqual(['VERIFIED', 'REJECTED', 'SUSPENDED']);
  });
});
