import { createHash } from 'node:crypto';
import { derivedId, type EpochMs } from '#libs/kernel';
import canonicalize from 'canonicalize';
import type { EventKind } from './event-kinds.js';

export type AssetKind = 'CONTAINER' | 'TRUCK' | 'CHASSIS' | 'WAGON' | 'BARGE' | 'VESSEL';

export interface AssetRef {
  readonly kind: AssetKind;
  /** Container number, licence plate, MMSI … */
  readonly code: string;
}

/** Whose word an event rests on. */
export type EventSource = 'READER' | 'POSITION' | 'HAND' | 'MESSAGE';

/** A fact before it is written. Payloads hold ids of people, never personal data. */
export interface NewTrackingEvent {
  readonly siteId: string;
  readonly kind: EventKind;
  readonly asset: AssetRef;
  readonly occurredAt: EpochMs;
  readonly receivedAt: EpochMs;
  readonly truckPlate: string | null;
  readonly gateId: string | null;
  readonly laneId: string | null;
  readonly zoneId: string | null;
  readonly passId: string | null;
  readonly visitId: string | null;
  readonly source: EventSource;
  /** It became known after later facts of the same asset had been written. */
  readonly late: boolean;
  readonly withdraws: string | null;
  /** Ids of what it rests on: readings (`device/boot/sequence`), passes, events. The same causes give the same event. */
  readonly causes: readonly string[];
  readonly payload: Readonly<Record<string, unknown>>;
}

/** UUIDv5 of site, kind, asset and causes. */
export function eventId(event: NewTrackingEvent): string {
  return derivedId('event', event.siteId, event.kind, event.asset.kind, event.asset.code, ...event.causes);
}

/** SHA-256 of the event's canonical JSON (RFC 8785); times as RFC 3339 with milliseconds. */
export function eventHash(id: string, event: NewTrackingEvent): Buffer {
  const text = canonicalize({
    ...event,
    id,
    occurredAt: new Date(event.occurredAt).toISOString(),
    receivedAt: new Date(event.receivedAt).toISOString(),
  });
  return createHash('sha256')
    .update(text ?? '')
    .digest();
}
