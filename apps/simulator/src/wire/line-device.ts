import { newBootId, type Clock } from '#libs/kernel';
import { encodeHello, encodeReading, JsonlFramer } from '#hardware-adapters/jsonl';
import type { LineBody } from '../world/index.js';
import type { DeviceProtocol, Host } from './device-server.js';

/** Lines that a device remembers while nobody says "have it": hours of a lane. The oldest give way, and are counted. */
export const MAX_KEPT_LINES = 4_096;

/**
 * A camera or lane controller on JSON lines. It numbers what it says from 1 in one numbering (`boot`) for as long as it
 * runs, keeps a line until it is acknowledged, and says all that it keeps again to whoever connects.
 */
export class LineDevice implements DeviceProtocol {
  readonly boot = newBootId();
  forgotten = 0;
  private host: Host | null = null;
  private sequence = 0;
  /** Sequence → line, in order. */
  private readonly kept = new Map<number, Uint8Array>();
  private framer = new JsonlFramer();

  constructor(
    private readonly deviceId: string,
    private readonly clock: Clock,
  ) {}

  say(body: LineBody): void {
    this.sequence += 1;
    const line = encodeReading(this.sequence, this.clock.now(), body);
    this.kept.set(this.sequence, line);
    if (this.kept.size > MAX_KEPT_LINES) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
      this.forgotten += 1;
    }
    this.host?.send(line);
  }

  get keptLines(): number {
    return this.kept.size;
  }

  onHost(host: Host): void {
    this.host = host;
    this.framer = new JsonlFramer();
    host.send(Buffer.concat([encodeHello(this.deviceId, this.boot), ...this.kept.values()]));
  }

  onBytes(host: Host, bytes: Buffer): void {
    if (host !== this.host) return;
    for (const output of this.framer.push(bytes)) {
      const acknowledged = output.kind === 'frame' ? acknowledgedBy(output.bytes) : null;
      if (acknowledged === null) continue;
      for (const sequence of this.kept.keys()) {
        if (sequence > acknowledged) break;
        this.kept.delete(sequence);
      }
    }
  }

  onGone(host: Host): void {
    if (this.host === host) this.host = null;
  }
}

/** The number of `{"ack":n}`; null for any other line, which a device passes over. */
export function acknowledgedBy(line: Uint8Array): number | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString('utf8'));
    if (typeof value !== 'object' || value === null || !('ack' in value)) return null;
    return typeof value.ack === 'number' ? value.ack : null;
  } catch {
    return null;
  }
}
