import { checkByte, CMD, HEADER, OVERHEAD, RSSI_OFFSET_DBM } from './definition.js';

/** A whole frame of either direction. `data` has at most 252 bytes. */
export function encodeFrame(address: number, command: number, data: readonly number[] | Uint8Array = []): Uint8Array {
  const frame = new Uint8Array(data.length + 5);
  frame[0] = HEADER;
  frame[1] = frame.length - OVERHEAD;
  frame[2] = address;
  frame[3] = command;
  frame.set(data, 4);
  frame[frame.length - 1] = checkByte(frame, 0, frame.length - 1);
  return frame;
}

/** Host → reader: chooses the work antenna; `antenna` counts from 1, the wire from 0. */
export function encodeSetWorkAntenna(address: number, antenna: number): Uint8Array {
  return encodeFrame(address, CMD.SET_WORK_ANTENNA, [antenna - 1]);
}

/** Host → reader: output power of all ports, dBm. */
export function encodeSetPower(address: number, powerDbm: number): Uint8Array {
  return encodeFrame(address, CMD.SET_POWER, [powerDbm]);
}

/** Host → reader: real-time inventory on the work antenna. */
export function encodeInventory(address: number, repeat: number): Uint8Array {
  return encodeFrame(address, CMD.REAL_TIME_INVENTORY, [repeat]);
}

export interface TagAnswer {
  readonly address: number;
  /** 0x89, 0x8A or 0x8B. */
  readonly command?: number;
  /** Counts from 1; 5 to 8 set bit 7 of the RSSI byte. */
  readonly antenna: number;
  /** 4 hex digits; must name the length of `epc`. */
  readonly pc: string;
  readonly epc: string;
  /** −129 to −2. */
  readonly rssiDbm: number;
  readonly freqIndex?: number;
}

/** Reader → host: one tag. */
export function encodeTag(tag: TagAnswer): Uint8Array {
  const port = tag.antenna - 1;
  const rssi = Math.min(0x7f, Math.max(0, Math.round(tag.rssiDbm) + RSSI_OFFSET_DBM));
  return encodeFrame(tag.address, tag.command ?? CMD.REAL_TIME_INVENTORY, [
    ((tag.freqIndex ?? 6) << 2) | (port & 0x03),
    ...Buffer.from(tag.pc, 'hex'),
    ...Buffer.from(tag.epc, 'hex'),
    rssi | (port & 0x04 ? 0x80 : 0),
  ]);
}

/** Reader → host: end of one 0x89 or 0x8B inventory. `readRate` in tags a second. */
export function encodeInventoryEnd(
  address: number,
  antenna: number,
  readRate: number,
  totalRead: number,
  command: number = CMD.REAL_TIME_INVENTORY,
): Uint8Array {
  const data = Buffer.alloc(7);
  data.writeUInt8(antenna - 1, 0);
  data.writeUInt16BE(readRate, 1);
  data.writeUInt32BE(totalRead, 3);
  return encodeFrame(address, command, data);
}

/** Reader → host: end of a 0x8A fast switch. */
export function encodeFastSwitchEnd(address: number, totalRead: number, durationMs: number): Uint8Array {
  const data = Buffer.alloc(7);
  data.writeUIntBE(totalRead, 0, 3);
  data.writeUInt32BE(durationMs, 3);
  return encodeFrame(address, CMD.FAST_SWITCH_INVENTORY, data);
}

/** Reader → host: success or an error code. */
export function encodeStatus(address: number, command: number, code: number): Uint8Array {
  return encodeFrame(address, command, [code]);
}
