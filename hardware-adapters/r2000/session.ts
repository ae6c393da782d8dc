import type { EpochMs } from '#libs/kernel';
import type { SessionReading, SessionStep } from '#libs/telemetry';
import type { R2000Answer, R2000Tag } from './codec.js';
import { PUBLIC_ADDRESS } from './definition.js';
import { encodeInventory, encodeSetPower, encodeSetWorkAntenna } from './encode.js';
import type { R2000Options } from './options.js';

/**
 * What the session waits for.
 * - POWER, ANTENNA: the answer to 0x76, to 0x74.
 * - INVENTORY: tags and the end packet of 0x89.
 * - RESTING: every antenna failed in turn; the next tick tries again, so that a reader without antennas is not hammered.
 */
export type R2000Phase = 'POWER' | 'ANTENNA' | 'INVENTORY' | 'RESTING';

export interface R2000State {
  readonly options: R2000Options;
  readonly phase: R2000Phase;
  /** Place in `options.antennas`. */
  readonly turn: number;
  readonly lastHeardAt: EpochMs;
  /** The last command that was sent; the silence is counted from it or from the last answer, whichever is later. */
  readonly lastCommandAt: EpochMs;
  /** Antennas in a row that gave no inventory. */
  readonly failedTurns: number;
  readonly tags: number;
  readonly rounds: number;
  /** How often the reader was silent and was commanded anew. */
  readonly silences: number;
  /** Answers from an address that is not ours: another reader on the same RS-485 line. */
  readonly foreign: number;
  /** Meaning of each status other than success → how often. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Antenna, counted from 1 → how often the reader missed it since it last worked. */
  readonly missingAntennas: Readonly<Record<number, number>>;
}

type Step = SessionStep<R2000State>;

/*
 * Why 0x74 and 0x89 antenna by antenna, and not one 0x8A over all of them: 0x89 is answered alike by every edition from
 * V2.2 to V3.7 and by one-port modules; its end and error packets belong to the one antenna that was chosen, so a missing
 * antenna has a number; and the length of 0x8A's antenna list depends on the model. The price is one short exchange
 * (about 1 ms of wire at 115,200 baud) for each change of antenna.
 */

export function openR2000(options: R2000Options, now: EpochMs): Step {
  const state: R2000State = {
    options,
    phase: 'RESTING',
    turn: 0,
    lastHeardAt: now,
    lastCommandAt: now,
    failedTurns: 0,
    tags: 0,
    rounds: 0,
    silences: 0,
    foreign: 0,
    statuses: {},
    missingAntennas: {},
  };
  return begin(state, now);
}

export function onR2000Message(state: R2000State, message: R2000Answer, receivedAt: EpochMs): Step {
  const { options } = state;
  if (options.address !== PUBLIC_ADDRESS && message.address !== options.address) {
    return quiet({ ...state, foreign: state.foreign + 1 });
  }
  const heard: R2000State = { ...state, lastHeardAt: receivedAt };
  switch (message.kind) {
    case 'tag':
      return {
        state: { ...heard, tags: heard.tags + 1 },
        readings: [tagReading(message, options, receivedAt)],
        replies: [],
      };
    case 'inventoryEnd':
    case 'fastSwitchEnd':
      if (heard.phase !== 'INVENTORY') return quiet(heard);
      return nextAntenna(
        {
          ...heard,
          rounds: heard.rounds + 1,
          failedTurns: 0,
          missingAntennas: without(heard.missingAntennas, antennaOf(heard)),
        },
        receivedAt,
      );
    case 'status':
      return onStatus(heard, message.cmd, message.meaning, message.antId, receivedAt);
    case 'bufferInventory':
    case 'value':
      return quiet(heard);
  }
}

