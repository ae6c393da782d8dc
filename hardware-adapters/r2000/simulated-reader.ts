import { CMD, PUBLIC_ADDRESS, STATUS } from './definition.js';
import { encodeFrame, encodeInventoryEnd, encodeStatus, encodeTag } from './encode.js';
import { R2000Framer } from './framer.js';

/** A tag that stands before an antenna now. */
export interface FieldTag {
  /** Counts from 1. */
  readonly antenna: number;
  readonly pc: string;
  readonly epc: string;
  readonly rssiDbm: number;
}

export interface SimulatedReaderOptions {
  /** The reader's own address; it obeys 255 too. */
  readonly address?: number;
  /** Ports with an antenna on them. */
  readonly antennas?: readonly number[];
  /** Ports that the reader has: 4 or 8. */
  readonly ports?: 4 | 8;
}

export interface SimulatedReader {
  /**
   * Takes command bytes in any chunks and gives whole answer frames, in order; silent until commanded.
   * A real reader needs about `INVENTORY_ROUND_MS` before the end packet: whoever puts it on a wire waits so long.
   */
  answer(commands: Uint8Array, field: readonly FieldTag[]): readonly Uint8Array[];
}

/** About the time of one 0x89 round with a handful of tags; an estimate, used to pace the simulator and nothing else. */
export const INVENTORY_ROUND_MS = 50;

const FIRMWARE_VERSION = [3, 7];

/** No clock, no I/O: the same commands and fields give the same answers. */
export function createSimulatedReader(options: SimulatedReaderOptions = {}): SimulatedReader {
  const address = options.address ?? 1;
  const ports = options.ports ?? 4;
  const antennas = new Set(options.antennas ?? [1, 2, 3, 4]);
  const framer = new R2000Framer();
  let workAntenna = 1;
  let powerDbm = 30;

  const inventory = (command: number, field: readonly FieldTag[]): Uint8Array[] => {
    if (!antennas.has(workAntenna)) return [encodeStatus(address, command, STATUS.ANTENNA_MISSING)];
    const heard = field.filter((tag) => tag.antenna === workAntenna);
    const tags = heard.map((tag) => encodeTag({ ...tag, address, command }));
    const readRate = Math.round((heard.length * 1000) / INVENTORY_ROUND_MS);
    return [...tags, encodeInventoryEnd(address, workAntenna, readRate, heard.length, command)];
  };

  const obey = (frame: Uint8Array, field: readonly FieldTag[]): Uint8Array[] => {
    const command = frame[3] as number;
    const data = frame.subarray(4, frame.length - 1);
    switch (command) {
      case CMD.RESET:
        workAntenna = 1;
        return [];
      case CMD.GET_FIRMWARE:
        return [encodeFrame(address, command, FIRMWARE_VERSION)];
      case CMD.SET_WORK_ANTENNA: {
        const port = data[0];
        if (port === undefined || port >= ports) return [encodeStatus(address, command, STATUS.ANTENNA_ID)];
        workAntenna = port + 1;
        return [encodeStatus(address, command, antennas.has(workAntenna) ? STATUS.SUCCESS : STATUS.ANTENNA_MISSING)];
      }
      case CMD.GET_WORK_ANTENNA:
        return [encodeFrame(address, command, [workAntenna - 1])];
      case CMD.SET_POWER:
        powerDbm = data[0] ?? powerDbm;
        return [encodeStatus(address, command, STATUS.SUCCESS)];
      case CMD.GET_POWER:
        return [encodeFrame(address, command, [powerDbm])];
      case CMD.REAL_TIME_INVENTORY:
        return data.length === 1 ? inventory(command, field) : [encodeStatus(address, command, STATUS.PARAMETER)];
      default:
        return [encodeStatus(address, command, STATUS.FAIL)];
    }
  };

  return {
    answer(commands, field) {
      return framer
        .push(commands)
        .filter((output) => output.kind === 'frame')
        .filter(({ bytes }) => bytes[2] === address || bytes[2] === PUBLIC_ADDRESS)
        .flatMap(({ bytes }) => obey(bytes, field));
    },
  };
}
