import { stateTable } from '#libs/kernel';

/** RESUME and PAUSE are people's words, DISABLE is ours, REMOVE ends it for good. */
export type EndpointCommand = 'PAUSE' | 'RESUME' | 'DISABLE' | 'REMOVE';
export type EndpointState = 'ACTIVE' | 'PAUSED' | 'DISABLED' | 'REMOVED';

export const ENDPOINT_STATES = stateTable<EndpointState, EndpointCommand>('ACTIVE', {
  ACTIVE: {
    means: 'is told of what happens',
    meansZh: '启用',
    to: { PAUSE: 'PAUSED', DISABLE: 'DISABLED', REMOVE: 'REMOVED' },
  },
  PAUSED: {
    means: 'is told nothing until it is resumed, and then all',
    meansZh: '暂停',
    to: { RESUME: 'ACTIVE', REMOVE: 'REMOVED' },
  },
  DISABLED: {
    means: 'took nothing for days, said that it is gone, or its maker may no longer read; resumed, it is told all',
    meansZh: '停用',
    to: { RESUME: 'ACTIVE', REMOVE: 'REMOVED' },
  },
  REMOVED: { means: 'is no more', meansZh: '已删除', to: {} },
});

export type DeliveryCommand = 'TAKE' | 'GIVE_UP' | 'WITHHOLD' | 'RETRY';
export type DeliveryState = 'PENDING' | 'DELIVERED' | 'DEAD' | 'WITHHELD';

export const DELIVERY_STATES = stateTable<DeliveryState, DeliveryCommand>('PENDING', {
  PENDING: {
    means: 'waits for its next attempt',
    meansZh: '待投递',
    to: { TAKE: 'DELIVERED', GIVE_UP: 'DEAD', WITHHOLD: 'WITHHELD' },
  },
  DELIVERED: { means: 'was answered with 2xx', meansZh: '已投递', to: { RETRY: 'PENDING' } },
  DEAD: { means: 'was tried to the end of its pauses, and is kept', meansZh: '死信', to: { RETRY: 'PENDING' } },
  WITHHELD: { means: 'its reader may no longer see the event', meansZh: '已扣留', to: { RETRY: 'PENDING' } },
});

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;

/** Before each further attempt, ms: eleven attempts in some three days. */
export const DELIVERY_PAUSES_MS: readonly number[] = [
  5 * S,
  30 * S,
  2 * MIN,
  10 * MIN,
  30 * MIN,
  1 * H,
  3 * H,
  8 * H,
  20 * H,
  40 * H,
];