export function onR2000Tick(state: R2000State, now: EpochMs): Step {
  if (state.phase === 'RESTING') return chooseAntenna({ ...state, failedTurns: 0 }, now);
  const silentSince = Math.max(state.lastHeardAt, state.lastCommandAt);
  if (now - silentSince < state.options.silenceMs) return quiet(state);
  return begin({ ...state, silences: state.silences + 1 }, now);
}

function onStatus(state: R2000State, cmd: string, meaning: string, antId: number | null, now: EpochMs): Step {
  const failed = meaning !== 'success';
  let counted = state;
  if (failed) counted = { ...counted, statuses: countUp(counted.statuses, meaning) };
  if (meaning === 'antenna_missing') {
    const antenna = antId === null ? antennaOf(state) : antId + 1;
    counted = { ...counted, missingAntennas: countUp(counted.missingAntennas, antenna) };
  }
  if (cmd === '0x76' && state.phase === 'POWER') return chooseAntenna(counted, now);
  if (cmd === '0x74' && state.phase === 'ANTENNA') {
    // A one-port module refuses 0x74 and reads all the same; the tag packets say which antenna heard.
    return meaning === 'antenna_missing' ? failedTurn(counted, now) : inventory(counted, now);
  }
  if (cmd === '0x89' && state.phase === 'INVENTORY' && failed) return failedTurn(counted, now);
  return quiet(counted);
}

function begin(state: R2000State, now: EpochMs): Step {
  const { address, power } = state.options;
  if (power === undefined) return chooseAntenna(state, now);
  return command({ ...state, phase: 'POWER' }, encodeSetPower(address, power), now);
}

function chooseAntenna(state: R2000State, now: EpochMs): Step {
  return command({ ...state, phase: 'ANTENNA' }, encodeSetWorkAntenna(state.options.address, antennaOf(state)), now);
}

function inventory(state: R2000State, now: EpochMs): Step {
  return command({ ...state, phase: 'INVENTORY' }, encodeInventory(state.options.address, state.options.repeat), now);
}

function nextAntenna(state: R2000State, now: EpochMs): Step {
  const { antennas } = state.options;
  if (antennas.length === 1) return inventory(state, now);
  return chooseAntenna({ ...state, turn: (state.turn + 1) % antennas.length }, now);
}

function failedTurn(state: R2000State, now: EpochMs): Step {
  const { antennas } = state.options;
  const failedTurns = state.failedTurns + 1;
  const next: R2000State = { ...state, failedTurns, turn: (state.turn + 1) % antennas.length };
  return failedTurns >= antennas.length ? quiet({ ...next, phase: 'RESTING' }) : chooseAntenna(next, now);
}

function tagReading(tag: R2000Tag, options: R2000Options, receivedAt: EpochMs): SessionReading {
  return {
    body: {
      kind: 'TagRead',
      antenna: tag.antennaBits + (options.eightPort ? tag.antennaBit2 * 4 : 0) + 1,
      pc: tag.pc,
      epc: tag.epc,
      rssiDbm: tag.rssiDbm,
      frequencyKhz: tag.freqMHz === null ? null : tag.freqMHz * 1000,
    },
    // The reader has no clock.
    occurredAt: receivedAt,
    ackToken: null,
    origin: null,
  };
}

function antennaOf(state: R2000State): number {
  return state.options.antennas[state.turn] ?? 1;
}

function command(state: R2000State, bytes: Uint8Array, now: EpochMs): Step {
  return { state: { ...state, lastCommandAt: now }, readings: [], replies: [bytes] };
}

function quiet(state: R2000State): Step {
  return { state, readings: [], replies: [] };
}

function countUp<K extends string | number>(counts: Readonly<Record<K, number>>, key: K): Record<K, number> {
  return { ...counts, [key]: ((counts[key] as number | undefined) ?? 0) + 1 };
}

function without(counts: Readonly<Record<number, number>>, antenna: number): Readonly<Record<number, number>> {
  if (!(antenna in counts)) return counts;
  const { [antenna]: _, ...rest } = counts;
  return rest;
}
