import type { UplinkItem } from '#libs/lane';

/** What the uplink holds in memory at most; behind it the pipeline waits and the spool grows. */
export const QUEUE_MAX_ITEMS = 20_000;
export const QUEUE_MAX_BYTES = 32 * 1024 * 1024;

interface QueuedItem {
  item: UplinkItem;
  bytes: number;
  readonly since: number;
}

/** Items that the service has not committed, in order without a gap. */
export class ItemQueue {
  private items: QueuedItem[] = [];
  private bytes = 0;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly maxItems = QUEUE_MAX_ITEMS,
    private readonly maxBytes = QUEUE_MAX_BYTES,
  ) {}

  get length(): number {
    return this.items.length;
  }

  get hasRoom(): boolean {
    return this.items.length < this.maxItems && this.bytes < this.maxBytes;
  }

  /** When the oldest item came, epoch ms; null when there is none. */
  get oldestSince(): number | null {
    return this.items[0]?.since ?? null;
  }

  /** Number of the first item; null when there is none. */
  get first(): number | null {
    return this.items[0]?.item.sequence ?? null;
  }

  get last(): number | null {
    return this.items.at(-1)?.item.sequence ?? null;
  }

  whenRoom(): Promise<void> {
    if (this.hasRoom) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  push(items: readonly UplinkItem[], now: number): void {
    for (const item of items) {
      const bytes = Buffer.byteLength(JSON.stringify(item));
      this.items.push({ item, bytes, since: now });
      this.bytes += bytes;
    }
  }

  /** The first items, at most so many and so many bytes, but always one if there is one. */
  head(maxItems: number, maxBytes: number): UplinkItem[] {
    const head: UplinkItem[] = [];
    let bytes = 0;
    for (const queued of this.items) {
      bytes += queued.bytes + 1;
      if (head.length === maxItems || (head.length > 0 && bytes > maxBytes)) break;
      head.push(queued.item);
    }
    return head;
  }

  /** Another item in the first one's place, under its number. */
  replaceFirst(item: UplinkItem): void {
    const first = this.items[0];
    if (first === undefined) return;
    const bytes = Buffer.byteLength(JSON.stringify(item));
    this.bytes += bytes - first.bytes;
    first.item = item;
    first.bytes = bytes;
  }

  /** Drops everything up to this number. */
  drop(upTo: number): void {
    const kept = this.items.findIndex((queued) => queued.item.sequence > upTo);
    const dropped = this.items.splice(0, kept === -1 ? this.items.length : kept);
    for (const queued of dropped) this.bytes -= queued.bytes;
    if (!this.hasRoom) return;
    for (const go of this.waiting.splice(0)) go();
  }
}
