import { describe, expect, it } from '@jest/globals';
import {
  byteByByte,
  everyBitFlipped,
  everySplit,
  framesOf,
  hexOf,
  fromHex,
  loadVectors,
  outputsOf,
  seeded,
  seededBytes,
} from '../framing.laws.js';
import { decodeSentence, type NmeaMessage } from './codec.js';
import { MAX_SENTENCE_BYTES } from './definition.js';
import { encodeSentence } from './encode.js';
import { NmeaFramer } from './framer.js';

const vectors = loadVectors('nmea');
const lines = vectors.filter((vector) => vector.line !== undefined);
const valid = lines.filter((vector) => vector.expect['checksumOk'] === true);
const streams = vectors.filter((vector) => vector.kind === 'stream');

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** Compares key by key; numbers to 1e-6, as the vectors' description says. */
function expectFields(message: NmeaMessage, expected: Readonly<Record<string, unknown>>): void {
  const actual = message as unknown as Readonly<Record<string, unknown>>;
  for (const [key, value] of Object.entries(expected)) {
    if (typeof value === 'number') expect(actual[key]).toBeCloseTo(value, 6);
    else expect(actual[key]).toEqual(value);
  }
}

function messagesOf(bytes: readonly Uint8Array[]): NmeaMessage[] {
  const framer = new NmeaFramer();
  return outputsOf(framer, bytes).flatMap((output) => {
    if (output.kind !== 'frame') return [];
    const decoded = decodeSentence(output.bytes);
    return decoded.ok ? [decoded.message] : [];
  });
}

describe('NMEA vectors', () => {
  it('are all here', () => {
    expect([valid.length, lines.length - valid.length, streams.length]).toEqual([287, 4, 15]);
  });

  it.each(valid)('decodes $id key by key: $line', ({ line = '', expect: expected }) => {
    const decoded = decodeSentence(latin1(line));
    if (!decoded.ok) throw new Error(decoded.reason);
    expectFields(decoded.message, expected);
  });

  it.each(lines.filter((vector) => vector.expect['checksumOk'] === false))(
    'refuses $id: $line',
    ({ line = '', expect: expected }) => {
      const reason = expected['checksumPresent'] === true ? 'checksum' : 'checksum_missing';
      expect(decodeSentence(latin1(line))).toMatchObject({ ok: false, reason });
    },
  );

  it('cuts each sentence whole, byte by byte and at every split', () => {
    for (const { line = '' } of valid) {
      const bytes = latin1(`${line}\r\n`);
      for (const chunks of [[bytes], byteByByte(bytes), ...everySplit(bytes)]) {
        expect(framesOf(new NmeaFramer(), chunks)).toEqual([hexOf(latin1(line))]);
      }
    }
  });

  it('finds each sentence after noise that is full of openers', () => {
    const next = seeded(5);
    for (const { line = '' } of valid) {
      const noise = Uint8Array.from(
        { length: 60 },
        () => [0x24, 0x21, 0x2a, 0x0d, next() >>> 24][next() % 5] as number,
      );
      expect(framesOf(new NmeaFramer(), [noise, latin1(`${line}\r\n`)]).at(-1)).toBe(hexOf(latin1(line)));
    }
  });

  it('refuses each sentence with one bit flipped, or it means the same', () => {
    for (const { line = '' } of valid) {
      const bytes = latin1(line);
      const original = decodeSentence(bytes);
      for (const flipped of everyBitFlipped(bytes)) {
        const decoded = decodeSentence(flipped);
        // The case of a checksum digit is one bit, and both are written.
        if (decoded.ok) expect(decoded).toEqual(original);
      }
    }
  });

  it.each(streams)('reads the slice $id of a serial line in any chunks', ({ chunks = [], expect: expected }) => {
    const bytes = fromHex(chunks.join(''));
    for (const way of [chunks.map(fromHex), [bytes], byteByByte(bytes)]) {
      const messages = messagesOf(way);
      expect(messages).toHaveLength(expected['validSentences'] as number);
      const byType: Record<string, number> = {};
      for (const message of messages) {
        if (message.kind !== 'other') byType[message.type] = (byType[message.type] ?? 0) + 1;
      }
      expect(byType).toEqual(expected['validStandardByType']);
      const fixes = messages.filter(
        (message) =>
          (message.kind === 'gga' && (message.quality ?? 0) > 0) ||
          ((message.kind === 'rmc' || message.kind === 'gll') && message.status === 'A'),
      );
      const expectedFixes = expected['fixes'] as readonly Record<string, unknown>[];
      expect(fixes).toHaveLength(expectedFixes.length);
      fixes.forEach((fix, i) => expectFields(fix, expectedFixes[i] ?? {}));
    }
  });

  it('keeps every decoded value within physical limits', () => {
    for (const { line = '' } of valid) {
      const decoded = decodeSentence(latin1(line));
      if (!decoded.ok) throw new Error(decoded.reason);
      const { message } = decoded;
      if ('lat' in message) {
        expect(Math.abs(message.lat ?? 0)).toBeLessThanOrEqual(90);
        expect(Math.abs(message.lon ?? 0)).toBeLessThanOrEqual(180);
      }
      if ('speedKn' in message) expect(message.speedKn ?? 0).toBeGreaterThanOrEqual(0);
      if (message.kind === 'gsv') {
        for (const { el, az, snr } of message.sats) {
          expect(Math.abs(el ?? 0)).toBeLessThanOrEqual(90);
          expect(az ?? 0).toBeLessThanOrEqual(360);
          expect(snr ?? 0).toBeLessThanOrEqual(99);
        }
      }
      expect(Object.values(message)).not.toContain(undefined);
    }
  });
});

