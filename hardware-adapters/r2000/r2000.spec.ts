import { describe, expect, it } from '@jest/globals';
import { DomainError } from '#libs/kernel';
import {
  byteByByte,
  everyBitFlipped,
  everySplit,
  framesOf,
  fromHex,
  hexOf,
  loadVectors,
  outputsOf,
  seeded,
  seededBytes,
} from '../framing.laws.js';
import { decodeAnswer, decodeCommand } from './codec.js';
import { encodeFastSwitchEnd, encodeFrame, encodeInventoryEnd, encodeStatus, encodeTag } from './encode.js';
import { MAX_WAITING_BYTES, R2000Framer } from './framer.js';
import { r2000 } from './index.js';

const vectors = loadVectors('rfid-serial').filter((vector) => vector.protocol === 'rfid-a0');
const frames = vectors.filter((vector) => vector.hex !== undefined);
const valid = frames.filter((vector) => vector.expect['valid'] === true);
const streams = vectors.filter((vector) => vector.kind === 'stream');

/** No candidate reaches over so many bytes without a header. */
const LULL = new Uint8Array(257);

describe('R2000 vectors', () => {
  it('are all here', () => {
    expect([valid.length, frames.length - valid.length, streams.length]).toEqual([16, 4, 2]);
  });

  it.each(valid)('decodes $id key by key', ({ hex = '', direction, expect: expected }) => {
    const decode = direction === 'cmd' ? decodeCommand : decodeAnswer;
    const { valid: _, ...fields } = expected;
    expect(decode(fromHex(hex))).toMatchObject({ ok: true, message: fields });
  });

  it.each(frames.filter((vector) => vector.expect['valid'] === false))(
    'refuses $id for its $expect.reason',
    ({ hex = '', expect: expected }) => {
      expect(decodeAnswer(fromHex(hex))).toMatchObject({ ok: false, reason: expected['reason'] });
    },
  );

  it.each(valid)('cuts $id whole, byte by byte and at every split', ({ hex = '' }) => {
    const bytes = fromHex(hex);
    const ways = [[bytes], byteByByte(bytes), ...everySplit(bytes)];
    for (const chunks of ways) expect(framesOf(new R2000Framer(), chunks)).toEqual([hex]);
  });

  it.each(valid)('finds $id after noise that is full of headers', ({ hex = '' }) => {
    const next = seeded(7);
    let swallowed = 0;
    for (let round = 0; round < 50; round++) {
      const noise = Uint8Array.from({ length: 40 }, () => (next() % 3 === 0 ? 0xa0 : next() >>> 24));
      const found = framesOf(new R2000Framer(), [noise, fromHex(hex), LULL]);
      if (!found.includes(hex)) swallowed++;
    }
    // One candidate in 256 has a right sum by chance and takes what follows with it; no reader of this family can tell.
    expect(swallowed).toBeLessThanOrEqual(5);
  });

  it.each(valid)('refuses $id with any one bit flipped', ({ hex = '', direction }) => {
    const decode = direction === 'cmd' ? decodeCommand : decodeAnswer;
    for (const flipped of everyBitFlipped(fromHex(hex))) expect(decode(flipped).ok).toBe(false);
  });

  it.each(streams)('cuts the stream $id in any chunks', ({ chunks = [], expect: expected }) => {
    const bytes = fromHex(chunks.join(''));
    const ways = [chunks.map(fromHex), byteByByte(bytes), ...everySplit(bytes)];
    for (const way of ways) expect(framesOf(new R2000Framer(), way)).toEqual(expected['frames']);
  });

  it.each(valid.filter((vector) => vector.expect['kind'] === 'tag'))(
    'keeps $id within physical limits',
    ({ hex = '' }) => {
      const decoded = decodeAnswer(fromHex(hex));
      if (!decoded.ok || decoded.message.kind !== 'tag') throw new Error('no tag');
      const { rssiDbm, freqMHz, epc, epcBytesByPc } = decoded.message;
      expect(rssiDbm).toBeGreaterThanOrEqual(-129);
      expect(rssiDbm).toBeLessThanOrEqual(-2);
      // ISO/IEC 18000-63: 860 to 960 MHz.
      expect(freqMHz).toBeGreaterThanOrEqual(860);
      expect(freqMHz).toBeLessThanOrEqual(960);
      expect(epc).toHaveLength(epcBytesByPc * 2);
    },
  );
});

