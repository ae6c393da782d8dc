export { advance, createWorld, type WorldOptions } from './advance.js';
export { planSite, type PlannedBox, type SitePlan } from './site-plan.js';
export { answers, radioField } from './radio.js';
export { createRandom, drawNormal, hashToUnit, type RandomState } from './random.js';
export {
  edgeOf,
  inLaneM,
  motionOf,
  type LineBody,
  type Motion,
  type Signal,
  type TruckState,
  type World,
} from './world.js';
