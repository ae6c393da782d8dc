import type { Decoded, Rejected } from '#libs/telemetry';
import {
  checkByte,
  CMD,
  frequencyMHz,
  HEADER,
  INVENTORY_COMMANDS,
  MIN_LEN,
  ONE_BYTE_VALUES,
  OVERHEAD,
  RSSI_OFFSET_DBM,
  STATUS_MEANINGS,
} from './definition.js';

/*
 *   0     1     2      3     4 …            last
 * +-----+-----+------+-----+--------------+-------+
 * | A0  | Len | Addr | Cmd | Data         | Check |      Len counts Addr … Check
 * +-----+-----+------+-----+--------------+-------+
 *
 * Data of an answer to an inventory (0x89, 0x8A, 0x8B):
 *   tag   FreqAnt(1) PC(2) EPC(2n) RSSI(1)         FreqAnt: bits 0-1 antenna, bits 2-7 frequency index
 *   end   AntID(1) ReadRate(2) TotalRead(4)         7 bytes: never a tag, whose EPC would have 3
 *   end   TotalRead(3) Duration(4, ms)              the same of 0x8A
 *   error Code(1), or AntID(1) Code(1) of 0x8A
 */

/** Each message names these four anew: spread into a literal they cost ten times as much as the rest of a tag. */
interface Envelope {
  /** Value of Len: the bytes behind it. */
  readonly len: number;
  readonly address: number;
  /** As `0x89`, upper-case hex. */
  readonly cmd: string;
  /** Upper-case hex. */
  readonly data: string;
}

export interface R2000Tag extends Envelope {
  readonly kind: 'tag';
  readonly freqIndex: number;
  /** Null for an index that no table assigns. */
  readonly freqMHz: number | null;
  /** 0 to 3: antenna bits of FreqAnt. */
  readonly antennaBits: number;
  /** Bit 7 of the RSSI byte: adds 4 to the antenna on 8-port readers. */
  readonly antennaBit2: number;
  readonly pc: string;
  readonly epc: string;
  /** Low 7 bits. */
  readonly rssiByte: number;
  readonly rssiDbm: number;
  readonly epcBytesByPc: number;
  readonly pcMatchesEpcLength: true;
}

export interface R2000InventoryEnd extends Envelope {
  readonly kind: 'inventoryEnd';
  /** As on the wire: counts from 0. */
  readonly antId: number;
  /** Tags a second. */
  readonly readRate: number;
  readonly totalRead: number;
}

export interface R2000FastSwitchEnd extends Envelope {
  readonly kind: 'fastSwitchEnd';
  readonly totalRead: number;
  readonly durationMs: number;
}

export interface R2000Status extends Envelope {
  readonly kind: 'status';
  /** As `0x22`. */
  readonly code: string;
  readonly meaning: string;
  /** Named by fast switch only; counts from 0. */
  readonly antId: number | null;
}

/** Answer to 0x80: what one round put into the reader's buffer. */
export interface R2000BufferInventory extends Envelope {
  readonly kind: 'bufferInventory';
  readonly antId: number;
  readonly tagCount: number;
  readonly readRate: number;
  readonly totalRead: number;
}

/** An answer that is a value, such as a power or a temperature: whole in `data`. */
export interface R2000Value extends Envelope {
  readonly kind: 'value';
}

/** Host → reader. */
export interface R2000Command extends Envelope {
  readonly kind: 'command';
}

export type R2000Answer =
  R2000Tag | R2000InventoryEnd | R2000FastSwitchEnd | R2000Status | R2000BufferInventory | R2000Value;

/** Reader → host. Refuses with `header`, `length`, `checksum`, `pc_length`, `tag_length` or `status_length`. */
export function decodeAnswer(frame: Uint8Array): Decoded<R2000Answer> {
  const opened = openEnvelope(frame);
  if ('ok' in opened) return opened;
  const { envelope, command, data } = opened;
  if (INVENTORY_COMMANDS.has(command)) return decodeInventoryAnswer(envelope, command, data);
  if (command === CMD.INVENTORY && data.length === 9) {
    return accept({
      len: envelope.len,
      address: envelope.address,
      cmd: envelope.cmd,
      data: envelope.data,
      kind: 'bufferInventory',
      antId: byte(data, 0),
      tagCount: u16(data, 1),
      readRate: u16(data, 3),
      totalRead: u32(data, 5),
    });
  }
  if (data.length === 1) {
    const highestValue = ONE_BYTE_VALUES.get(command);
    const isValue = highestValue !== undefined && byte(data, 0) <= highestValue;
    return accept(
      isValue
        ? { len: envelope.len, address: envelope.address, cmd: envelope.cmd, data: envelope.data, kind: 'value' }
        : status(envelope, byte(data, 0), null),
    );
  }
  return accept({
    len: envelope.len,
    address: envelope.address,
    cmd: envelope.cmd,
    data: envelope.data,
    kind: 'value',
  });
}

