import { OutboxEntity } from './outbox.entity.js';
import { TrackingEventEntity } from './tracking-event.entity.js';

/** The tables of this room, listed by hand. */
export const journalEntities = [TrackingEventEntity, OutboxEntity] as const;
