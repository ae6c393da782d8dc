import { InspectionTargetEntity } from './inspection-target.entity.js';

/** The tables of this room, listed by hand. */
export const targetingEntities = [InspectionTargetEntity] as const;
