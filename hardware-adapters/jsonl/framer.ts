import type { Framer, FramerCounters, FramerOutput } from '#libs/telemetry';
import { BOM, CR, LF, MAX_LINE_BYTES } from './definition.js';

/**
 * Cuts at LF; CR before it and a byte-order mark at the head of a line are taken away; empty lines are nothing.
 * A line beyond 64 KiB is refused (`too_long`) once and skipped up to the next LF. Frames are views.
 */
export class JsonlFramer implements Framer {
  private parts: Uint8Array[] = [];
  private buffered = 0;
  /** Inside a line that was refused for its size. */
  private skipping = false;
  private frames = 0;
  private skipped = 0;
  private refused = 0;

  push(chunk: Uint8Array): readonly FramerOutput[] {
    const outputs: FramerOutput[] = [];
    let at = 0;
    while (at < chunk.length) {
      const lf = chunk.indexOf(LF, at);
      const end = lf < 0 ? chunk.length : lf;
      if (this.skipping) {
        this.skipped += end - at;
      } else if (this.buffered + (end - at) >= MAX_LINE_BYTES) {
        outputs.push({ kind: 'refused', reason: 'too_long', bytes: this.take(chunk.subarray(at, end)) });
        this.refused++;
        this.skipped += outputs.at(-1)?.bytes.length ?? 0;
        this.skipping = true;
      } else if (lf < 0) {
        // A copy: the rest of the line may come long after the caller has reused its chunk.
        this.parts.push(Uint8Array.from(chunk.subarray(at)));
        this.buffered += chunk.length - at;
      } else {
        const line = trimmed(this.take(chunk.subarray(at, lf)));
        if (line.length > 0) {
          outputs.push({ kind: 'frame', bytes: line });
          this.frames++;
        }
      }
      if (lf < 0) break;
      this.skipping = false;
      at = lf + 1;
    }
    return outputs;
  }

  reset(): void {
    if (this.buffered > 0) {
      this.refused++;
      this.skipped += this.buffered;
    }
    this.parts = [];
    this.buffered = 0;
    this.skipping = false;
  }

  get counters(): FramerCounters {
    return {
      frames: this.frames,
      skippedBytes: this.skipped,
      refused: this.refused,
      bufferedBytes: this.buffered,
    };
  }

  private take(last: Uint8Array): Uint8Array {
    if (this.parts.length === 0) return last;
    const whole = new Uint8Array(this.buffered + last.length);
    let at = 0;
    for (const part of this.parts) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(last, at);
    this.parts = [];
    this.buffered = 0;
    return whole;
  }
}

function trimmed(line: Uint8Array): Uint8Array {
  const start = BOM.every((byte, i) => line[i] === byte) ? BOM.length : 0;
  let end = line.length;
  while (end > start && line[end - 1] === CR) end--;
  return line.subarray(start, end);
}
