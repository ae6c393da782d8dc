export type * from './device-adapter.js';
export type * from './observations.js';
export type * from './readings.js';
export {
  advanceSmoothing,
  closeVisits,
  createSmoothingState,
  DEFAULT_SMOOTHING,
  isTagReading,
  reconfigureSmoothing,
  smoothTagRead,
  stronger,
  type OpenVisit,
  type SmoothingConfig,
  type SmoothingCounters,
  type SmoothingState,
  type SmoothingStep,
  type TagReading,
} from './smoothing.js';
