import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, type Logger } from '#libs/kernel';
import { MAX_PAYLOAD_BYTES, type Spool } from '../spool/index.js';

export interface IntakeOptions {
  readonly spool: Pick<Spool, 'append'>;
  readonly log: Logger;
  /** Most bytes of one group, though always one record. */
  readonly groupBytes: number;
  /** Pause before what the disk refused is tried again. */
  readonly retryMs: number;
  /** Told after each group that is on the disk. */
  readonly onStored: () => void;
}

interface Call {
  readonly payloads: readonly Uint8Array[];
  /** Of its payloads, those that are on the disk. */
  stored: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Bytes that wait for the disk before whoever stores should wait too. */
const SLOW_BYTES = 4 * 1024 * 1024;

/**
 * The one way into the spool: what comes first is stored first. While one group is written and synced, the next gathers.
 *
 * A group that the spool refuses stays at the head and is tried again, and all that came later waits behind it. So neither
 * the readings of one device change places nor those of a lane's devices, whoever of them was in the failed group.
 */
export class Intake {
  private readonly calls: Call[] = [];
  private bytes = 0;
  private writing: Promise<void> | null = null;
  private refused = false;
  private stopped = false;

  constructor(private readonly options: IntakeOptions) {}

  /** Bytes that wait for the disk. */
  get waitingBytes(): number {
    return this.bytes;
  }

  /** Whether whoever has more to store should wait: the spool takes nothing now, or more comes than it takes. */
  get mustWait(): boolean {
    return this.refused || this.bytes > SLOW_BYTES;
  }

  /**
   * Resolves when all of it is on the disk, however long the disk or the bound takes.
   * @throws DomainError UNAVAILABLE when it is stopped before, and LIMIT_EXCEEDED for a payload that the spool never takes
   */
  put(payloads: readonly Uint8Array[]): Promise<void> {
    if (this.stopped) return Promise.reject(stopping());
    if (payloads.length === 0) return Promise.resolve();
    const longest = Math.max(...payloads.map(({ length }) => length));
    if (longest > MAX_PAYLOAD_BYTES) {
      const expected = `≤ ${MAX_PAYLOAD_BYTES} bytes`;
      return Promise.reject(new DomainError('LIMIT_EXCEEDED', { field: 'payload', value: longest, expected }));
    }
    return new Promise((resolve, reject) => {
      this.calls.push({ payloads, stored: 0, resolve, reject });
      this.bytes += sizeOf(payloads);
      this.writing ??= this.write();
    });
  }

  /** Waits for what the disk still takes; from its next refusal on everything is refused. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.writing;
  }

  private async write(): Promise<void> {
    while (this.calls.length > 0) {
      // What comes in the same turn belongs to one group.
      await Promise.resolve();
      const group = this.nextGroup();
      try {
        await this.options.spool.append(...group);
        this.refused = false;
        this.onStored(group);
      } catch (error) {
        if (this.stopped) this.refuseAll(stopping());
        else if (error instanceof DomainError && error.retryable) await this.hold(error);
        else this.refuseAll(error);
      }
    }
    this.writing = null;
  }

  private nextGroup(): Uint8Array[] {
    const group: Uint8Array[] = [];
    let bytes = 0;
    for (const { payloads, stored } of this.calls) {
      for (const payload of payloads.slice(stored)) {
        bytes += payload.length;
        if (group.length > 0 && bytes > this.options.groupBytes) return group;
        group.push(payload);
      }
    }
    return group;
  }

  private onStored(group: readonly Uint8Array[]): void {
    this.bytes -= sizeOf(group);
    let left = group.length;
    for (let call = this.calls[0]; call !== undefined && left > 0; call = this.calls[0]) {
      const taken = Math.min(left, call.payloads.length - call.stored);
      call.stored += taken;
      left -= taken;
      if (call.stored < call.payloads.length) break;
      this.calls.shift();
      call.resolve();
    }
    this.options.onStored();
  }

  private async hold({ code, details }: DomainError): Promise<void> {
    if (!this.refused)
      this.options.log.warn({ code, details }, 'the spool takes nothing now; devices are told to wait');
    this.refused = true;
    await pause(this.options.retryMs);
  }

  private refuseAll(error: unknown): void {
    this.bytes = 0;
    for (const call of this.calls.splice(0)) call.reject(error);
  }
}

function sizeOf(payloads: readonly Uint8Array[]): number {
  return payloads.reduce((sum, { length }) => sum + length, 0);
}

function stopping(): DomainError {
  return new DomainError('UNAVAILABLE', {}, { message: 'The gateway is stopping.' });
}
