import type { Clock } from '#libs/kernel';
import {
  createSimulatedReader,
  INVENTORY_ROUND_MS,
  type FieldTag,
  type SimulatedReader,
} from '#hardware-adapters/r2000';
import { answers } from '../world/index.js';
import type { DeviceProtocol, Host } from './device-server.js';

/** Place of the command byte in an answer frame, and the command that takes time in the air. */
const COMMAND_AT = 3;
const INVENTORY = 0x89;
/** A reader's own thinking before a status, in ms. */
const STATUS_MS = 1;
/** Answers that wait for the air; a host that commands without listening gets no more. */
const MAX_WAITING = 64;

/**
 * A UHF reader of the 0xA0 family: says nothing until it is commanded, answers one command after the other, and needs the
 * time of a round for each inventory. `field` is what its antennas could hear at the moment of the command.
 */
export class ReaderDevice implements DeviceProtocol {
  private reader: SimulatedReader;
  private waiting: { readonly frames: readonly Uint8Array[]; readonly ms: number }[] = [];
  private timer: NodeJS.Timeout | null = null;
  private host: Host | null = null;

  constructor(
    private readonly field: () => readonly FieldTag[],
    private readonly antennas: readonly number[],
    private readonly clock: Clock,
    private readonly speed = 1,
  ) {
    this.reader = this.restarted();
  }

  onHost(host: Host): void {
    this.host = host;
    this.reader = this.restarted();
    this.drop();
  }

  onBytes(host: Host, bytes: Buffer): void {
    const now = this.clock.now();
    const heard = this.field().filter((tag) => answers(tag, now, this.speed));
    const frames = this.reader.answer(bytes, heard);
    if (frames.length === 0 || this.waiting.length >= MAX_WAITING) return;
    const isInventory = frames.some((frame) => frame[COMMAND_AT] === INVENTORY);
    this.waiting.push({ frames, ms: isInventory ? INVENTORY_ROUND_MS : STATUS_MS });
    if (this.timer === null) this.next(host);
  }

  /** The host before the present one is told to be gone only after that one has come. */
  onGone(host: Host): void {
    if (this.host === host) this.drop();
  }

  private next(host: Host): void {
    const answer = this.waiting[0];
    this.timer =
      answer === undefined
        ? null
        : setTimeout(() => {
            this.waiting.shift();
            host.send(
              answer.frames.length === 1 ? (answer.frames[0] ?? Buffer.alloc(0)) : Buffer.concat(answer.frames),
            );
            this.next(host);
          }, answer.ms);
  }

  private drop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
  }

  private restarted(): SimulatedReader {
    return createSimulatedReader({ address: 1, antennas: this.antennas });
  }
}