describe('R2000 codec', () => {
  it('refuses a tag packet whose PC names another length', () => {
    // PC 3000 asks for 12 bytes; 4 are there.
    const frame = encodeFrame(1, 0x89, fromHex('1c3000e280689040'));
    expect(decodeAnswer(frame)).toMatchObject({ ok: false, reason: 'pc_length' });
  });

  it('takes seven data bytes for the end of an inventory and never for a tag', () => {
    // Antenna 1 (00), 25 tags/s (0019), 1 read in all: the layout of vector 0078, sent for 0x89.
    expect(decodeAnswer(encodeInventoryEnd(1, 1, 25, 1))).toMatchObject({
      message: { kind: 'inventoryEnd', antId: 0, readRate: 25, totalRead: 1 },
    });
    expect(decodeAnswer(encodeFastSwitchEnd(1, 0x01_02_03, 1_500))).toMatchObject({
      message: { kind: 'fastSwitchEnd', totalRead: 0x01_02_03, durationMs: 1_500 },
    });
  });

  it('takes a tag with an EPC of no words', () => {
    expect(decodeAnswer(encodeTag({ address: 1, antenna: 1, pc: '0000', epc: '', rssiDbm: -50 }))).toMatchObject({
      message: { kind: 'tag', pc: '0000', epc: '', epcBytesByPc: 0 },
    });
  });

  it('tells the value of a query from a status', () => {
    // 0x77 get power: 0x1E is 30 dBm. 0x75 get work antenna: 0x22 is no port but "antenna missing".
    expect(decodeAnswer(encodeFrame(1, 0x77, [0x1e]))).toMatchObject({ message: { kind: 'value', data: '1E' } });
    expect(decodeAnswer(encodeFrame(1, 0x75, [0x22]))).toMatchObject({ message: { meaning: 'antenna_missing' } });
  });

  it('names the antenna in an error of a fast switch', () => {
    expect(decodeAnswer(encodeFrame(1, 0x8a, [0x02, 0x22]))).toMatchObject({
      message: { kind: 'status', antId: 2, code: '0x22', meaning: 'antenna_missing' },
    });
  });

  it('takes the frequency from both rasters and none from an index that has no channel', () => {
    const mhz = [0, 6, 7, 59, 60].map((freqIndex) => {
      const decoded = decodeAnswer(
        encodeTag({ address: 1, antenna: 1, pc: '0800', epc: 'ABCD', rssiDbm: -50, freqIndex }),
      );
      return decoded.ok && decoded.message.kind === 'tag' ? decoded.message.freqMHz : undefined;
    });
    expect(mhz).toEqual([865, 868, 902, 928, null]);
  });

  it('keeps a code that no table names', () => {
    expect(decodeAnswer(encodeStatus(1, 0x89, 0x99))).toMatchObject({ message: { code: '0x99', meaning: 'unknown' } });
  });
});

describe('R2000 framer', () => {
  const frame = fromHex('a01301891d300092a3b4c5d6e7f8091a2b3c4d42fa');

  it('reports what it refused and counts what it skipped', () => {
    const framer = new R2000Framer();
    const outputs = outputsOf(framer, [Uint8Array.of(0x11, 0x22, 0xa0, 0x01), frame]);
    expect(outputs.map((output) => output.kind)).toEqual(['refused', 'frame']);
    expect(framer.counters).toEqual({ frames: 1, skippedBytes: 4, refused: 1, bufferedBytes: 0 });
  });

  it('drops and counts a part-frame when the line is lost', () => {
    const framer = new R2000Framer();
    framer.push(frame.subarray(0, 9));
    framer.reset();
    expect(framer.counters).toEqual({ frames: 0, skippedBytes: 9, refused: 1, bufferedBytes: 0 });
    expect(framesOf(framer, [frame])).toEqual([hexOf(frame)]);
  });

  it('survives 4 MB of random bytes, holds no more than one frame, and is in step again', () => {
    const framer = new R2000Framer();
    const noise = seededBytes(11, 4_000_000);
    for (let at = 0; at < noise.length; at += 1_021) {
      for (const output of framer.push(noise.subarray(at, at + 1_021))) {
        decodeAnswer(output.bytes);
        decodeCommand(output.bytes);
      }
      if (framer.counters.bufferedBytes > MAX_WAITING_BYTES) throw new Error('holds more than a frame');
    }
    expect(framesOf(framer, [LULL, frame])).toContain(hexOf(frame));
  });

  it('is not slowed beyond bounds by headers alone', () => {
    const framer = new R2000Framer();
    // Each 0xA0 is a candidate of 162 bytes; a lying 0xFF length is the longest one.
    framer.push(new Uint8Array(200_000).fill(0xa0));
    framer.push(Uint8Array.from({ length: 200_000 }, (_, i) => (i % 2 === 0 ? 0xa0 : 0xff)));
    expect(framer.counters.bufferedBytes).toBeLessThanOrEqual(MAX_WAITING_BYTES);
  });
});

describe('R2000 options', () => {
  it('takes a URL query and gateway.json alike', () => {
    const fromUrl = r2000.parseOptions({ address: '1', antennas: '1,5', eightPort: 'true', power: '30' });
    expect(fromUrl).toEqual(r2000.parseOptions({ address: 1, antennas: [1, 5], eightPort: true, power: 30 }));
    expect(r2000.parseOptions({})).toMatchObject({ address: 255, antennas: [1], eightPort: false });
  });

  it('reports all faults together', () => {
    expect.assertions(2);
    try {
      r2000.parseOptions({ address: 300, antennas: '0', colour: 'red' });
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect((error as DomainError).details['faults']).toHaveLength(3);
    }
  });

  it('refuses antenna 5 on a reader with 4 ports', () => {
    expect(() => r2000.parseOptions({ antennas: '1,5' })).toThrow(DomainError);
  });
});
