export {
  kindsOfMilestone,
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
  PARTIES_OF_SHIPMENT,
  SHIPMENT_COLUMNS,
  SHIPMENTS_BY_ID,
  SHIPMENTS_BY_REFERENCE,
  SHIPMENTS_OF_CONTAINER,
  type LegRow,
  type ShipmentContainerRow,
  type ShipmentPartyRow,
  type ShipmentRow,
} from './shipments.queries.js';
export { shipmentsEntities } from './entities/index.js';
