import type { Framer, FramerCounters, FramerOutput } from '#libs/telemetry';
import { BANG, CR, DOLLAR, LF, MAX_SENTENCE_BYTES } from './definition.js';
import { hasRightChecksum } from './checksum.js';

const NOTHING = new Uint8Array(0);

/**
 * Cuts at CR or LF. `$` inside a sentence begins a new one and the former is refused (`restart`).
 * `!` may stand in free text, so it begins a new sentence only when the whole line fails its checksum.
 * Frames are views without their line end; whoever keeps them copies them.
 */
export class NmeaFramer implements Framer {
  private waiting: Uint8Array = NOTHING;
  /** Bytes of `waiting` that were looked at. */
  private scanned = 0;
  /** Place of the last `!` inside the waiting sentence, or −1. */
  private bang = -1;
  private frames = 0;
  private skipped = 0;
  private refused = 0;

  push(chunk: Uint8Array): readonly FramerOutput[] {
    const outputs: FramerOutput[] = [];
    const carried = this.waiting.length > 0;
    const bytes = carried ? joined(this.waiting, chunk) : chunk;
    let start = carried ? 0 : -1;
    let bang = this.bang;
    let from = 0;
    for (let i = this.scanned; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      // Every byte above the comma belongs to a sentence or to noise; only five below it mean anything here.
      if (byte > 0x24) {
        if (start >= 0 && i - start >= MAX_SENTENCE_BYTES) {
          this.refuse(outputs, 'too_long', bytes.subarray(start, i));
          start = -1;
          from = i;
        }
        continue;
      }
      if (byte === LF || byte === CR) {
        if (start < 0) continue;
        this.endLine(outputs, bytes, start, bang, i);
        start = -1;
        from = i + 1;
      } else if (byte === DOLLAR || (byte === BANG && start < 0)) {
        if (start < 0) {
          this.skipNoise(bytes, from, i);
        } else if (i - start === 1) {
          this.skipped++;
        } else {
          this.refuse(outputs, 'restart', bytes.subarray(start, i));
        }
        start = i;
        bang = -1;
      } else if (byte === BANG) {
        bang = i;
      }
    }
    if (start < 0) {
      this.skipNoise(bytes, from, bytes.length);
      this.waiting = NOTHING;
      this.scanned = 0;
      this.bang = -1;
    } else if (bytes.length - start > MAX_SENTENCE_BYTES) {
      this.refuse(outputs, 'too_long', bytes.subarray(start));
      this.waiting = NOTHING;
      this.scanned = 0;
      this.bang = -1;
    } else {
      this.waiting = Uint8Array.from(bytes.subarray(start));
      this.scanned = this.waiting.length;
      this.bang = bang < 0 ? -1 : bang - start;
    }
    return outputs;
  }

  reset(): void {
    if (this.waiting.length > 0) {
      this.refused++;
      this.skipped += this.waiting.length;
    }
    this.waiting = NOTHING;
    this.scanned = 0;
    this.bang = -1;
  }

  get counters(): FramerCounters {
    return {
      frames: this.frames,
      skippedBytes: this.skipped,
      refused: this.refused,
      bufferedBytes: this.waiting.length,
    };
  }

  private endLine(outputs: FramerOutput[], bytes: Uint8Array, start: number, bang: number, end: number): void {
    let first = start;
    if (bang > start && !hasRightChecksum(bytes, start, end)) {
      this.refuse(outputs, 'restart', bytes.subarray(start, bang));
      first = bang;
    }
    outputs.push({ kind: 'frame', bytes: bytes.subarray(first, end) });
    this.frames++;
  }

  private refuse(outputs: FramerOutput[], reason: string, bytes: Uint8Array): void {
    outputs.push({ kind: 'refused', reason, bytes });
    this.refused++;
    this.skipped += bytes.length;
  }

  /** Line ends between sentences are no noise. */
  private skipNoise(bytes: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (bytes[i] !== CR && bytes[i] !== LF) this.skipped++;
    }
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}
