import { crc32c } from '@node-rs/crc32';
import { DomainError } from '#libs/kernel';

/**
 * One segment file of the spool; all numbers little-endian.
 *
 *   header, 40 bytes
 *   0        8         10        12                 28               36         40
 *   | magic  | version | reserved| spool id (UUID)  | first sequence | CRC32C   |
 *   | 8      | u16     | u16     | 16               | u64            | u32      |
 *
 *   record, 16 bytes and the payload
 *   0        4          12       16
 *   | length | sequence | CRC32C | payload … length bytes |
 *   | u32    | u64      | u32    |
 *
 * The record's CRC covers length, sequence and payload; the header's covers its first 36 bytes.
 * CRC-32C is the Castagnoli polynomial of RFC 3720, B.4.
 */
export const SEGMENT_HEADER_BYTES = 40;
export const RECORD_HEADER_BYTES = 16;
/** A longer one is refused at append, and a longer length in a file is damage. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

const MAGIC = Buffer.from('BXTSPOOL', 'ascii');
const VERSION = 1;
const NAME = /^(\d{16})\.segment$/;

export interface SpoolRecord {
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** A place where a segment could not be read. */
export interface SpoolDamage {
  readonly file: string;
  /** First byte that belongs to no whole record. */
  readonly offset: number;
  readonly bytes: number;
  /**
   * Records that are gone for certain: by the numbers before and after. At the end of the last segment nobody knows;
   * a record that runs over the end counts 0, since a write that was cut off was never acknowledged; anything else counts 1.
   */
  readonly records: number;
  readonly where: 'HEADER' | 'MIDDLE' | 'TAIL' | 'MISSING_SEGMENT';
}

export interface SegmentScan {
  readonly records: readonly SpoolRecord[];
  readonly damages: readonly SpoolDamage[];
  /** Offset behind the last whole record; the header's size when there is none. */
  readonly wholeBytes: number;
  /** The number that the next record would have. */
  readonly nextSequence: number;
}

