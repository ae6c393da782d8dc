import type { EpochMs } from '#libs/kernel';
import type { ReadingBody } from './readings.js';

/** What a codec makes of one frame. It never throws. */
export type Decoded<M> = { readonly ok: true; readonly message: M } | Rejected;

export interface Rejected {
  readonly ok: false;
  /** Short, stable, lower case: `checksum`, `length`, `unknown_type`. */
  readonly reason: string;
  /** For a person: the offending value and what was expected. */
  readonly detail?: string;
}

/** Bytes → whole frames: bounded, resynchronises, never throws. */
export interface Framer {
  push(chunk: Uint8Array): readonly FramerOutput[];
  /** Drops a part-frame, when the line was lost; what was dropped is counted. */
  reset(): void;
  readonly counters: FramerCounters;
}

/** A whole frame, or bytes that looked like one and were refused; the framer goes on behind their first byte. */
export type FramerOutput =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: string; readonly bytes: Uint8Array };

export interface FramerCounters {
  readonly frames: number;
  /** Bytes that belonged to no whole frame. */
  readonly skippedBytes: number;
  /** Candidates refused for their check, length or size. */
  readonly refused: number;
  /** Bytes waiting for the rest of their frame; bounded by the protocol's longest frame. */
  readonly bufferedBytes: number;
}

/** A reading as a session gives it: the device's time where it has a clock. */
export interface SessionReading {
  readonly body: ReadingBody;
  readonly occurredAt: EpochMs;
  /** The device's own number of this reading, when the protocol acknowledges; given back to `acknowledge` after the fsync. */
  readonly ackToken: number | null;
  /**
   * The device's own name for the reading, when it numbers what it says and names its numbering: a line that it sends again,
   * on another connection or to a restarted gateway, keeps it. null: the gateway names the reading.
   */
  readonly origin: { readonly boot: string; readonly sequence: number } | null;
}

export interface SessionStep<S> {
  readonly state: S;
  readonly readings: readonly SessionReading[];
  /** Whole frames to write to the device. */
  readonly replies: readonly Uint8Array[];
}

/**
 * The port behind which every device stands. All of it is pure; bytes come and go in apps/gateway.
 * M is the protocol's message, S the session's state (plain data), O its options from the URL and gateway.json.
 */
export interface DeviceAdapter<M = unknown, S = unknown, O = unknown> {
  readonly protocol: string;
  /** Parses the options; faults are reported together. */
  parseOptions(options: Readonly<Record<string, unknown>>): O;
  createFramer(): Framer;
  decode(frame: Uint8Array): Decoded<M>;
  /** Called at each (re)connection: what to send first, such as "set antenna" and "start inventory". */
  open(options: O, now: EpochMs): SessionStep<S>;
  onMessage(state: S, message: M, receivedAt: EpochMs): SessionStep<S>;
  /** Called about once a second: re-command a silent reader, ask for a status. */
  onTick(state: S, now: EpochMs): SessionStep<S>;
  /** Bytes that tell the device "have it", after the spool's fsync; empty for protocols without. */
  acknowledge(state: S, tokens: readonly number[]): readonly Uint8Array[];
}
