export {
  milestonesAhead,
  MILESTONES_OF_SHIPMENT,
  shipmentStatus,
  type MilestoneReachedRow,
  type MilestoneRow,
  type ShipmentStatus,
} from './milestones.js';
export {
  CONTAINERS_OF_SHIPMENT,
  LEGS_OF_SHIPMENT,
  newestShipments,
  NUMBERS_OF_SHIPMENT,
  PARTIES_OF_SHIPMENT,
  SHIPMENT_COLUMNS,
  SHIPMENTS_BY_ID,
  SHIPMENTS_BY_REFERENCE,
  SHIPMENTS_OF_CONTAINER,
  shipmentsBegun,
  shipmentsNumbered,
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
