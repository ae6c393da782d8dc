import type { EpochMs } from '#libs/kernel';

/**
 * What a device said, decoded. A body knows nothing of the gateway; the gateway adds who, which boot, which number and when.
 * `null` means that the device said "no value". Antennas count from 1. Angles are degrees, coordinates WGS-84.
 */
export type ReadingBody =
  TagRead | OcrRead | BarcodeScan | PositionFix | LaneSignal | WeightReading | CardRead | SealStatus | VesselReport;

export type ReadingKind = ReadingBody['kind'];

/** One answer of a UHF reader for one tag (ISO/IEC 18000-63 inventory). */
export interface TagRead {
  readonly kind: 'TagRead';
  readonly antenna: number;
  /** Protocol-control word, 4 hex digits: its toggle bit 0x0100 tells an EPC from an ISO 17363 number. */
  readonly pc: string;
  /** EPC or UII bytes, upper-case hex, without PC and CRC. */
  readonly epc: string;
  readonly rssiDbm: number | null;
  readonly frequencyKhz: number | null;
}

/** A camera's reading of a number. */
export interface OcrRead {
  readonly kind: 'OcrRead';
  readonly target: 'CONTAINER' | 'PLATE';
  /** As the camera spelt it; normalised later, never here. */
  readonly text: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly pictureUrl: string | null;
  /** Where on the truck the box stands, when the camera knows. */
  readonly position: BoxPosition | null;
}

export type BoxPosition = 'FRONT' | 'REAR' | 'MIDDLE';

export interface BarcodeScan {
  readonly kind: 'BarcodeScan';
  /** AIM symbology identifier such as `]C1`, or null when the scanner does not send it. */
  readonly symbology: string | null;
  readonly text: string;
}

export interface PositionFix {
  readonly kind: 'PositionFix';
  readonly longitude: number;
  readonly latitude: number;
  readonly speedMps: number | null;
  readonly courseDeg: number | null;
  readonly altitudeM: number | null;
  readonly hdop: number | null;
  readonly satellites: number | null;
  /** 1-sigma horizontal error in metres, when the device tells it. */
  readonly accuracyM: number | null;
  readonly system: 'GPS' | 'BEIDOU' | 'GLONASS' | 'GALILEO' | 'QZSS' | 'NAVIC' | 'COMBINED' | 'UNKNOWN';
}

/**
 * What a lane controller says.
 * - LOOP, BEAM: something stands on it (`on`) or no longer does. LANDSIDE and TERMINALSIDE give the order of passage;
 *   ONLY is a lane's single loop.
 * - BARRIER: raised (`on`) or lowered.
 * - DECISION: the terminal's system or an operator let the truck pass or turned it away.
 */
export type LaneSignal = LanePresence | LaneDecision;

export interface LanePresence {
  readonly kind: 'LaneSignal';
  readonly signal: 'LOOP' | 'BEAM' | 'BARRIER';
  readonly position: LoopPosition;
  readonly on: boolean;
}

export type LoopPosition = 'LANDSIDE' | 'TERMINALSIDE' | 'ONLY';

export interface LaneDecision {
  readonly kind: 'LaneSignal';
  readonly signal: 'DECISION';
  readonly verdict: 'ACCEPTED' | 'REFUSED';
  /** Whose word it is: `TOS`, `OPERATOR`, a system's name. */
  readonly by: string;
  readonly reason: string | null;
}

export interface WeightReading {
  readonly kind: 'WeightReading';
  readonly grossKg: number;
  readonly stable: boolean;
}

export interface CardRead {
  readonly kind: 'CardRead';
  readonly cardNumber: string;
}

export interface SealStatus {
  readonly kind: 'SealStatus';
  readonly sealNumber: string;
  readonly state: 'LOCKED' | 'UNLOCKED' | 'TAMPERED' | 'UNKNOWN';
}

/** One AIS position with the ship's identity. */
export interface VesselReport {
  readonly kind: 'VesselReport';
  readonly mmsi: string;
  readonly longitude: number;
  readonly latitude: number;
  readonly speedMps: number | null;
  readonly courseDeg: number | null;
}

/** Names one reading for ever: a boot is drawn by the gateway for a device at each start, the sequence counts from 1 within it. */
export interface ReadingRef {
  readonly deviceId: string;
  readonly boot: string;
  readonly sequence: number;
}

/** A reading as it stands in the spool. */
export interface Reading extends ReadingRef {
  /** The device's time; the gateway's when the device has no clock. Fixed when the reading enters the spool. */
  readonly occurredAt: EpochMs;
  /** The gateway's time, never smaller than that of the reading before it in the spool. */
  readonly receivedAt: EpochMs;
  readonly body: ReadingBody;
}
