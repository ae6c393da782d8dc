import { stateTable, type Transition } from '#libs/kernel';

/** USE: its gateway signed with it. REPLACE: another one was given out. OUTLIVE: that other one was used. */
export type MachineKeyCommand = 'USE' | 'REPLACE' | 'OUTLIVE' | 'REVOKE';
export type MachineKeyState = 'NEW' | 'ACTIVE' | 'RETIRING' | 'ENDED' | 'REVOKED';

/** A key begins as NEW. Its `ends_at` ends it too, whatever its state: an expiry, or the end of an overlap. */
export const MACHINE_KEY_STATES = stateTable<MachineKeyState, MachineKeyCommand>('NEW', {
  NEW: {
    means: 'given out and not used yet',
    meansZh: '已发放，尚未使用',
    to: { USE: 'ACTIVE', REPLACE: 'ENDED', REVOKE: 'REVOKED' },
  },
  ACTIVE: { means: 'the one in use', meansZh: '使用中', to: { REPLACE: 'RETIRING', REVOKE: 'REVOKED' } },
  RETIRING: {
    means: 'in use until the one that was given out after it is used',
    meansZh: '即将更换',
    to: { OUTLIVE: 'ENDED', REVOKE: 'REVOKED' },
  },
  ENDED: { means: 'replaced', meansZh: '已停用', to: {} },
  REVOKED: { means: 'taken away by a person', meansZh: '已吊销', to: {} },
});

export const MACHINE_KEY_STATE_NAMES = MACHINE_KEY_STATES.names;

/** Whether requests that are signed with it are taken: as long as something can still become of it. */
export function keySigns(state: MachineKeyState): boolean {
  return statesAfter(state).length > 0;
}

/** Where a key may go from here. */
export const statesAfter = (state: MachineKeyState): readonly MachineKeyState[] => MACHINE_KEY_STATES.after(state);

/** The table's word on a command, as the two parts of an UPDATE. */
export const transition = (command: MachineKeyCommand): Transition => MACHINE_KEY_STATES.transition(command);
