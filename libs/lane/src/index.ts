export type * from './gate-pass.js';
export type { AntennaRef, LaneConfig } from './lane-config.js';
export {
  UPLINK_MAX_BYTES,
  UPLINK_MAX_ITEMS,
  type DeviceHealth,
  type HealthReport,
  type RefusedInput,
  type UplinkAnswer,
  type UplinkBatch,
  type UplinkItem,
} from './uplink.js';
