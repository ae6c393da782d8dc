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
  shipmentsBegun,
  shipmentsByIds,
  shipmentsNumbered,
  shipmentsOfContainers,
  type LegRow,
  type ShipmentContainerRow,
  type ShipmentPartyRow,
  type ShipmentRow,
} from './shipments.queries.js';
export { shipmentsEntities } from './entities/index.js';
