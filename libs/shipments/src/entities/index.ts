import { CompanyWindowEntity } from './company-window.entity.js';
import { LegEntity } from './leg.entity.js';
import { MilestoneEntity } from './milestone.entity.js';
import { ShipmentEntity } from './shipment.entity.js';
import { ShipmentContainerEntity } from './shipment-container.entity.js';
import { ShipmentPartyEntity } from './shipment-party.entity.js';

/** The tables of this room, listed by hand. */
export const shipmentsEntities = [
  ShipmentEntity,
  ShipmentPartyEntity,
  ShipmentContainerEntity,
  LegEntity,
  MilestoneEntity,
  CompanyWindowEntity,
] as const;
