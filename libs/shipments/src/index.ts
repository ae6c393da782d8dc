export {
  kindsOfMilestone,
  milestonesAhead,
  milestonesOfShipments,
  shipmentStatus,
  type MilestoneReachedRow,
  type MilestoneRow,
  type ShipmentStatus,
} from './milestones.js';
export {
  containersOfShipments,
  legsOfShipments,
  newestShipments,
  partiesOfShipments,
  SHIPMENT_COLUMNS,
  shipmentByReference,
  shipmentsByIds,
  shipmentsOfContainers,
  type LegRow,
  type ShipmentContainerRow,
  type ShipmentPartyRow,
  type ShipmentRow,
} from './shipments.queries.js';
export { shipmentsEntities } from './entities/index.js';
export { bookShipment, type Booking } from './booking.js';
export type { BookedParty } from './decide-windows.js';
export { grantWindow, withdrawWindow, type Grant } from './grant.commands.js';
export { PARTY_SIGHT, type Sight } from './party-sight.js';
export {
  endShipment,
  mergeShipments,
  releaseContainer,
  rollOver,
  splitShipment,
  swapContainer,
  type RollOver,
  type Split,
} from './shipment.commands.js';
export { SHIPMENT_CHANGES, type ShipmentChangeKind } from './shipment.states.js';
export type { ShipmentActor } from './shipment.store.js';
