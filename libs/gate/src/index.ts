export {
  boxesCrossed,
  boxesRefused,
  decidePass,
  hasCrossed,
  type PassConsequences,
  type TruckVisit,
  type VisitEffect,
  type VisitsAround,
  type VisitTransaction,
} from './decide-pass.js';
export {
  addBoxToPass,
  knownPasses,
  loadPass,
  storePass,
  storeTransactions,
  visitsAround,
  type StoredPass,
} from './pass.store.js';
export type { BoxEvidence, PassException, ResolvedBox, ResolvedPass } from './resolved-pass.js';
export { gateEntities } from './entities/index.js';