describe('NMEA codec', () => {
  const decodeBody = (body: string) => {
    const decoded = decodeSentence(encodeSentence(body));
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.message;
  };

  it('gives null for what is empty or cannot be read, and never 0', () => {
    expect(decodeBody('GPRMC,,V,,,,,,,,,,N')).toMatchObject({
      time: null,
      lat: null,
      lon: null,
      speedKn: null,
      date: null,
    });
    expect(decodeBody('GPGGA,1x0000,9x,N,12131.0,,1,a,-,.,M,1e3,M,,')).toMatchObject({
      time: null,
      lat: null,
      lon: null,
      sats: null,
      hdop: null,
      altMslM: null,
      geoidSepM: null,
    });
  });

  it('gives null for a place that is not on the earth', () => {
    // 90° 0.6′, 180° 0.6′ and 61 minutes.
    expect(decodeBody('GPGLL,9000.6,N,18000.6,E,120000,A')).toMatchObject({ lat: null, lon: null });
    expect(decodeBody('GPGLL,3061.0,N,12000.0,E,120000,A')).toMatchObject({ lat: null, lon: 120 });
  });

  it('reads the equator and the meridian as 0, and the south and west as negative', () => {
    expect(decodeBody('GPGLL,0000.0,S,00000.0,W,120000,A')).toMatchObject({ lat: 0, lon: 0 });
    expect(decodeBody('GPGLL,3030.0,S,12015.0,W,120000,A')).toMatchObject({ lat: -30.5, lon: -120.25 });
  });

  it('tells the signal id of NMEA 4.11 from a satellite', () => {
    expect(decodeBody('GBGSV,1,1,00,')).toMatchObject({ sats: [], signalId: null });
    expect(decodeBody('GBGSV,1,1,01,14,39,136,42,B')).toMatchObject({
      sats: [{ prn: 14, el: 39, az: 136, snr: 42 }],
      signalId: 'B',
    });
  });

  it('keeps other and proprietary sentences whole', () => {
    expect(decodeBody('SDDBT,7.5,f,2.3,M,1.3,F')).toMatchObject({
      talker: 'SD',
      type: 'DBT',
      kind: 'other',
      fields: ['7.5', 'f', '2.3', 'M', '1.3', 'F'],
    });
    expect(decodeBody('PQGSA,A,3')).toMatchObject({ talker: 'P', type: 'PQGSA', kind: 'other', fields: ['A', '3'] });
    // gpsd's AIS sample; the checksum is that of the sentence.
    const ais = latin1('!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A');
    expect(decodeSentence(ais)).toMatchObject({ message: { talker: 'AI', type: 'VDM', kind: 'other' } });
  });

  it('takes a sentence without a checksum only when it is told to, and a wrong one never', () => {
    const bare = latin1('$GPGLL,3348.452,N,11821.143,W,142216,A');
    expect(decodeSentence(bare)).toMatchObject({ ok: false, reason: 'checksum_missing' });
    expect(decodeSentence(bare, { allowMissingChecksum: true })).toMatchObject({
      message: { checksumPresent: false, checksumOk: false, status: 'A' },
    });
    const wrong = latin1('$GPGLL,3348.452,N,11821.143,W,142216,A*39');
    expect(decodeSentence(wrong, { allowMissingChecksum: true })).toMatchObject({ reason: 'checksum' });
  });
});

