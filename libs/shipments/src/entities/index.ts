import { CompanyWindowEntity } from './company-window.entity.js';
import { LegEntity } from './leg.entity.js';
import { MilestoneEntity } from './milestone.entity.js';
import { ShipmentEntity } from './shipment.entity.js';
import { ShipmentChangeEntity } from './shipment-change.entity.js';
import { ShipmentContainerEntity } from './shipment-container.entity.js';
import { ShipmentNumberEntity } from './shipment-number.entity.js';
import { ShipmentPartyEntity } from './shipment-party.entity.js';
import { WindowGrantEntity } from './window-grant.entity.js';

/** The tables of this room, listed by hand. */
export const shipmentsEntities = [
  ShipmentEntity,
  ShipmentChangeEntity,
  ShipmentNumberEntity,
  ShipmentPartyEntity,
  ShipmentContainerEntity,
  LegEntity,
  MilestoneEntity,
  CompanyWindowEntity,
  WindowGrantEntity,
] as const;
