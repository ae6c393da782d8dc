import { stateTable } from '#libs/kernel';

export type TargetCommand = 'NOTICE' | 'WITHDRAW' | 'RELEASE';
export type TargetState = 'SELECTED' | 'NOTIFIED' | 'RELEASED' | 'WITHDRAWN';

/** A selection for inspection. Up to NOTICE, and for good behind WITHDRAW, nobody but customs knows that there was one. */
export const TARGET_STATES = stateTable<TargetState, TargetCommand>('SELECTED', {
  SELECTED: {
    means: 'chosen for inspection; known to customs of the district alone',
    meansZh: '已布控',
    to: { NOTICE: 'NOTIFIED', WITHDRAW: 'WITHDRAWN' },
  },
  NOTIFIED: { means: 'the inspection was announced', meansZh: '已通知查验', to: { RELEASE: 'RELEASED' } },
  RELEASED: { means: 'customs are done with the box', meansZh: '查验放行', to: {} },
  WITHDRAWN: { means: 'given up before anybody was told', meansZh: '已撤销布控', to: {} },
});