describe('NMEA framer', () => {
  const sentence = '$GPGLL,3348.452,N,11821.143,W,142216,A*38';

  it('begins anew at $ inside a sentence and reports what came before', () => {
    const outputs = outputsOf(new NmeaFramer(), [latin1(`$GPGGA,1234${sentence}\r\n`)]);
    expect(outputs.map(({ kind, bytes }) => [kind, Buffer.from(bytes).toString()])).toEqual([
      ['refused', '$GPGGA,1234'],
      ['frame', sentence],
    ]);
  });

  it('keeps ! in free text, and begins anew at ! where the line was torn', () => {
    const text = Buffer.from(encodeSentence('GPTXT,01,01,02,ANTENNA OPEN!')).toString().trim();
    expect(framesOf(new NmeaFramer(), [latin1(`${text}\r\n`)])).toEqual([hexOf(latin1(text))]);
    const ais = '!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A';
    expect(framesOf(new NmeaFramer(), [latin1(`$GPGGA,12${ais}\r\n`)])).toEqual([hexOf(latin1(ais))]);
  });

  it('refuses a sentence beyond its bound and holds no more', () => {
    const framer = new NmeaFramer();
    const outputs = outputsOf(framer, byteByByte(latin1(`$${'A'.repeat(3_000)}`)));
    expect(outputs.map(({ kind }) => kind)).toEqual(['refused']);
    expect(framer.counters.bufferedBytes).toBeLessThanOrEqual(MAX_SENTENCE_BYTES);
    expect(framesOf(framer, [latin1(`${sentence}\n`)])).toEqual([hexOf(latin1(sentence))]);
  });

  it('drops and counts a part-sentence when the line is lost', () => {
    const framer = new NmeaFramer();
    framer.push(latin1('$GPGGA,1'));
    framer.reset();
    expect(framer.counters).toEqual({ frames: 0, skippedBytes: 8, refused: 1, bufferedBytes: 0 });
  });

  it('counts noise and not line ends as skipped', () => {
    const framer = new NmeaFramer();
    framer.push(latin1(`\r\n\r\nabc${sentence}\r\n`));
    expect(framer.counters).toEqual({ frames: 1, skippedBytes: 3, refused: 0, bufferedBytes: 0 });
  });

  it('survives 4 MB of random bytes and torn sentences, holds no more than its bound, and is in step again', () => {
    const framer = new NmeaFramer();
    const noise = seededBytes(13, 4_000_000);
    const next = seeded(17);
    const torn = latin1(lines.map(({ line = '' }) => line).join(''));
    for (let at = 0; at < noise.length; at += 997) {
      const from = next() % torn.length;
      const chunks = [noise.subarray(at, at + 997), torn.subarray(from, from + (next() % 200))];
      for (const chunk of chunks) {
        for (const output of framer.push(chunk)) {
          decodeSentence(output.bytes);
          decodeSentence(output.bytes, { allowMissingChecksum: true });
        }
      }
      if (framer.counters.bufferedBytes > MAX_SENTENCE_BYTES) throw new Error('holds more than its bound');
    }
    expect(framesOf(framer, [latin1(`\n${sentence}\r\n`)]).at(-1)).toBe(hexOf(latin1(sentence)));
  });
});
