import { describe, expect, it } from '@jest/globals';
import { DomainError } from '#libs/kernel';
import { byteByByte, fromHex } from '../framing.laws.js';
import { encodeFix } from '../nmea/index.js';
import { encodeInventory } from '../r2000/index.js';
import { adapterFor, adapters, decodeStream } from './index.js';

const tag = fromHex('a01301891d300092a3b4c5d6e7f8091a2b3c4d42fa');
const AT = Date.UTC(2026, 10, 22, 5, 0, 0);

describe('registry', () => {
  it('lists every adapter under the protocol that it names', () => {
    expect([...adapters.keys()]).toEqual(['r2000', 'nmea', 'nmea-unchecked', 'jsonl']);
    for (const [protocol, adapter] of adapters) expect(adapter.protocol).toBe(protocol);
  });

  it('names the protocols that exist when asked for another', () => {
    expect.assertions(1);
    try {
      adapterFor('x25');
    } catch (error) {
      expect((error as DomainError).details).toMatchObject({ field: 'protocol', value: 'x25' });
    }
  });

  it('opens every adapter with its default options', () => {
    for (const adapter of adapters.values()) {
      expect(adapter.open(adapter.parseOptions({}), AT).readings).toEqual([]);
    }
  });
});

describe('decodeStream', () => {
  it('takes the end of the bytes for the end of a line, so that one that was pasted is read', () => {
    const card = Buffer.from('{"type":"card","seq":8,"cardNumber":"33"}');
    expect([...decodeStream('jsonl', card)]).toMatchObject([{ ok: true, message: { seq: 8 } }]);
    const [sentence = ''] = Buffer.from(encodeFix({ at: AT, longitude: 121.9, latitude: 29.9 }))
      .toString()
      .split('\r');
    expect([...decodeStream('nmea', Buffer.from(sentence))]).toMatchObject([{ ok: true, message: { type: 'RMC' } }]);
    // torn off inside its checksum
    expect([...decodeStream('nmea', Buffer.from(sentence.slice(0, -1)))]).toMatchObject([
      { ok: false, reason: 'checksum' },
    ]);
  });

  it('gives messages, refused candidates, noise and an unfinished end, whole and byte by byte alike', () => {
    const bad = Uint8Array.from(tag);
    bad[8] = 0;
    const bytes = Buffer.concat([Buffer.from('noise'), bad, tag, tag.subarray(0, 7)]);
    const summary = (chunks: Uint8Array | Uint8Array[]) =>
      [...decodeStream('r2000', chunks)]
        .map((item) => ('reading' in item ? 'reading' : item.ok ? 'message' : item.reason))
        .filter((word) => word !== 'skipped');
    expect(summary(bytes)).toEqual(['checksum', 'message', 'incomplete']);
    expect(summary(byteByByte(bytes))).toEqual(summary(bytes));
    const skipped = [...decodeStream('r2000', bytes)].filter(
      (item) => 'ok' in item && !item.ok && item.reason === 'skipped',
    );
    // Five bytes of noise and the whole refused frame.
    expect(skipped).toEqual([{ ok: false, reason: 'skipped', detail: `26 bytes before offset ${bytes.length}` }]);
  });

  it('gives a refused frame its reason, what was expected and its bytes', () => {
    const [item] = decodeStream('nmea', Buffer.from('$GPGLL,3348.452,N,11821.143,W,142216,A*39\r\n'));
    expect(item).toEqual({
      ok: false,
      reason: 'checksum',
      detail: '*39, expected *38: $GPGLL,3348.452,N,11821.143,W,142216,A*39',
    });
  });

  it('gives the readings behind their messages when asked', () => {
    const items = [
      ...decodeStream('nmea', encodeFix({ at: AT, longitude: 121.85, latitude: 29.9 }), { readings: true }),
    ];
    expect(items.map((item) => ('reading' in item ? item.reading.occurredAt : item.ok))).toEqual([true, true, AT]);
  });

  it('gives a reading that its epoch still held at the end', () => {
    const rmc = encodeFix({ at: AT, longitude: 121.85, latitude: 29.9 }).subarray(0, 70);
    const items = [...decodeStream('nmea', [rmc, Buffer.from('\n')], { readings: true, receivedAt: AT })];
    expect(items.filter((item) => 'reading' in item)).toHaveLength(1);
  });

  it('reads host commands with the other direction, where there are any', () => {
    const [item] = decodeStream('r2000', encodeInventory(1, 1), { direction: 'command' });
    expect(item).toMatchObject({ ok: true, message: { kind: 'command', cmd: '0x89', data: '01' } });
    expect(() => [...decodeStream('nmea', tag, { direction: 'command' })]).toThrow(DomainError);
  });
});
