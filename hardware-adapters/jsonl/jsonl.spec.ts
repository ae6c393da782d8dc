import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { SessionReading } from '#libs/telemetry';
import {
  byteByByte,
  everyBitFlipped,
  everySplit,
  framesOf,
  hexOf,
  outputsOf,
  seeded,
  seededBytes,
} from '../framing.laws.js';
import { decodeLine } from './codec.js';
import { MAX_LINE_BYTES } from './definition.js';
import { encodeAck, encodeHello, encodeReading } from './encode.js';
import { JsonlFramer } from './framer.js';
import { jsonl } from './index.js';
import type { JsonlState } from './session.js';

const NOW = Date.UTC(2026, 10, 22, 5, 0, 0);
const utf8 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));
const decodeText = (text: string) => decodeLine(utf8(text));

/** The examples of the specification itself. */
const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
const examples = readme.split('\n').filter((line) => line.startsWith('{"type":'));

describe('JSON lines specification', () => {
  it('has an example of every type, and each decodes', () => {
    const types = examples.map((line) => (JSON.parse(line) as { readonly type: string }).type);
    expect(new Set(types)).toEqual(
      new Set(['hello', 'ocr', 'lane', 'scan', 'weight', 'card', 'seal', 'vessel', 'position', 'tag']),
    );
    for (const line of examples) expect(decodeText(line)).toMatchObject({ ok: true });
  });

  it.each(examples.filter((line) => !line.includes('"hello"')))('survives its own encoder: %s', (line) => {
    const decoded = decodeText(line);
    if (!decoded.ok || decoded.message.kind !== 'reading') throw new Error('no reading');
    const { seq, at, body } = decoded.message;
    expect(decodeLine(encodeReading(seq, at, body))).toEqual(decoded);
  });

  it('cuts every example whole, byte by byte, at every split and after noise', () => {
    for (const line of examples) {
      const bytes = utf8(`${line}\r\n`);
      const noise = Uint8Array.from([...seededBytes(3, 100), 0x0a]);
      for (const chunks of [[bytes], byteByByte(bytes), ...everySplit(bytes)]) {
        expect(framesOf(new JsonlFramer(), chunks)).toEqual([hexOf(utf8(line))]);
      }
      expect(framesOf(new JsonlFramer(), [noise, bytes]).at(-1)).toBe(hexOf(utf8(line)));
    }
  });

  it('never throws for an example with one bit flipped', () => {
    for (const line of examples) {
      for (const flipped of everyBitFlipped(utf8(line))) {
        const decoded = decodeLine(flipped);
        if (!decoded.ok) expect(['utf8', 'json', 'unknown_type', 'field']).toContain(decoded.reason);
      }
    }
  });
});

describe('JSON lines codec', () => {
  it('reads an instant with an offset, and none as null', () => {
    expect(decodeText('{"type":"card","seq":1,"at":"2026-11-22T13:00:00.5+08:00","cardNumber":"A1"}')).toMatchObject({
      message: { at: Date.UTC(2026, 10, 22, 5, 0, 0, 500) },
    });
    expect(decodeText('{"type":"card","seq":1,"cardNumber":"A1"}')).toMatchObject({ message: { at: null } });
  });

  it.each([
    ['a number below 1', '{"type":"card","seq":0,"cardNumber":"A1"}', 'seq'],
    ['a time without an offset', '{"type":"card","seq":1,"at":"2026-11-22T13:00:00","cardNumber":"A1"}', 'at'],
    ['a day that is none', '{"type":"card","seq":1,"at":"2026-02-30T13:00:00Z","cardNumber":"A1"}', 'at'],
    ['a missing field', '{"type":"card","seq":1}', 'cardNumber'],
    ['an unknown field', '{"type":"card","seq":1,"cardNumber":"A1","colour":"red"}', 'colour'],
    ['a place off the earth', '{"type":"position","seq":1,"longitude":181,"latitude":0}', 'longitude'],
    ['a confidence above 1', '{"type":"ocr","seq":1,"target":"PLATE","text":"浙B12345","confidence":98}', 'confidence'],
    ['a PC that disagrees with the EPC', '{"type":"tag","seq":1,"antenna":1,"pc":"3000","epc":"E280"}', 'pc'],
    ['a decision without a verdict', '{"type":"lane","seq":1,"signal":"DECISION","by":"TOS"}', 'verdict'],
  ])('refuses %s and names the field', (_, line, field) => {
    expect(decodeText(line)).toMatchObject({ ok: false, reason: 'field', detail: expect.stringContaining(field) });
  });

  it.each([
    ['unknown_type', '{"type":"weather","seq":1}'],
    ['unknown_type', '{"type":"__proto__","seq":1}'],
    ['unknown_type', '{"seq":1}'],
    ['json', '[1]'],
    ['json', '{"type":'],
    ['json', 'null'],
  ])('refuses with %s: %s', (reason, line) => {
    expect(decodeText(line)).toMatchObject({ ok: false, reason });
  });

  it('refuses what is not UTF-8', () => {
    expect(decodeLine(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ ok: false, reason: 'utf8' });
  });
});

