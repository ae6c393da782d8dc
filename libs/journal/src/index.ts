export { announce, appendEvents, OUTBOX_CHANNEL, type OutboxEntry, type OutboxTopic } from './append.js';
export { EVENT_KINDS, type EventKind, type EventKindRow } from './event-kinds.js';
export { OUTBOX_PAGE, OutboxFollower, outboxEnd, type OutboxCursor } from './follow.js';
export {
  eventHash,
  eventId,
  type AssetKind,
  type AssetRef,
  type EventSource,
  type NewTrackingEvent,
} from './tracking-event.js';
export { journalEntities } from './entities/index.js';
