import { AlertEntity } from './alert.entity.js';
import { GatePassEntity } from './gate-pass.entity.js';
import { PassContainerEntity } from './pass-container.entity.js';
import { PassSealEntity } from './pass-seal.entity.js';
import { TruckVisitEntity } from './truck-visit.entity.js';
import { UnresolvedObservationEntity } from './unresolved-observation.entity.js';
import { VisitTransactionEntity } from './visit-transaction.entity.js';

/** The tables of this room, listed by hand. */
export const gateEntities = [
  TruckVisitEntity,
  VisitTransactionEntity,
  GatePassEntity,
  PassContainerEntity,
  PassSealEntity,
  UnresolvedObservationEntity,
  AlertEntity,
] as const;
