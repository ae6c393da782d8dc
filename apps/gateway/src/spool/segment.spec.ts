import { describe, expect, it } from '@jest/globals';
import {
  encodeRecord,
  encodeSegmentHeader,
  MAX_PAYLOAD_BYTES,
  RECORD_HEADER_BYTES,
  scanSegment,
  SEGMENT_HEADER_BYTES,
} from './segment.js';

const SPOOL_ID = '0190b0a4-7c1e-7a53-9c2b-3f5d8e6a1b20';
const TEXTS = ['first', 'second record', '', 'the fourth one', 'last'];

function segmentOf(texts: readonly string[], first = 41): Buffer {
  return Buffer.concat([
    encodeSegmentHeader(SPOOL_ID, first),
    ...texts.map((text, index) => encodeRecord(first + index, Buffer.from(text))),
  ]);
}

const scan = (bytes: Buffer, next: number | null = null) => scanSegment(bytes, 'a.segment', 41, SPOOL_ID, next);
const textsOf = (bytes: Buffer) => scan(bytes).records.map((record) => Buffer.from(record.payload).toString());

describe('a segment', () => {
  it('puts length, sequence and the Castagnoli CRC before the payload', () => {
    const record = encodeRecord(0x1_0000_0002, Buffer.from('123456789'));
    // Little-endian: 9, then 2^32 + 2.
    expect(record.subarray(0, 12).toString('hex')).toBe('090000000200000001000000');
    // CRC-32C bit by bit over those 12 bytes and the payload, reflected polynomial 0x82F63B78 (RFC 3720, B.4).
    let crc = 0xffffffff;
    for (const byte of [...record.subarray(0, 12), ...record.subarray(16)]) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    expect(record.readUInt32LE(12)).toBe((crc ^ 0xffffffff) >>> 0);
  });

  it('gives back what was written', () => {
    const bytes = segmentOf(TEXTS);
    expect(textsOf(bytes)).toEqual(TEXTS);
    expect(scan(bytes)).toMatchObject({ damages: [], wholeBytes: bytes.length, nextSequence: 46 });
    expect(scan(bytes).records.map((record) => record.sequence)).toEqual([41, 42, 43, 44, 45]);
  });

  it('is read up to its last whole record wherever it is cut, and the rest is reported', () => {
    const bytes = segmentOf(TEXTS);
    const ends = [SEGMENT_HEADER_BYTES];
    for (const text of TEXTS) ends.push((ends.at(-1) ?? 0) + RECORD_HEADER_BYTES + text.length);
    for (let length = SEGMENT_HEADER_BYTES; length < bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length - 1;
      const result = scan(bytes.subarray(0, length));
      expect(result.records).toHaveLength(whole);
      expect(result.wholeBytes).toBe(ends[whole]);
      expect(result.damages).toEqual(
        ends.includes(length)
          ? []
          : [{ file: 'a.segment', offset: ends[whole], bytes: length - (ends[whole] ?? 0), records: 0, where: 'TAIL' }],
      );
    }
  });

  it('loses at most the record in which one bit was flipped, at every position, and says which', () => {
    const bytes = segmentOf(TEXTS);
    const starts: number[] = [];
    let at = SEGMENT_HEADER_BYTES;
    for (const text of TEXTS) {
      starts.push(at);
      at += RECORD_HEADER_BYTES + text.length;
    }
    for (let bit = SEGMENT_HEADER_BYTES * 8; bit < bytes.length * 8; bit++) {
      const bad = Buffer.from(bytes);
      bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const hit = starts.findLastIndex((start) => start <= bit >> 3);
      const result = scan(bad);
      expect(result.records.map((record) => record.sequence)).toEqual(
        [41, 42, 43, 44, 45].filter((n) => n !== 41 + hit),
      );
      expect(result.damages).toHaveLength(1);
      expect(result.damages[0]).toMatchObject({ offset: starts[hit], where: hit === 4 ? 'TAIL' : 'MIDDLE' });
      if (hit < 4) expect(result.damages[0]?.records).toBe(1);
    }
  });

  it('reads all records behind a header in which one bit was flipped, and reports the header', () => {
    for (let bit = 0; bit < SEGMENT_HEADER_BYTES * 8; bit++) {
      const bad = segmentOf(TEXTS);
      bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(textsOf(bad)).toEqual(TEXTS);
      expect(scan(bad).damages).toMatchObject([{ where: 'HEADER', offset: 0, records: 0 }]);
    }
  });

  it('counts several lost records by the numbers around them', () => {
    const bytes = segmentOf(TEXTS);
    const secondStart = SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + 5;
    const fourthStart = secondStart + 2 * RECORD_HEADER_BYTES + 13;
    bytes.fill(0xff, secondStart, fourthStart);
    expect(scan(bytes).records.map((record) => record.sequence)).toEqual([41, 44, 45]);
    expect(scan(bytes).damages).toEqual([
      { file: 'a.segment', offset: secondStart, bytes: fourthStart - secondStart, records: 2, where: 'MIDDLE' },
    ]);
  });

  it('knows by the segment behind it how many records its torn end held', () => {
    const bytes = segmentOf(TEXTS).subarray(0, -3);
    expect(scan(bytes, 46).damages).toMatchObject([{ records: 1, where: 'MIDDLE' }]);
  });

  it('does not take a stale record with an older or far newer number for the next one', () => {
    const bytes = Buffer.concat([
      segmentOf(['one']),
      Buffer.from('noise'),
      encodeRecord(41, Buffer.from('again')),
      encodeRecord(900, Buffer.from('far')),
    ]);
    expect(textsOf(bytes)).toEqual(['one']);
    expect(scan(bytes).damages).toMatchObject([{ where: 'TAIL', records: 1 }]);
  });

  it('takes a length beyond the bound for damage', () => {
    const bytes = segmentOf(['one']);
    const record = Buffer.alloc(RECORD_HEADER_BYTES);
    record.writeUInt32LE(MAX_PAYLOAD_BYTES + 1, 0);
    expect(scan(Buffer.concat([bytes, record])).damages).toMatchObject([{ where: 'TAIL', records: 1 }]);
  });

  it('refuses the segment of another spool', () => {
    const other = Buffer.concat([encodeSegmentHeader('0190b0a4-0000-7a53-9c2b-3f5d8e6a1b20', 41)]);
    expect(() => scan(other)).toThrow(expect.objectContaining({ code: 'SPOOL_DAMAGED' }));
  });
});
