/**
 * Every device that Boxtrail reads. To add one:
 *  1. make `hardware-adapters/<device>/` with definition, framer, codec, session, encode, README and a spec that replays
 *     `fixtures/vectors/<device>.json`; its `index.ts` exports one DeviceAdapter;
 *  2. add that adapter to `list` below, its host → reader codec to `commandCodecs` when it has one, and its protocol to
 *     `lineProtocols` when its frames end with their line;
 *  3. name it in the table of docs/ARCHITECTURE.md.
 */
import { DomainError, type EpochMs } from '#libs/kernel';
import type { Decoded, DeviceAdapter, SessionReading } from '#libs/telemetry';
import { jsonl } from '../jsonl/index.js';
import { nmea, nmeaUnchecked } from '../nmea/index.js';
import { decodeCommand, r2000 } from '../r2000/index.js';

const list: readonly DeviceAdapter[] = [r2000, nmea, nmeaUnchecked, jsonl];

/** Protocol, as a device URL spells it → adapter. */
export const adapters: ReadonlyMap<string, DeviceAdapter> = new Map(list.map((adapter) => [adapter.protocol, adapter]));

/** Protocol → codec of what the host sends, for listening on a line between the two. */
export const commandCodecs: ReadonlyMap<string, (frame: Uint8Array) => Decoded<unknown>> = new Map([
  [r2000.protocol, decodeCommand],
]);

/** Protocols whose frames end with a line end; a line that is pasted or saved often lacks its last one. */
const lineProtocols: ReadonlySet<string> = new Set([nmea.protocol, nmeaUnchecked.protocol, jsonl.protocol]);
const LINE_END = Uint8Array.of(0x0a);

/** @throws DomainError INVALID_CONFIG naming the protocols that exist */
export function adapterFor(protocol: string): DeviceAdapter {
  const adapter = adapters.get(protocol);
  if (adapter === undefined) {
    throw new DomainError('INVALID_CONFIG', {
      field: 'protocol',
      value: protocol,
      expected: `one of ${[...adapters.keys()].join(', ')}`,
    });
  }
  return adapter;
}

export interface DecodeStreamOptions {
  /** Runs the session too and gives its readings behind the message that made them. */
  readonly readings?: boolean;
  /** `answer` is device → host. */
  readonly direction?: 'answer' | 'command';
  /** Taken for the time of receipt of every frame; now by default. */
  readonly receivedAt?: EpochMs;
  /** As in the device's URL. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export type DecodedItem =
  | { readonly ok: true; readonly message: unknown }
  /** `skipped`: bytes of no frame; `incomplete`: the last frame has no end; else a framer's or codec's reason. */
  | { readonly ok: false; readonly reason: string; readonly detail: string }
  | { readonly reading: SessionReading };

/** So that skipped bytes are reported near their place even when all bytes come at once. */
const SLICE_BYTES = 256;
const SHOWN_BYTES = 48;
/** A tick this long after the last byte ends an epoch that was still open. */
const LAST_TICK_MS = 1_000;

/**
 * Bytes, in any chunks → messages, refused candidates and skipped noise, in order. Never throws for what the bytes hold.
 * The end of the bytes ends a line.
 * @throws DomainError INVALID_CONFIG for an unknown protocol, direction or option
 */
export function* decodeStream(
  protocol: string,
  bytes: Uint8Array | Iterable<Uint8Array>,
  { readings = false, direction = 'answer', receivedAt = Date.now(), options = {} }: DecodeStreamOptions = {},
): Generator<DecodedItem, void, undefined> {
  const adapter = adapterFor(protocol);
  const decode = direction === 'answer' ? (frame: Uint8Array) => adapter.decode(frame) : commandCodecs.get(protocol);
  if (decode === undefined) {
    throw new DomainError('INVALID_CONFIG', {
      field: 'direction',
      value: direction,
      expected: `answer; ${protocol} has no commands`,
    });
  }
  const framer = adapter.createFramer();
  let { state } = adapter.open(adapter.parseOptions(options), receivedAt);
  let skipped = 0;
  let offset = 0;
  const isInLine = (): boolean => lineProtocols.has(protocol) && framer.counters.bufferedBytes > 0;
  for (const slice of endingLine(slices(bytes), isInLine)) {
    const outputs = framer.push(slice);
    offset += slice.length;
    for (const output of outputs) {
      if (output.kind === 'refused') {
        yield { ok: false, reason: output.reason, detail: shown(output.bytes) };
        continue;
      }
      const decoded = decode(output.bytes);
      if (!decoded.ok) {
        yield {
          ok: false,
          reason: decoded.reason,
          detail: [decoded.detail, shown(output.bytes)].filter(Boolean).join(': '),
        };
        continue;
      }
      yield decoded;
      if (readings && direction === 'answer') {
        const step = adapter.onMessage(state, decoded.message, receivedAt);
        state = step.state;
        for (const reading of step.readings) yield { reading };
      }
    }
    const { skippedBytes } = framer.counters;
    if (skippedBytes > skipped) {
      yield { ok: false, reason: 'skipped', detail: `${skippedBytes - skipped} bytes before offset ${offset}` };
      skipped = skippedBytes;
    }
  }
  const { bufferedBytes } = framer.counters;
  if (bufferedBytes > 0) {
    yield { ok: false, reason: 'incomplete', detail: `${bufferedBytes} bytes at the end` };
  }
  if (readings && direction === 'answer') {
    for (const reading of adapter.onTick(state, receivedAt + LAST_TICK_MS).readings) yield { reading };
  }
}

function* slices(bytes: Uint8Array | Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) yield chunk.subarray(at, at + SLICE_BYTES);
  }
}

function* endingLine(chunks: Iterable<Uint8Array>, isInLine: () => boolean): Generator<Uint8Array> {
  yield* chunks;
  if (isInLine()) yield LINE_END;
}

/** Printable text as it is, anything else as hex, cut at 48 bytes. */
function shown(bytes: Uint8Array): string {
  const head = bytes.subarray(0, SHOWN_BYTES);
  const printable = head.every((byte) => byte >= 0x20 && byte < 0x7f);
  const text = Buffer.from(head).toString(printable ? 'latin1' : 'hex');
  return bytes.length > SHOWN_BYTES ? `${text}…` : text;
}
