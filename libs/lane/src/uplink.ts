import type { EpochMs } from '#libs/kernel';
import type { Observation, ReadingRef } from '#libs/telemetry';
import type { LanePass } from './gate-pass.js';

/**
 * What a gateway sends to the service: `POST /ingest/v1/batches`, signed with the gateway's key (docs/UPLINK.md), JSON.
 *
 * A stream is one spool; its items are numbered 1, 2, 3 … in the order in which smoothing and fusion made them, and a replay
 * of the spool makes the same items under the same numbers. The service commits a prefix and says how far it got;
 * the gateway forgets up to there and no further.
 */
export interface UplinkBatch {
  readonly gatewayId: string;
  readonly siteId: string;
  /** Random id of the spool, drawn when it was created. */
  readonly streamId: string;
  readonly sentAt: EpochMs;
  /** Ascending without a gap. */
  readonly items: readonly UplinkItem[];
}

export type UplinkItem =
  | { readonly sequence: number; readonly kind: 'observation'; readonly observation: Observation }
  | { readonly sequence: number; readonly kind: 'pass'; readonly pass: LanePass }
  | { readonly sequence: number; readonly kind: 'refused'; readonly refused: RefusedInput };

/** What could not be understood or stood against our clock; kept where a person can look at it. */
export interface RefusedInput {
  readonly ref: ReadingRef;
  readonly receivedAt: EpochMs;
  /** `checksum`, `clock`, `length`, … */
  readonly reason: string;
  readonly detail: string | null;
  /** At most 256 bytes of it, hex. */
  readonly hex: string | null;
}

/** 200: everything up to here is committed. 409 SEQUENCE_GAP carries the same field: send again from there. */
export interface UplinkAnswer {
  readonly committedSequence: number;
}

/**
 * `POST /ingest/v1/enrol`: a code for a gateway's first key; it is not signed. `POST /ingest/v1/keys`, signed: `publicValue` alone,
 * for the key that follows. Public values are X25519's, 32 bytes in base64url. Both are answered alike, and to the same public
 * value alike until the key has signed.
 */
export interface EnrolRequest {
  readonly code: string;
  readonly gatewayId: string;
  readonly siteId: string;
  readonly publicValue: string;
}

export interface EnrolAnswer {
  readonly keyId: string;
  readonly publicValue: string;
  /** Made with the secret that both have come to: the gateway compares it before it takes the key. */
  readonly confirmation: string;
  /** null: until it is changed or revoked. */
  readonly endsAt: EpochMs | null;
}

/** Beside an answer: the id of the key that signed the request, whose gateway should ask for the one that follows. */
export const CHANGE_KEY_HEADER = 'boxtrail-change-key';

/** Most items of one batch; a larger one is refused with LIMIT_EXCEEDED. */
export const UPLINK_MAX_ITEMS = 2_000;
/** Most bytes of one batch's body. */
export const UPLINK_MAX_BYTES = 8 * 1024 * 1024;

/** `POST /ingest/v1/health`, every few seconds; the latest word replaces the one before. Answered 204. */
export interface HealthReport {
  readonly gatewayId: string;
  readonly siteId: string;
  readonly at: EpochMs;
  readonly spool: {
    readonly bytes: number;
    readonly maxBytes: number;
    readonly unsentItems: number;
    readonly oldestUnsentAt: EpochMs | null;
    readonly damagedRecords: number;
  };
  readonly devices: readonly DeviceHealth[];
}

export interface DeviceHealth {
  readonly deviceId: string;
  readonly laneId: string | null;
  readonly state: 'CONNECTING' | 'OPEN' | 'WAITING' | 'STOPPED';
  readonly stateSince: EpochMs;
  readonly lastFrameAt: EpochMs | null;
  readonly frames: number;
  readonly rejected: number;
  readonly skippedBytes: number;
  readonly reconnects: number;
  /** The device's or line's last complaint, for a person. */
  readonly lastError: string | null;
}