/** Host → reader. Refuses with `header`, `length` or `checksum`. */
export function decodeCommand(frame: Uint8Array): Decoded<R2000Command> {
  const opened = openEnvelope(frame);
  if ('ok' in opened) return opened;
  const { envelope } = opened;
  return accept({
    len: envelope.len,
    address: envelope.address,
    cmd: envelope.cmd,
    data: envelope.data,
    kind: 'command',
  });
}

function decodeInventoryAnswer(envelope: Envelope, command: number, data: Uint8Array): Decoded<R2000Answer> {
  if (data.length === 1) return accept(status(envelope, byte(data, 0), null));
  if (data.length === 2) return accept(status(envelope, byte(data, 1), byte(data, 0)));
  if (data.length === 7) {
    return command === CMD.FAST_SWITCH_INVENTORY
      ? accept({
          len: envelope.len,
          address: envelope.address,
          cmd: envelope.cmd,
          data: envelope.data,
          kind: 'fastSwitchEnd',
          totalRead: u24(data, 0),
          durationMs: u32(data, 3),
        })
      : accept({
          len: envelope.len,
          address: envelope.address,
          cmd: envelope.cmd,
          data: envelope.data,
          kind: 'inventoryEnd',
          antId: byte(data, 0),
          readRate: u16(data, 1),
          totalRead: u32(data, 3),
        });
  }
  if (data.length < 4) {
    return reject('tag_length', `${data.length} data bytes; a tag packet has at least 4`);
  }
  // PC bits 11-15: EPC length in words of 16 bits (ISO/IEC 18000-63).
  const epcBytesByPc = (byte(data, 1) >> 3) * 2;
  const epcBytes = data.length - 4;
  if (epcBytes !== epcBytesByPc) {
    return reject(
      'pc_length',
      `PC ${hex(data.subarray(1, 3))} says ${epcBytesByPc} EPC bytes, the frame holds ${epcBytes}`,
    );
  }
  const freqAnt = byte(data, 0);
  const rssi = byte(data, data.length - 1);
  const freqIndex = freqAnt >> 2;
  return accept({
    len: envelope.len,
    address: envelope.address,
    cmd: envelope.cmd,
    data: envelope.data,
    kind: 'tag',
    freqIndex,
    freqMHz: frequencyMHz(freqIndex),
    antennaBits: freqAnt & 0x03,
    antennaBit2: rssi >> 7,
    pc: hex(data.subarray(1, 3)),
    epc: hex(data.subarray(3, data.length - 1)),
    rssiByte: rssi & 0x7f,
    rssiDbm: (rssi & 0x7f) - RSSI_OFFSET_DBM,
    epcBytesByPc,
    pcMatchesEpcLength: true,
  });
}

function openEnvelope(
  frame: Uint8Array,
): Rejected | { readonly envelope: Envelope; readonly command: number; readonly data: Uint8Array } {
  if (frame.length > 0 && frame[0] !== HEADER) {
    return reject('header', `first byte 0x${hex(frame.subarray(0, 1))}, expected 0xA0`);
  }
  if (frame.length < MIN_LEN + OVERHEAD) {
    return reject('length', `${frame.length} bytes; the shortest frame has ${MIN_LEN + OVERHEAD}`);
  }
  const len = byte(frame, 1);
  if (frame.length !== len + OVERHEAD) {
    return reject('length', `Len ${len} asks for ${len + OVERHEAD} bytes, the frame has ${frame.length}`);
  }
  const last = frame.length - 1;
  const expected = checkByte(frame, 0, last);
  if (frame[last] !== expected) {
    return reject('checksum', `check byte ${hex(frame.subarray(last))}, expected ${hex(Uint8Array.of(expected))}`);
  }
  const data = frame.subarray(4, last);
  return {
    envelope: { len, address: byte(frame, 2), cmd: `0x${hex(frame.subarray(3, 4))}`, data: hex(data) },
    command: byte(frame, 3),
    data,
  };
}

function status(envelope: Envelope, code: number, antId: number | null): R2000Status {
  return {
    len: envelope.len,
    address: envelope.address,
    cmd: envelope.cmd,
    data: envelope.data,
    kind: 'status',
    code: `0x${hex(Uint8Array.of(code))}`,
    meaning: STATUS_MEANINGS.get(code) ?? 'unknown',
    antId,
  };
}

function accept<M>(message: M): { readonly ok: true; readonly message: M } {
  return { ok: true, message };
}

function reject(reason: string, detail: string): Rejected {
  return { ok: false, reason, detail };
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

const u16 = (bytes: Uint8Array, at: number): number => byte(bytes, at) * 0x100 + byte(bytes, at + 1);
const u24 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x100 + byte(bytes, at + 2);
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x1_0000 + u16(bytes, at + 2);

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).toUpperCase().padStart(2, '0'));

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const value of bytes) text += HEX[value];
  return text;
}
