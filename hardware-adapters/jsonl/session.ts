import { z } from 'zod';
import { parseConfig, type EpochMs } from '#libs/kernel';
import type { SessionStep } from '#libs/telemetry';
import type { JsonlMessage } from './codec.js';
import { NUMBERING_STRIDE } from './definition.js';
import { encodeAck } from './encode.js';

const schema = z.strictObject({});

export type JsonlOptions = z.output<typeof schema>;

/** @throws DomainError INVALID_CONFIG: the protocol has no options */
export function parseJsonlOptions(options: Readonly<Record<string, unknown>>): JsonlOptions {
  return parseConfig(schema, options, 'jsonl options');
}

/** A number so far below the highest is a repeat, whether it is remembered or not. */
const RECENT = 256;

export interface JsonlState {
  /** From the last hello; null before. */
  readonly device: string | null;
  readonly boot: string | null;
  /** Ordinal of the numbering on this connection, from 0. */
  readonly numbering: number;
  /** Highest number that gave a reading; 0 before the first. */
  readonly lastSeq: number;
  /** The last numbers that gave a reading, at most `RECENT`: lines of two POSTs may change places on the way. */
  readonly recent: readonly number[];
  readonly readings: number;
  /** Lines that were sent again. */
  readonly repeats: number;
  /**
   * What was acknowledged in this numbering. The one cell that is written in place: `acknowledge` returns bytes and no
   * state, and a line that is sent again because its acknowledgement was lost must be answered from it.
   */
  readonly acknowledged: { seq: number };
}

type Step = SessionStep<JsonlState>;

export function openJsonl(_options: JsonlOptions, _now: EpochMs): Step {
  return step({
    device: null,
    boot: null,
    numbering: 0,
    lastSeq: 0,
    recent: [],
    readings: 0,
    repeats: 0,
    acknowledged: { seq: 0 },
  });
}

export function onJsonlMessage(state: JsonlState, message: JsonlMessage, receivedAt: EpochMs): Step {
  if (message.kind === 'hello') return step(greeted(state, message.device, message.boot));
  if (message.seq <= state.lastSeq - RECENT || state.recent.includes(message.seq)) {
    const { seq } = state.acknowledged;
    // A number above what is acknowledged is still on its way to the disk; its answer comes from there.
    return {
      state: { ...state, repeats: state.repeats + 1 },
      readings: [],
      replies: message.seq <= seq ? [encodeAck(seq)] : [],
    };
  }
  return {
    state: {
      ...state,
      lastSeq: Math.max(state.lastSeq, message.seq),
      recent: [...state.recent.slice(1 - RECENT), message.seq],
      readings: state.readings + 1,
    },
    readings: [
      {
        body: message.body,
        occurredAt: message.at ?? receivedAt,
        ackToken: state.numbering * NUMBERING_STRIDE + message.seq,
        origin: state.boot === null ? null : { boot: state.boot, sequence: message.seq },
      },
    ],
    replies: [],
  };
}

export function onJsonlTick(state: JsonlState): Step {
  return step(state);
}

/** One cumulative `{"ack":n}`; tokens of a numbering that a hello has ended are passed over. */
export function acknowledgeJsonl(state: JsonlState, tokens: readonly number[]): readonly Uint8Array[] {
  let highest = 0;
  for (const token of tokens) {
    const seq = token - state.numbering * NUMBERING_STRIDE;
    if (seq > highest && seq < NUMBERING_STRIDE) highest = seq;
  }
  if (highest === 0) return [];
  state.acknowledged.seq = Math.max(state.acknowledged.seq, highest);
  return [encodeAck(state.acknowledged.seq)];
}

function greeted(state: JsonlState, device: string, boot: string): JsonlState {
  if (state.boot === boot && state.device === device) return state;
  const named = { ...state, device, boot };
  // The first hello names the numbering that begins with the connection.
  if (state.lastSeq === 0) return named;
  return { ...named, numbering: state.numbering + 1, lastSeq: 0, recent: [], acknowledged: { seq: 0 } };
}

function step(state: JsonlState): Step {
  return { state, readings: [], replies: [] };
}
