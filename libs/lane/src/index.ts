export type * from './gate-pass.js';
export type { AntennaRef, LaneConfig } from './lane-config.js';
export {
  CHANGE_KEY_HEADER,
  UPLINK_MAX_BYTES,
  UPLINK_MAX_ITEMS,
  type DeviceHealth,
  type EnrolAnswer,
  type EnrolRequest,
  type HealthReport,
  type RefusedInput,
  type UplinkAnswer,
  type UplinkBatch,
  type UplinkItem,
} from './uplink.js';
export { clockFault, DEFAULT_CLOCK_BOUNDS, type ClockBounds } from './clock-check.js';
export type { FusionCounters, LanesState } from './gateway-lanes.js';
export { nextLaneDeadline } from './lane-fusion.js';
export { DEFAULT_TIMINGS, type FusionTimings, type LaneState } from './lane-state.js';
export {
  advance,
  createPipelineState,
  numberItems,
  onReading,
  quietUntil,
  PIPELINE_DEFAULTS,
  reconfigure,
  type PipelineConfig,
  type PipelineItem,
  type PipelineState,
  type PipelineStep,
} from './pipeline.js';