export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.segment`;
}

/** The first sequence that a segment's name tells, or null for another file. */
export function firstSequenceOf(name: string): number | null {
  const match = NAME.exec(name);
  return match === null ? null : Number(match[1]);
}

export function encodeSegmentHeader(spoolId: string, firstSequence: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.writeUInt16LE(VERSION, 8);
  header.write(spoolId.replaceAll('-', ''), 12, 16, 'hex');
  header.writeBigUInt64LE(BigInt(firstSequence), 28);
  header.writeUInt32LE(crc32c(header.subarray(0, 36)), 36);
  return header;
}

export function encodeRecord(sequence: number, payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeBigUInt64LE(BigInt(sequence), 4);
  record.writeUInt32LE(crc32c(payload, crc32c(record.subarray(0, 12))), 12);
  record.set(payload, RECORD_HEADER_BYTES);
  return record;
}

/**
 * Reads a segment's bytes. What is not a whole record is reported in `damages`, and reading goes on at the next whole record
 * whose number fits: not below the expected one, and not further ahead than the lost bytes could hold.
 * `nextSegmentFirst` is the first number of the segment behind, null for the last one.
 * @throws DomainError SPOOL_DAMAGED when the segment belongs to another spool or a newer format: that is no damage to step over
 */
export function scanSegment(
  bytes: Buffer,
  file: string,
  firstSequence: number,
  spoolId: string,
  nextSegmentFirst: number | null,
): SegmentScan {
  const records: SpoolRecord[] = [];
  const damages: SpoolDamage[] = [];
  checkHeader(bytes, file, firstSequence, spoolId, damages);

  let offset = SEGMENT_HEADER_BYTES;
  let expected = firstSequence;
  while (offset < bytes.length) {
    const record = recordAt(bytes, offset, expected, expected);
    if (record !== null) {
      records.push(record);
      offset += RECORD_HEADER_BYTES + record.payload.length;
      expected = record.sequence + 1;
      continue;
    }
    const found = findRecord(bytes, offset + 1, offset, expected);
    if (found === null) break;
    damages.push({
      file,
      offset,
      bytes: found.offset - offset,
      records: found.record.sequence - expected,
      where: 'MIDDLE',
    });
    records.push(found.record);
    offset = found.offset + RECORD_HEADER_BYTES + found.record.payload.length;
    expected = found.record.sequence + 1;
  }

  const rest = Math.max(0, bytes.length - offset);
  if (nextSegmentFirst !== null && nextSegmentFirst > expected) {
    damages.push({ file, offset, bytes: rest, records: nextSegmentFirst - expected, where: 'MIDDLE' });
  } else if (rest > 0) {
    const records = nextSegmentFirst === null && !runsOverTheEnd(bytes, offset) ? 1 : 0;
    damages.push({ file, offset, bytes: rest, records, where: 'TAIL' });
  }
  return { records, damages, wholeBytes: Math.min(offset, bytes.length), nextSequence: expected };
}

function checkHeader(
  bytes: Buffer,
  file: string,
  firstSequence: number,
  spoolId: string,
  damages: SpoolDamage[],
): void {
  const expected = encodeSegmentHeader(spoolId, firstSequence);
  if (bytes.subarray(0, SEGMENT_HEADER_BYTES).equals(expected)) return;
  const intact =
    bytes.length >= SEGMENT_HEADER_BYTES &&
    crc32c(bytes.subarray(0, 36)) === bytes.readUInt32LE(36) &&
    bytes.subarray(0, 8).equals(MAGIC);
  if (intact) {
    const found = {
      version: bytes.readUInt16LE(8),
      spoolId: bytes.toString('hex', 12, 28),
      firstSequence: Number(bytes.readBigUInt64LE(28)),
    };
    throw new DomainError('SPOOL_DAMAGED', {
      field: file,
      value: found,
      expected: `version ${VERSION}, spool ${spoolId.replaceAll('-', '')}, first sequence ${firstSequence}`,
    });
  }
  damages.push({ file, offset: 0, bytes: Math.min(bytes.length, SEGMENT_HEADER_BYTES), records: 0, where: 'HEADER' });
}

function recordAt(bytes: Buffer, offset: number, least: number, most: number): SpoolRecord | null {
  if (offset + RECORD_HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(offset);
  const end = offset + RECORD_HEADER_BYTES + length;
  if (length > MAX_PAYLOAD_BYTES || end > bytes.length) return null;
  const sequence = bytes.readUInt32LE(offset + 4) + bytes.readUInt32LE(offset + 8) * 0x1_0000_0000;
  if (sequence < least || sequence > most) return null;
  const payload = bytes.subarray(offset + RECORD_HEADER_BYTES, end);
  const crc = crc32c(payload, crc32c(bytes.subarray(offset, offset + 12)));
  return crc === bytes.readUInt32LE(offset + 12) ? { sequence, payload } : null;
}

function findRecord(
  bytes: Buffer,
  from: number,
  damagedAt: number,
  expected: number,
): { offset: number; record: SpoolRecord } | null {
  for (let offset = from; offset + RECORD_HEADER_BYTES <= bytes.length; offset++) {
    const couldBeLost = Math.floor((offset - damagedAt) / RECORD_HEADER_BYTES);
    const record = recordAt(bytes, offset, expected, expected + couldBeLost);
    if (record !== null) return { offset, record };
  }
  return null;
}

/** Whether the record that begins here announces more bytes than the file has: what a write that was cut off looks like. */
function runsOverTheEnd(bytes: Buffer, offset: number): boolean {
  if (offset + RECORD_HEADER_BYTES > bytes.length) return true;
  const length = bytes.readUInt32LE(offset);
  return length <= MAX_PAYLOAD_BYTES && offset + RECORD_HEADER_BYTES + length > bytes.length;
}
