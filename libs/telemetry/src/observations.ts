import type { EpochMs } from '#libs/kernel';
import type { ReadingBody, ReadingRef, TagRead } from './readings.js';

/** A tag's stay before one antenna: many raw reads, one observation. Named by its first read. */
export interface TagVisit {
  readonly kind: 'TagVisit';
  readonly antenna: number;
  readonly pc: string;
  readonly epc: string;
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
  readonly count: number;
  readonly peakRssiDbm: number | null;
}

export type ObservationBody = TagVisit | Exclude<ReadingBody, TagRead>;

/** A reading worth keeping. (device, boot, sequence) makes a re-sent one harmless. */
export interface Observation extends ReadingRef {
  /** For a tag visit: its first read. */
  readonly occurredAt: EpochMs;
  readonly receivedAt: EpochMs;
  readonly laneId: string | null;
  readonly body: ObservationBody;
}