describe('JSON lines framer', () => {
  it('takes away a byte-order mark, CRLF and empty lines', () => {
    const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, ...utf8('{"a":1}\r\n\r\n\n{"b":2}\n')]);
    for (const chunks of [[bytes], byteByByte(bytes)]) {
      expect(framesOf(new JsonlFramer(), chunks)).toEqual(['{"a":1}', '{"b":2}'].map((text) => hexOf(utf8(text))));
    }
  });

  it('refuses a line beyond 64 KiB once and is in step at the next', () => {
    const framer = new JsonlFramer();
    const long = utf8('x'.repeat(200_000));
    const chunks = [
      long.subarray(0, 50_000),
      long.subarray(50_000, 120_000),
      long.subarray(120_000),
      utf8('\n{"a":1}\n'),
    ];
    expect(outputsOf(framer, chunks).map((output) => output.kind)).toEqual(['refused', 'frame']);
    expect(framer.counters).toEqual({ frames: 1, skippedBytes: 200_000, refused: 1, bufferedBytes: 0 });
  });

  it('survives 2 MB of torn lines and random bytes, holds no more than its bound, and is in step again', () => {
    const framer = new JsonlFramer();
    const next = seeded(23);
    const noise = seededBytes(29, 1_000_000);
    const text = utf8(examples.join('\n'));
    for (let at = 0; at < noise.length; at += 499) {
      const from = next() % text.length;
      for (const chunk of [noise.subarray(at, at + 499), text.subarray(from, from + (next() % 1_000))]) {
        for (const output of framer.push(chunk)) decodeLine(output.bytes);
      }
      if (framer.counters.bufferedBytes > MAX_LINE_BYTES) throw new Error('holds more than its bound');
    }
    expect(framesOf(framer, [utf8('\n{"a":1}\n')]).at(-1)).toBe(hexOf(utf8('{"a":1}')));
  });
});

describe('JSON lines session', () => {
  const card = (seq: number): Uint8Array => encodeReading(seq, null, { kind: 'CardRead', cardNumber: `C${seq}` });

  function hear(state: JsonlState, ...lines: readonly Uint8Array[]) {
    const readings: SessionReading[] = [];
    const replies: string[] = [];
    let now = state;
    for (const line of lines) {
      const decoded = decodeLine(line);
      if (!decoded.ok) throw new Error(decoded.reason);
      const step = jsonl.onMessage(now, decoded.message, NOW);
      now = step.state;
      readings.push(...step.readings);
      replies.push(...step.replies.map((reply) => Buffer.from(reply).toString()));
    }
    return { state: now, readings, replies, tokens: readings.map(({ ackToken }) => ackToken) };
  }

  const fresh = (): JsonlState => jsonl.open(jsonl.parseOptions({}), NOW).state;
  const ack = (state: JsonlState, tokens: readonly (number | null)[]): string[] =>
    jsonl.acknowledge(state, tokens as readonly number[]).map((bytes) => Buffer.from(bytes).toString());

  it('acknowledges with the highest number only', () => {
    const heard = hear(fresh(), card(1), card(2), card(3));
    expect(heard.tokens).toEqual([1, 2, 3]);
    expect(ack(heard.state, heard.tokens)).toEqual(['{"ack":3}\n']);
    expect(ack(heard.state, [])).toEqual([]);
  });

  it('takes the time of receipt where the device has no clock', () => {
    expect(hear(fresh(), card(1)).readings[0]?.occurredAt).toBe(NOW);
  });

  it('gives no second reading for a line that is sent again', () => {
    const heard = hear(fresh(), card(1), card(2), card(1), card(2));
    expect(heard.tokens).toEqual([1, 2]);
    expect(heard.state.repeats).toBe(2);
    // Nothing is on disk yet, so nothing may be said.
    expect(heard.replies).toEqual([]);
  });

  it('takes a line that was overtaken, and not one far behind', () => {
    const heard = hear(fresh(), card(1_000), card(999), card(999), card(744));
    expect(heard.tokens).toEqual([1_000, 999]);
    expect(heard.state.repeats).toBe(2);
  });

  it('says again what is on disk when its acknowledgement was lost', () => {
    const heard = hear(fresh(), card(1), card(2));
    ack(heard.state, heard.tokens);
    expect(hear(heard.state, card(1)).replies).toEqual(['{"ack":2}\n']);
  });

  it('begins a new numbering at a hello with another boot', () => {
    const first = hear(fresh(), encodeHello('cam-1', 'a'), card(1), card(2));
    const second = hear(first.state, encodeHello('cam-1', 'b'), card(1));
    expect(second.readings).toHaveLength(1);
    expect(ack(second.state, second.tokens)).toEqual(['{"ack":1}\n']);
    // An fsync that finishes late must not acknowledge lines of the new numbering.
    expect(ack(second.state, first.tokens)).toEqual([]);
  });

  it('keeps the numbering at a hello with the same boot', () => {
    const first = hear(fresh(), encodeHello('cam-1', 'a'), card(1));
    expect(hear(first.state, encodeHello('cam-1', 'a'), card(1)).readings).toEqual([]);
  });

  it('writes an acknowledgement as one line', () => {
    expect(Buffer.from(encodeAck(7)).toString()).toBe('{"ack":7}\n');
  });
});
