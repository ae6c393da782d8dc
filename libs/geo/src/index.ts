export {
  bd09ToGcj02,
  bd09ToWgs84,
  gcj02ToBd09,
  gcj02ToWgs84,
  isShiftedArea,
  wgs84ToBd09,
  wgs84ToGcj02,
} from './coordinates.js';
export { correctionOf, foldFixes, type FenceCorrection, type Folded } from './fence-fold.js';
export { createFenceIndex, type FenceIndex, type SegmentCrossing } from './fence-index.js';
export {
  DEFAULT_FENCE_POLICY,
  INITIAL_FENCE_STATE,
  type AssetFenceState,
  type Candidate,
  type FenceEvent,
  type FenceItem,
  type FencePolicy,
  type FenceStep,
  type Fix,
  type Placement,
  type Side,
  type Verdict,
  type Waypoint,
  type ZoneCrossed,
  type ZoneEntered,
  type ZoneExited,
  type ZoneState,
} from './fence-model.js';
export { place, step } from './fence-rules.js';
export { bearingDeg, distanceM, EARTH_RADIUS_M, interpolate, type LonLat } from './sphere.js';
export type {
  CircleGeometry,
  CorridorGeometry,
  FenceZone,
  MultiPolygonGeometry,
  PolygonGeometry,
  Position,
  ZoneGeometry,
} from './zone-geometry.js';
