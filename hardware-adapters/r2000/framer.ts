import type { Framer, FramerCounters, FramerOutput } from '#libs/telemetry';
import { checkByte, HEADER, MAX_FRAME_BYTES, MIN_LEN, OVERHEAD } from './definition.js';

/**
 * Cuts by Len, checks the sum, and after a failure looks for the next 0xA0 inside the refused bytes:
 * 0xA0 is common in EPCs, so neither a header nor a length proves anything before the sum does.
 * Holds at most 256 bytes between two pushes. The bytes it gives are views; whoever keeps them copies them.
 */
export class R2000Framer implements Framer {
  private waiting: Uint8Array = new Uint8Array(0);
  private frames = 0;
  private skipped = 0;
  private refused = 0;

  push(chunk: Uint8Array): readonly FramerOutput[] {
    const bytes = this.waiting.length === 0 ? chunk : joined(this.waiting, chunk);
    const outputs: FramerOutput[] = [];
    let at = 0;
    while (at < bytes.length) {
      const start = bytes.indexOf(HEADER, at);
      if (start < 0) {
        this.skipped += bytes.length - at;
        at = bytes.length;
        break;
      }
      this.skipped += start - at;
      at = start;
      const len = bytes[start + 1];
      if (len === undefined) break;
      if (len < MIN_LEN) {
        outputs.push({ kind: 'refused', reason: 'length', bytes: bytes.subarray(start, start + OVERHEAD) });
        this.refused++;
        this.skipped++;
        at = start + 1;
        continue;
      }
      const end = start + len + OVERHEAD;
      if (end > bytes.length) break;
      const candidate = bytes.subarray(start, end);
      if (checkByte(bytes, start, end) === 0) {
        outputs.push({ kind: 'frame', bytes: candidate });
        this.frames++;
        at = end;
      } else {
        outputs.push({ kind: 'refused', reason: 'checksum', bytes: candidate });
        this.refused++;
        this.skipped++;
        at = start + 1;
      }
    }
    this.waiting = Uint8Array.from(bytes.subarray(at));
    return outputs;
  }

  reset(): void {
    if (this.waiting.length > 0) {
      this.skipped += this.waiting.length;
      this.refused++;
    }
    this.waiting = new Uint8Array(0);
  }

  get counters(): FramerCounters {
    return {
      frames: this.frames,
      skippedBytes: this.skipped,
      refused: this.refused,
      bufferedBytes: this.waiting.length,
    };
  }
}

/** The most that can wait: a frame less its last byte. */
export const MAX_WAITING_BYTES = MAX_FRAME_BYTES - 1;

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}
