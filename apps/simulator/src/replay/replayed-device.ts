import { newBootId } from '#libs/kernel';
import { encodeHello, JsonlFramer } from '#hardware-adapters/jsonl';
import { acknowledgedBy, type DeviceProtocol, type Host } from '../wire/index.js';

/** A device on the wire whose words come from a recording. */
export interface ReplayedDevice extends DeviceProtocol {
  /** Whether a gateway listens. */
  readonly ready: boolean;
  /** Lines that nobody has said to be safe. */
  readonly keptLines: number;
  play(bytes: Buffer): void;
}

/** A reader is silent until commanded, a receiver talks to whoever listens; what is said to nobody is gone. */
export class ReplayedStream implements ReplayedDevice {
  readonly keptLines = 0;
  private host: Host | null = null;
  private commanded = false;

  constructor(private readonly waitsForCommand: boolean) {}

  get ready(): boolean {
    return this.host !== null && (this.commanded || !this.waitsForCommand);
  }

  play(bytes: Buffer): void {
    if (this.ready) this.host?.send(bytes);
  }

  onHost(host: Host): void {
    this.host = host;
    this.commanded = false;
  }

  onBytes(host: Host): void {
    if (host === this.host) this.commanded = true;
  }

  onGone(host: Host): void {
    if (this.host === host) this.host = null;
  }
}

/**
 * A camera or lane controller. Its lines are the recording's, its `boot` is drawn anew: under the recorded one a gateway that
 * has heard the recording before takes every line for one that is sent again.
 */
export class ReplayedLines implements ReplayedDevice {
  private host: Host | null = null;
  private boot = newBootId();
  /** Highest number said under this boot. */
  private sequence = 0;
  private readonly kept = new Map<number, Uint8Array>();
  private readonly recorded = new JsonlFramer();
  private heard = new JsonlFramer();

  constructor(private readonly deviceId: string) {}

  get ready(): boolean {
    return this.host !== null;
  }

  get keptLines(): number {
    return this.kept.size;
  }

  /** Recorded pieces may be cut anywhere: a line goes out once it is whole. */
  play(bytes: Buffer): void {
    for (const output of this.recorded.push(bytes)) {
      const line = Buffer.concat([output.bytes, Buffer.from('\n')]);
      const { type, seq } = output.kind === 'frame' ? fieldsOf(output.bytes) : {};
      if (type === 'hello') {
        this.beginNumbering();
        continue;
      }
      if (typeof seq === 'number') {
        this.sequence = Math.max(this.sequence, seq);
        this.kept.set(seq, line);
      }
      this.host?.send(line);
    }
  }

  onHost(host: Host): void {
    this.host = host;
    this.heard = new JsonlFramer();
    host.send(Buffer.concat([encodeHello(this.deviceId, this.boot), ...this.kept.values()]));
  }

  onBytes(host: Host, bytes: Buffer): void {
    if (host !== this.host) return;
    for (const output of this.heard.push(bytes)) {
      const acknowledged = output.kind === 'frame' ? acknowledgedBy(output.bytes) : null;
      if (acknowledged === null) continue;
      for (const sequence of this.kept.keys()) {
        if (sequence <= acknowledged) this.kept.delete(sequence);
      }
    }
  }

  onGone(host: Host): void {
    if (this.host === host) this.host = null;
  }

  /** The recording's first greeting was said when the gateway came; a later one is a device that started again. */
  private beginNumbering(): void {
    if (this.sequence === 0) return;
    this.boot = newBootId();
    this.sequence = 0;
    this.kept.clear();
    this.host?.send(encodeHello(this.deviceId, this.boot));
  }
}

/** Of a line that is no JSON object there is nothing to know; it is played as it is. */
function fieldsOf(line: Uint8Array): { readonly type?: unknown; readonly seq?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
