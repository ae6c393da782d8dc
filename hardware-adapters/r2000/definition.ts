/** First byte of every frame, in both directions. */
export const HEADER = 0xa0;
/** Len counts Addr, Cmd, Data and Check; with no data that is 3. */
export const MIN_LEN = 3;
/** Header and Len stand outside Len. */
export const OVERHEAD = 2;
/** Len is one byte, so no frame is longer. */
export const MAX_FRAME_BYTES = 0xff + OVERHEAD;
/** Every reader obeys this address, and answers with its own. */
export const PUBLIC_ADDRESS = 0xff;

export const CMD = {
  READ_GPIO: 0x60,
  WRITE_GPIO: 0x61,
  SET_ANTENNA_DETECTOR: 0x62,
  GET_ANTENNA_DETECTOR: 0x63,
  SET_TEMPORARY_POWER: 0x66,
  SET_IDENTIFIER: 0x67,
  GET_IDENTIFIER: 0x68,
  SET_RF_PROFILE: 0x69,
  GET_RF_PROFILE: 0x6a,
  RESET: 0x70,
  SET_BAUD_RATE: 0x71,
  GET_FIRMWARE: 0x72,
  SET_ADDRESS: 0x73,
  SET_WORK_ANTENNA: 0x74,
  GET_WORK_ANTENNA: 0x75,
  SET_POWER: 0x76,
  GET_POWER: 0x77,
  SET_REGION: 0x78,
  GET_REGION: 0x79,
  SET_BEEPER: 0x7a,
  GET_TEMPERATURE: 0x7b,
  INVENTORY: 0x80,
  READ: 0x81,
  WRITE: 0x82,
  LOCK: 0x83,
  KILL: 0x84,
  SET_EPC_MATCH: 0x85,
  GET_EPC_MATCH: 0x86,
  REAL_TIME_INVENTORY: 0x89,
  FAST_SWITCH_INVENTORY: 0x8a,
  SESSION_INVENTORY: 0x8b,
  GET_BUFFER: 0x90,
  GET_AND_RESET_BUFFER: 0x91,
  GET_BUFFER_COUNT: 0x92,
  RESET_BUFFER: 0x93,
  BLOCK_WRITE: 0x94,
} as const;

/** Commands whose answer packets are tags and one end packet. */
export const INVENTORY_COMMANDS: ReadonlySet<number> = new Set([
  CMD.REAL_TIME_INVENTORY,
  CMD.FAST_SWITCH_INVENTORY,
  CMD.SESSION_INVENTORY,
]);

/**
 * Commands that are answered with a value of one byte, so that Len 4 is no status by itself.
 * The number is the highest value; a byte above it is an error code. Antenna detector: return loss in dB, 0 is off.
 */
export const ONE_BYTE_VALUES: ReadonlyMap<number, number> = new Map([
  [CMD.GET_WORK_ANTENNA, 0x07],
  [CMD.GET_POWER, 0x21],
  [CMD.GET_ANTENNA_DETECTOR, 0x0f],
  [CMD.GET_EPC_MATCH, 0x01],
]);

/** Codes of a status packet. Codes from 0x20 on are errors. */
export const STATUS_MEANINGS: ReadonlyMap<number, string> = new Map([
  [0x10, 'success'],
  [0x11, 'fail'],
  [0x20, 'mcu_reset'],
  [0x21, 'cw_on'],
  [0x22, 'antenna_missing'],
  [0x23, 'write_flash'],
  [0x24, 'read_flash'],
  [0x25, 'set_power'],
  [0x31, 'tag_inventory'],
  [0x32, 'tag_read'],
  [0x33, 'tag_write'],
  [0x34, 'tag_lock'],
  [0x35, 'tag_kill'],
  [0x36, 'no_tag'],
  [0x37, 'inventory_ok_access_failed'],
  [0x38, 'buffer_empty'],
  [0x40, 'access_or_password'],
  [0x41, 'parameter'],
  [0x42, 'word_count'],
  [0x43, 'memory_bank'],
  [0x44, 'lock_region'],
  [0x45, 'lock_action'],
  [0x46, 'reader_address'],
  [0x47, 'antenna_id'],
  [0x48, 'power_out_of_range'],
  [0x49, 'region'],
  [0x4a, 'baud_rate'],
  [0x4b, 'beeper_mode'],
  [0x4c, 'epc_match_too_long'],
  [0x4d, 'epc_match_length'],
  [0x4e, 'epc_match_mode'],
  [0x4f, 'frequency_range'],
  [0x50, 'no_rn16_from_tag'],
  [0x51, 'drm_mode'],
  [0x52, 'pll_lock'],
  [0x53, 'rf_chip_silent'],
  [0x54, 'power_not_reached'],
  [0x55, 'copyright'],
  [0x56, 'spectrum_regulation'],
  [0x57, 'power_too_low'],
  [0xee, 'return_loss_not_measured'],
]);

export const STATUS = { SUCCESS: 0x10, FAIL: 0x11, ANTENNA_MISSING: 0x22, PARAMETER: 0x41, ANTENNA_ID: 0x47 } as const;

/** RSSI byte 0..127 → dBm = byte − 129: 98 is −31 dBm. */
export const RSSI_OFFSET_DBM = 129;

/**
 * Frequency index of a tag packet → MHz: 0..6 is the ETSI raster of 500 kHz from 865.0, 7..59 the FCC raster from 902.0.
 * Null for 60..63, which no table assigns.
 */
export function frequencyMHz(index: number): number | null {
  if (index <= 6) return 865 + index * 0.5;
  if (index <= 59) return 902 + (index - 7) * 0.5;
  return null;
}

/** Check byte: two's complement of the sum of all earlier bytes, so that a whole frame sums to 0 modulo 256. */
export function checkByte(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += bytes[i] as number;
  return -sum & 0xff;
}
